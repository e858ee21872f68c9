-- Written without CONCURRENTLY: as it stands it blocks every order until the index is built.
CREATE INDEX orders_customer_id ON orders (customer_id);
