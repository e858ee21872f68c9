/**
 * One schema with everything that introspection reads, for each major version what it knows. The names are as hostile as
 * Postgres allows.
 */

/** 63 bytes, most of them in characters of two bytes. */
const longName = `ä${'é'.repeat(30)}x`;

export const hostileNames = [
  'Mixed Case',
  'dot.ted',
  'quo"te',
  "apo'strophe",
  '__proto__',
  'constructor',
  'back\\slash',
  longName,
];

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function richSchema(version: number): string {
  return [base, tables(version), queries, programs, partitions(version), hostile, ...newer(version)].join('\n');
}

const base = `
create schema shop;
comment on schema shop is 'The shop''s own';
create schema "Od.d ""Schema";
create type shop.status as enum ('new', 'paid, or not', 'sent');
comment on type shop.status is 'Where an order stands';
alter type shop.status add value 'lost' before 'sent';
create domain shop.email as text collate "C" default 'nobody@example.com' not null
  constraint has_at check (value like '%@%');
create type shop.money_pair as (amount numeric(12, 2), currency char(3) collate "C");
create type shop.float_range as range (subtype = float8, subtype_diff = float8mi);
create sequence shop.ticket as smallint start 7 increment -3 minvalue -100 maxvalue 100 cache 5 cycle;
comment on sequence shop.ticket is 'Counts down';
create function shop.touch() returns trigger language plpgsql set search_path = pg_catalog as
  $$ begin new.updated_at := now(); return new; end $$;
create function shop.add(a integer, b integer default 1) returns integer language sql immutable parallel safe
  as 'select a + b';
create function shop.add(a text) returns text language sql stable as 'select a';
comment on function shop.add(integer, integer) is 'Adds';
revoke execute on function shop.add(text) from public;
`;

function tables(version: number): string {
  const from15 = version >= 15;
  return `
create table shop.customers (
  id bigint generated always as identity (start with 100 increment by 2) primary key,
  email shop.email unique,
  name varchar(80) collate "C" not null default 'nobody',
  upper_name text generated always as (upper(name)) stored,
  born date default '2000-02-29',
  seen timestamptz default '2024-01-01 00:00:00+02',
  pause interval default '1 day 02:00',
  tags text[] default '{}',
  bytes bytea default '\\xdeadbeef',
  doc jsonb default '{"a": 1}'::jsonb,
  updated_at timestamptz(3)
) with (fillfactor = 70, toast.autovacuum_enabled = false);
comment on table shop.customers is 'People';
comment on column shop.customers.name is 'As on the letter';
alter table shop.customers alter column doc set storage external;
alter table shop.customers alter column name set statistics 500;
alter table shop.customers alter column name set (n_distinct = -0.5);
alter table shop.customers alter column doc set compression pglz;
create table shop.orders (
  id serial,
  customer_id bigint not null,
  status shop.status not null default 'new',
  a integer, b integer, c integer,
  price numeric(10, 2) check (price >= 0),
  during int4range,
  constraint orders_pk primary key (id) include (a),
  constraint orders_customer foreign key (customer_id) references shop.customers
    on delete cascade on update restrict deferrable initially deferred,
  constraint "Span" check (a < b and b < c) no inherit,
  constraint orders_unique unique ${from15 ? 'nulls not distinct ' : ''}(b, a),
  constraint orders_deferred unique (c, id) include (b) deferrable,
  constraint no_overlap exclude using gist (during with &&) where (a > 0)
);
comment on constraint "Span" on shop.orders is 'In order';
create table shop.items (
  order_b integer, order_a integer, line smallint, note text, parent_line smallint,
  primary key (order_a, line),
  constraint items_order foreign key (order_b, order_a) references shop.orders (b, a)
    match full,
  constraint items_parent foreign key (order_a, parent_line) references shop.items
    on delete set null ${from15 ? '(parent_line)' : ''} on update set default
);
alter table shop.items add constraint later check (line > 0) not valid;
alter table shop.items add constraint items_later foreign key (order_a) references shop.orders (id) not valid;
create index items_note on shop.items using btree (note text_pattern_ops desc nulls last, lower(note) collate "C")
  include (line) with (fillfactor = 60) where note is not null and line > 1;
alter index shop.items_note alter column 2 set statistics 300;
comment on index shop.items_note is 'For searching';
create index customers_doc on shop.customers using gin (doc jsonb_path_ops);
create unique index customers_identity on shop.customers (name, id);
alter table shop.customers replica identity using index customers_identity;
alter table shop.customers cluster on customers_identity;
create statistics shop.orders_ab (ndistinct, mcv) on b, a from shop.orders;
create statistics shop.orders_expression on (a + b), c from shop.orders;
alter statistics shop.orders_ab set statistics 77;
comment on statistics shop.orders_ab is 'Both';
create trigger touch before update of name, email on shop.customers for each row
  when (new.name is distinct from old.name) execute function shop.touch('x');
comment on trigger touch on shop.customers is 'Keeps updated_at';
create trigger after_statement after insert on shop.orders
  referencing new table as added for each statement execute function shop.touch();
create constraint trigger checked after insert on shop.orders deferrable initially deferred
  for each row execute function shop.touch();
create trigger gone before truncate on shop.orders execute function shop.touch();
alter table shop.orders disable trigger gone;
alter table shop.orders enable always trigger after_statement;
alter table shop.orders enable row level security;
alter table shop.orders force row level security;
create policy own on shop.orders as restrictive for update to current_user
  using (customer_id = 1 and exists (select from shop.customers c where c.id = customer_id and c.name <> 'x'))
  with check (a is not null);
comment on policy own on shop.orders is 'Own rows only';
create rule quiet as on delete to shop.items where old.line = 0 do instead nothing;
grant select, insert (a, b) on shop.orders to public;
create unlogged table shop.scratch (n integer);
alter table shop.scratch replica identity full;
create table shop.vanishing (n integer, gone integer, left_over text);
alter table shop.vanishing drop column gone;
create table shop.people (name text not null, age integer, constraint grown check (age > 0));
create table shop.staff (salary numeric) inherits (shop.people);
create foreign data wrapper nowhere;
create server far foreign data wrapper nowhere;
create foreign table shop.remote (n integer options (column_name 'm')) server far options (table_name 't');
`;
}

