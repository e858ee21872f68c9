-- The old version still reads the view.
-- given
create table users (id bigint primary key, email text not null);
insert into users select n, 'user' || n from generate_series(1, 200) as n;
create view emails as select email from users;
create materialized view email_count as select count(*) from users;
-- change
drop view emails;
drop materialized view email_count;
-- old client
select email from emails limit 10;
select count from email_count;
insert into users values (:n, 'old');
-- new client
insert into users values (:n, 'new');
