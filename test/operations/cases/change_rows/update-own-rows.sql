-- What a row becomes depends on other rows of the same table: one statement.
-- given
create table users (id bigint primary key, team_id bigint not null, rank int);
insert into users select n, n % 10, null from generate_series(1, 200) as n;
-- change
update users set rank = (select count(*) from users as other where other.team_id = users.team_id and other.id <= users.id);
