-- Several rows of the other table may match, of which UPDATE takes the one it finds first: one statement.
-- given
create table labels (user_id bigint not null, label text not null);
create table users (id bigint primary key, label text);
insert into labels select n, 'label ' || n from generate_series(1, 200) as n;
insert into users select n, null from generate_series(1, 200) as n;
-- change
update users set label = labels.label from labels where labels.user_id = users.id;
