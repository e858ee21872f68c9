-- A type that is created unless it is there: nobody waits for it, and a table of the same migration uses it.
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
-- change
do $$ begin
  create type mood as enum ('good', 'bad');
exception
  when duplicate_object then null;
end $$;
create table days (id bigint primary key, user_id bigint not null, mood mood not null);
do $$ begin
  alter table days add constraint days_user_id_fkey foreign key (user_id) references users (id);
exception
  when duplicate_object then null;
end $$;
