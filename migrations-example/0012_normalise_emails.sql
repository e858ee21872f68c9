-- As it stands: one transaction keeps every customer's row locked until it ends.
UPDATE customers SET email = lower(email) WHERE email <> lower(email);
