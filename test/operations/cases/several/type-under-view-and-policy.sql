-- What Postgres refuses to carry along is dropped above the change of type and made again below it.
-- given
create table people (id bigint primary key, age integer not null);
create view adults as select id, age from people where age >= 18;
create policy grown_up on people using (age >= 0);
create function note() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger on_birthday after update of age on people for each row execute function note();
insert into people select n, n % 90 from generate_series(1, 200) n;
-- change
drop view adults;
drop policy grown_up on people;
drop trigger on_birthday on people;
alter table people alter column age type bigint;
create trigger on_birthday after update of age on people for each row execute function note();
create policy grown_up on people using (age >= 0);
create view adults as select id, age from people where age >= 18;
