-- An exclusion constraint cannot be built concurrently.
-- expect CANNOT_PLAN
-- given
create table bookings (id integer primary key, during daterange);
-- change
alter table bookings add constraint no_overlap exclude using gist (during with &&);
