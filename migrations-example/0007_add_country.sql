-- NOT NULL without a default: as it stands it fails on the first row, and breaks every INSERT of the old version.
-- migrate:using 'NL'
ALTER TABLE customers ADD COLUMN country char(2) NOT NULL;
