-- A trigger of the person's own, whose name sorts late, changes the value before it is converted.
-- given
create table samples (id bigint primary key, value integer not null, seen integer not null default 0);
create function double_it() returns trigger language plpgsql as $$ begin new.value := abs(new.value); return new; end $$;
create trigger zz_double before insert or update on samples for each row execute function double_it();
insert into samples select g, -g from generate_series(1, 250) g;
-- change
alter table samples alter column value type numeric(12, 2);
-- old client
insert into samples (id, value) values (100000 + :n, -7);
update samples set value = -9 where id = 1;
