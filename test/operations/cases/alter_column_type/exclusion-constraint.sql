-- The index of an exclusion constraint cannot be built concurrently.
-- expect CANNOT_PLAN
-- given
create table bookings (id bigint primary key, during tsrange not null, exclude using gist (during with &&));
insert into bookings select g, tsrange(timestamp '2024-01-01' + g * interval '1 day', timestamp '2024-01-02' + g * interval '1 day') from generate_series(1, 200) g;
-- change
alter table bookings alter column during type tstzrange using tstzrange(lower(during) at time zone 'UTC', upper(during) at time zone 'UTC');
