-- A check may call functions, cast, and look into json.
-- given
create table documents (id bigint primary key, body jsonb not null, title varchar(40), tags text[] not null default '{}');
insert into documents select n, jsonb_build_object('version', n % 5 + 1), 'Title ' || n, array['a', 'b'] from generate_series(1, 200) n;
-- change
alter table documents add constraint documents_shape check ((body ->> 'version')::int between 1 and 9 and length(trim(title)) > 0 and coalesce(array_length(tags, 1), 0) < 10);
