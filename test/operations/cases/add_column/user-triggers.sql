-- The table has triggers of its own, one of which sorts behind ours.
-- given
create table articles (id bigint primary key, title text not null, edits int not null default 0);
create function clean_title() returns trigger language plpgsql as $$ begin new.title := trim(new.title); return new; end $$;
create trigger "~~~clean_title" before insert or update on articles for each row execute function clean_title();
insert into articles select n, ' Title ' || n || ' ' from generate_series(1, 200) as n;
-- change
-- migrate:using lower(title)
alter table articles add column slug text not null;
-- same as
alter table articles add column slug text;
update articles set slug = lower(title);
alter table articles alter column slug set not null;
