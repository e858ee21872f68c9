CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  username varchar(40) NOT NULL,
  legacy_code text,
  created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE customers IS 'People who have bought something, or might.';
