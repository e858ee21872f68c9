-- As it stands: every running copy of the old version fails at its next statement.
ALTER TABLE customers RENAME COLUMN username TO handle;
