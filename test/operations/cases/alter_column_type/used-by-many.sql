-- Views, policies, triggers, generated columns and filters on the column: each is named, none is dropped.
-- expect CANNOT_PLAN
-- versions 15+
-- given
create table people (id bigint primary key, age integer not null, adult boolean generated always as (age >= 18) stored);
create table visits (id bigint primary key, person bigint);
create view adults as select id, age from people where age >= 18;
alter table people enable row level security;
create policy grown_up on people using (age >= 18);
create policy of_grown_up on visits using (person in (select p.id from people p where p.age > 18));
create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_birthday after update of age on people for each row execute function nothing();
create trigger when_older before update on people for each row when (new.age > old.age) execute function nothing();
create function average_age() returns numeric language sql begin atomic select avg(age) from people; end;
create publication grown_ups for table people (id, age) where (age >= 18);
insert into people (id, age) select g, g % 90 from generate_series(1, 200) g;
-- change
alter table people alter column age type bigint;
