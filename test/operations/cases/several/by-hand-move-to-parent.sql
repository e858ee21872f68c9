-- What every order says of its customer moves to the customer, along the foreign key.
-- given
create table customers (id bigint primary key, name text not null);
create table orders (
  id bigint primary key,
  customer_id bigint not null references customers (id),
  customer_email text
);
create index orders_customer on orders (customer_id);
insert into customers select n, 'Customer ' || n from generate_series(1, 200) as n;
insert into orders select n, (n - 1) % 200 + 1, 'customer' || ((n - 1) % 200 + 1) from generate_series(1, 400) as n;
-- change
-- migrate:expand
ALTER TABLE customers ADD COLUMN email text;

-- What the old version writes into an order is the customer's, and so that of the other orders.
CREATE FUNCTION orders_to_customers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE customers SET email = NEW.customer_email
    WHERE id = NEW.customer_id AND email IS DISTINCT FROM NEW.customer_email;
  RETURN NULL;
END
$$;

-- What the new version writes into a customer.
CREATE FUNCTION customers_to_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE orders SET customer_email = NEW.email
    WHERE customer_id = NEW.id AND customer_email IS DISTINCT FROM NEW.email;
  RETURN NULL;
END
$$;

-- An order of the new version, which leaves the column out. The lock keeps the customer as it is read here.
CREATE FUNCTION email_of_new_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT coalesce(customers.email, (SELECT max(customer_email) FROM orders WHERE customer_id = NEW.customer_id))
    INTO NEW.customer_email FROM customers WHERE id = NEW.customer_id FOR NO KEY UPDATE;
  RETURN NEW;
END
$$;

CREATE TRIGGER email_of_new_order BEFORE INSERT ON orders
  FOR EACH ROW WHEN (NEW.customer_email IS NULL) EXECUTE FUNCTION email_of_new_order();
CREATE TRIGGER orders_to_customers_insert AFTER INSERT ON orders
  FOR EACH ROW WHEN (NEW.customer_email IS NOT NULL) EXECUTE FUNCTION orders_to_customers();
CREATE TRIGGER orders_to_customers_update AFTER UPDATE ON orders
  FOR EACH ROW WHEN (NEW.customer_email IS DISTINCT FROM OLD.customer_email) EXECUTE FUNCTION orders_to_customers();
CREATE TRIGGER customers_to_orders AFTER UPDATE ON customers
  FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email) EXECUTE FUNCTION customers_to_orders();

-- migrate:backfill
UPDATE customers SET email =
    (SELECT customer_email FROM orders WHERE customer_id = customers.id ORDER BY id DESC LIMIT 1)
  WHERE email IS NULL;

-- migrate:contract
BEGIN;
DROP TRIGGER email_of_new_order ON orders;
DROP TRIGGER orders_to_customers_insert ON orders;
DROP TRIGGER orders_to_customers_update ON orders;
DROP TRIGGER customers_to_orders ON customers;
DROP FUNCTION email_of_new_order();
DROP FUNCTION orders_to_customers();
DROP FUNCTION customers_to_orders();
ALTER TABLE orders DROP COLUMN customer_email;
COMMIT;
-- old client
insert into orders (id, customer_id, customer_email) values (100000 + :n, :r, 'ordered' || :n);
update orders set customer_email = 'old' || :n where customer_id = :r;
-- new client
update customers set email = 'new' || :n where id = :r;
insert into orders (id, customer_id) values (200000 + :n, :r);