const queries = `
create view shop.open_orders with (security_barrier) as
  select o.id, o.status, c.name as customer from shop.orders o join shop.customers c on c.id = o.customer_id
  where o.status = 'new';
comment on view shop.open_orders is 'To do';
comment on column shop.open_orders.customer is 'Who';
create view shop.plain as select n from shop.scratch with local check option;
alter view shop.plain alter column n set default 5;
grant select on shop.plain to public;
create view shop.stacked as select count(*) as many from shop.open_orders;
create function shop.no_op() returns trigger language plpgsql as 'begin return null; end';
create trigger instead instead of insert on shop.stacked for each row execute function shop.no_op();
create materialized view shop.totals as select customer_id, sum(price) as total from shop.orders group by 1;
create unique index totals_key on shop.totals (customer_id);
comment on materialized view shop.totals is 'Sums';
`;

const programs = `
create procedure shop.tidy(inout n integer, keep boolean default true) language plpgsql as 'begin null; end';
create function shop.order_name(n integer) returns text begin atomic
  select c.name from shop.customers c join shop.orders o on o.customer_id = c.id where o.id = n;
end;
create aggregate shop.total(integer) (sfunc = int4pl, stype = integer, initcond = '0', combinefunc = int4pl,
  parallel = safe);
create function shop.rows_of(variadic names text[], out a integer, out b text) returns setof record
  language sql as 'select 1, ''x''';
`;

function partitions(version: number): string {
  return `
create table shop.events (id bigint, at timestamptz not null, kind text default 'x', amount integer check (amount > 0))
  partition by range (at, (lower(kind)));
create table shop.events_old partition of shop.events
  for values from (minvalue, minvalue) to ('2024-01-01 00:00:00+00', minvalue);
create table shop.events_new (kind text default 'x', id bigint, at timestamptz not null, amount integer,
  constraint events_amount_check check (amount > 0));
alter table shop.events attach partition shop.events_new
  for values from ('2024-01-01 00:00:00+00', minvalue) to (maxvalue, maxvalue);
create table shop.lists (n integer, owner bigint references shop.customers) partition by list (n);
create table shop.lists_1 partition of shop.lists for values in (1, null) partition by hash (owner);
create table shop.lists_1_0 partition of shop.lists_1 for values with (modulus 2, remainder 0);
create table shop.lists_rest partition of shop.lists default;
create index events_id on shop.events (id);
create index events_only on only shop.events (amount);
create trigger on_event before insert on shop.events for each row execute function shop.touch();
create table shop.parts (id integer primary key, x integer) partition by hash (id);
create table shop.parts_0 partition of shop.parts for values with (modulus 1, remainder 0);
create table shop.uses_parts (part integer references shop.parts deferrable);
${version >= 17 ? identityPartitions : ''}
create publication all_changes for all tables with (publish = 'insert, update');
create publication some_changes for table shop.orders, shop.items${version >= 15 ? ' (line, order_a) where (line > 2)' : ''}
  with (publish_via_partition_root = true);
comment on publication some_changes is 'Some';
`;
}

const identityPartitions = `
create table shop.numbered (id bigint generated by default as identity, k integer) partition by list (k);
create table shop.numbered_1 partition of shop.numbered for values in (1);
`;

const hostile = hostileNames
  .map(
    (name) => `
create table ${quote(name)} (${quote(name)} integer not null, other text);
alter table ${quote(name)} add constraint ${quote(`${name.slice(0, 20)} c`)} check (${quote(name)} > 0);
create index ${quote(`${name.slice(0, 20)} i`)} on ${quote(name)} (${quote(name)}, (${quote(name)} + 1));
create view ${quote(`${name.slice(0, 20)} v`)} as select ${quote(name)} from ${quote(name)};
create trigger ${quote(name)} before update of ${quote(name)} on ${quote(name)} for each row
  execute function shop.touch();
comment on column ${quote(name)}.${quote(name)} is 'It''s "odd" \\ and
long';
create type "Od.d ""Schema".${quote(name)} as enum (${quote(name).replaceAll("'", "''").replace(/^"|"$/g, "'")});
create table "Od.d ""Schema".${quote(`${name.slice(0, 20)} t`)} (v "Od.d ""Schema".${quote(name)}[]);
`,
  )
  .join('');

function newer(version: number): readonly string[] {
  const from15 = `
create publication schema_changes for tables in schema shop;
create view shop.invoker with (security_invoker = true) as select id from shop.orders;
`;
  const from18 = `
create table shop.newest (
  n integer constraint n_there not null,
  twice integer generated always as (n * 2) virtual,
  room int4range,
  span int4range,
  constraint newest_key primary key (room, span without overlaps),
  constraint hoped check (n > 0) not enforced
);
comment on constraint n_there on shop.newest is 'Always';
create table shop.later (n integer, m integer);
alter table shop.later add constraint m_there not null m not valid;
alter table shop.later add constraint n_there not null n no inherit;
create table shop.newest_child (room int4range, span int4range,
  foreign key (room, period span) references shop.newest (room, period span));
`;
  return [...(version >= 15 ? [from15] : []), ...(version >= 18 ? [from18] : [])];
}
