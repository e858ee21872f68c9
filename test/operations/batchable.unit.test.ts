/**
 * The proof obligations of a data statement that is cut into batches, as a table of cases: the statement, and either
 * `batched` or the reason why not. The schema is below; its tables are large unless it says otherwise.
 */
import { beforeAll, expect, test } from 'vitest';
import { emptyCatalog, type Catalog, type Table } from '../../src/catalog/model.ts';
import { applyChange, decodeStatement } from '../../src/operations/index.ts';
import { batchable } from '../../src/operations/pieces/batchable.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';

const schema = `
  create table teams (id bigint primary key, name text not null, plan text, owner_id bigint unique);
  create table users (
    id bigint primary key, team_id bigint references teams, email text, name text, visits int,
    token uuid default gen_random_uuid(), code int default next_code(), lower_email text generated always as (lower(email)) stored
  );
  create table orders (id bigint primary key, user_id bigint references users on delete cascade, amount numeric, at timestamptz);
  create index orders_of_user on orders (user_id);
  create table payments (id bigint primary key, order_id bigint references orders on delete set null);
  create index payments_of_order on payments (order_id);
  create table banned (user_id bigint not null, reason text);
  create table plans (id text primary key, name text not null, price int);
  create table logs (message text);
  create table keyed_by_email (email text primary key, lower_email text generated always as (lower(email)) stored unique not null);
  create table twice (id bigint primary key, other bigint not null unique, n int);
  create table nodes (id bigint primary key, parent_id bigint references nodes, label text);
  create table ranks (id bigint primary key, place int unique deferrable, n int);
  create table events (id bigint, day date, hits int, primary key (id, day)) partition by range (day);
  create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
  create table people (id bigint primary key, age int);
  create table staff (desk text, primary key (id)) inherits (people);
  create table clerks (primary key (id)) inherits (people);
  create table far (id bigint, name text);
  create table audited (id bigint primary key, n int);
  create trigger count_changes after update on audited for each statement execute function log_it();
  create trigger note_row after delete on audited for each row execute function log_it();
  create table ruled (id bigint primary key, n int);
  create table guarded (id bigint primary key, n int);
  create table profiles (user_id bigint primary key, bio text, id serial, at timestamptz default now());
  create table numbered (n int default next_code(), user_id bigint);
  create view active as select id from users;
  create function twice(int) returns int immutable language sql as 'select $1 * 2';
  create function best() returns bigint stable language sql as 'select max(id) from users';
  create function next_code() returns int volatile language sql as 'select 1';
`;

/** Of at most a megabyte. */
const smallTables = ['plans'];

/** What migrations do not tell the catalog. */
const unfolded: Readonly<Record<string, Partial<Table>>> = {
  far: { kind: 'foreign' },
  ruled: { rules: [{ name: 'keep', definition: '', enabled: 'origin', uses: [], comment: null }] },
  guarded: { rowSecurity: { enabled: true, forced: true } },
};

const batched = 'batched';

const cases: readonly (readonly [statement: string, verdict: string])[] = [
  // A row's outcome from the row alone.
  ['update users set visits = visits + 1', batched],
  ['update users as u set name = lower(u.email) where u.name is null', batched],
  ['update users set (name, visits) = (lower(email), 0)', batched],
  ["update users set name = 'x', token = gen_random_uuid() where now() > '2024-01-01'", batched],
  ['update users set token = default', batched],
  ['delete from users where visits = 0', batched],
  ['delete from events where day < current_date', batched],
  ['update people set age = age + 1', batched],
  ['update nowhere set n = 1', 'nowhere is not known as a table'],
  ['update active set id = 1', 'active is not known as a table'],
  ['insert into plans values (1)', 'it is not a statement that reads rows'],

  // A key to walk along, which stays as it is.
  ['delete from logs', 'logs has no primary key or unique not-null key to walk along'],
  ['update users set id = id + 1', 'it changes id, by which the batches would be cut'],
  ['update twice set id = id + 1', batched],
  ['update twice set id = id + 1, other = 0', 'it changes id, by which the batches would be cut'],
  ['update keyed_by_email set email = lower(email)', 'it changes email, by which the batches would be cut'],
  ['update events set hits = 0', batched],
  ["update events set day = '2024-02-02'", 'it changes day, by which the batches would be cut'],
  ['update only people set age = 1', 'ONLY leaves out what is below people'],
  ['delete from only users', batched],
  ['delete from far', 'far is a foreign table'],

  // Functions.
  ['update users set visits = twice(visits)', batched],
  ["update users set visits = nextval('s')", batched],
  ['update users set team_id = best()', 'best() may read or change other rows'],
  ['update users set visits = unheard_of(id)', 'unheard_of() may read or change other rows'],
  ['update users set code = default', 'next_code() may read or change other rows'],
  ["update users set visits = setval('s', id)", 'setval() can give another value each time it is asked'],
  [
    "update users set name = table_to_xml('users', true, true, '')::text",
    'table_to_xml() may read or change other rows',
  ],
  [
    'update users set visits = (select random() from orders where orders.user_id = users.id)',
    'random() can give another value each time it is asked',
  ],

  // What the statement does as a whole.
  ['update audited set n = 1', 'the trigger count_changes fires once for the whole statement'],
  ['delete from audited', batched],
  ['delete from ruled', 'the rule keep on ruled rewrites it'],
  ['delete from guarded', 'row security is forced on guarded'],
  ['delete from users where id in (select id from guarded)', 'row security is forced on guarded'],
  ['update ranks set place = place + 1', 'ranks_place_key is checked when all of its rows are changed'],
  ['update ranks set n = n + 1', batched],
  ['update users set visits = 0 returning id', 'it has a RETURNING list'],
  ['delete from users where current of c', 'WHERE CURRENT OF means the row of a cursor'],
  ["delete from users where ctid = '(0,1)'", 'it reads ctid, which is not a value of the row'],

  // Foreign keys from the table to itself, and what they change along.
  [
    'delete from nodes where label is null',
    'the foreign key nodes_parent_id_fkey ties rows of the table to each other',
  ],
  ['update nodes set label = lower(label)', batched],
  ['update nodes set parent_id = null', batched],
  [
    'delete from users where not exists (select from orders where orders.user_id = users.id)',
    'it reads orders, which the foreign key orders_user_id_fkey changes along with it',
  ],
  [
    'delete from users using payments p where p.id = users.visits',
    'it reads payments, which the foreign key payments_order_id_fkey changes along with it',
  ],

  // Other rows of the same table.
  [
    'delete from users a using users b where a.id > b.id and a.email = b.email',
    'what it does to a row depends on other rows of the same table',
  ],
  [
    'update users set visits = (select max(visits) from users u where u.team_id = users.team_id)',
    'what it does to a row depends on other rows of the same table',
  ],
  [
    'with x as (select id from users limit 10) delete from users where id in (select id from x)',
    'what it does to a row depends on other rows of the same table',
  ],
  [
    'update events_2024 set hits = (select sum(hits) from events e where e.id = events_2024.id)',
    'what it does to a row depends on other rows of the same table',
  ],
  ['delete from users where id in (select id from active)', 'it reads the view active'],
  ['delete from users where id in (select id from unheard)', 'it reads unheard, of which nothing is known'],
  ['update users set name = far.name from far where far.id = users.id', 'it reads the foreign table far'],

  // UPDATE … FROM: at most one row for each.
  ['update users set name = teams.name from teams where teams.id = users.team_id', batched],
  ['update users as u set name = t.name from teams as t where u.team_id = t.id and t.plan is not null', batched],
  ["update users set name = t.name from teams t where t.id = users.team_id and users.email = t.plan || 'x'", batched],
  ['update users set name = t.name from teams t where t.owner_id = users.id', batched],
  ['update users set name = p.name from teams t join plans p on p.id = t.plan where t.id = users.team_id', batched],
  [
    'update users set name = p.name from teams t left join plans p on p.id = t.plan where t.id = users.team_id',
    batched,
  ],
  ['update users set name = p.name from teams t, plans p where t.id = users.team_id and p.id = t.plan', batched],
  ["update users set name = v.name from (values (1, 'a'), (2, 'b')) as v (id, name) where v.id = users.id", batched],
  ["update plans set price = v.price from (values ('a', 1), ('b', 2)) as v (id, price) where v.id = plans.id", batched],
  [
    "update plans set price = v.price from (values ('a', 1), ('a', 2)) as v (id, price) where v.id = plans.id",
    'several rows of v may match one row of plans',
  ],
  [
    'update users set name = orders.amount::text from orders where orders.user_id = users.id',
    'several rows of orders may match one row of users',
  ],
  [
    'update users set name = t.name from teams t where t.name = users.name',
    'several rows of teams may match one row of users',
  ],
  [
    'update users set name = t.name from teams t where t.id > users.team_id',
    'no equality ties the rows of teams to those of users',
  ],
  ['update users set name = t.name from teams t', 'no equality ties the rows of teams to those of users'],
  [
    'update users set name = t.name from teams t where t.id = users.team_id or t.id = 1',
    'no equality ties the rows of teams to those of users',
  ],
  [
    'update users set name = t.name from teams t where t.id = users.visits * 1.5',
    'no equality ties the rows of teams to those of users',
  ],
  [
    'update users set name = p.name from teams t full join plans p on p.id = t.plan where t.id = users.team_id',
    'what it reads from is not understood',
  ],
  [
    'update users set name = t.name from teams t natural join plans where t.id = users.team_id',
    'what it reads from is not understood',
  ],
  [
    'update users set name = q.name from (select id, name from teams where plan is not null) q where q.id = users.team_id',
    batched,
  ],
  [
    'with q as (select id as key, name from teams) update users set name = q.name from q where q.key = users.team_id',
    batched,
  ],
  [
    'with q as (select id, unnest(array[1, 2]) as n from teams) update users set visits = q.n from q where q.id = users.team_id',
    'several rows of q may match one row of users',
  ],

  // DELETE … USING: any number of them.
  [
    'delete from users using banned b where b.user_id = users.id',
    'each batch would read the whole of banned: no index leads from a row to it',
  ],
  ['delete from payments using orders o where o.id = payments.order_id and o.amount = 0', batched],
  ['delete from teams using orders o where o.user_id = teams.owner_id', batched],
  ['delete from users using teams where teams.plan is null', 'no equality ties the rows of teams to those of users'],

  // Sub-queries on other tables.
  ['update users set visits = (select count(*) from orders where orders.user_id = users.id)', batched],
  [
    'update users set visits = (select count(*) from orders where user_id = users.id and amount > (select avg(amount) from orders o where o.user_id = users.id))',
    batched,
  ],
  ['update users set (name, email) = (select t.name, t.plan from teams t where t.id = users.team_id)', batched],
  [
    'update users set (name, email) = (select t.name, t.plan from teams t where t.id = users.team_id limit 1)',
    'its assignments are not one expression for each column',
  ],
  [
    'update users set (visits, name) = (select count(*), max(at)::text from orders where orders.user_id = users.id)',
    batched,
  ],
  ['update teams set plan = (select max(amount)::text from orders where orders.user_id = teams.owner_id)', batched],
  ['delete from orders where not exists (select from users where users.id = orders.user_id)', batched],
  ['delete from orders where user_id in (select id from users where email is null)', batched],
  [
    'delete from orders where user_id not in (select id from users)',
    'each batch would read the whole of users: no index leads from a row to it',
  ],
  [
    'delete from orders where amount = 0 or user_id in (select id from users)',
    'each batch would read the whole of users: no index leads from a row to it',
  ],
  ['delete from teams where plan not in (select id from plans)', batched],
  [
    'delete from teams where owner_id in (select user_id from banned)',
    'each batch would read the whole of banned: no index leads from a row to it',
  ],
  ["update users set name = (select name from plans where id = 'free')", batched],
  ['update users set visits = (select max(price) from plans)', batched],
  ['update users set visits = (select 1)', batched],
  ['update users set visits = visits / (select max(visits) from users)', batched],
  [
    'delete from users where visits < (select avg(visits) from users) or name in (select max(name) from active)',
    'it reads the view active',
  ],
  [
    'with q as (select price from plans) update users set visits = (select max(price) from q)',
    'its sub-query on q gives one value for all of its rows',
  ],
  [
    'update users set (name, visits) = (select name, price from plans where plans.price = 0)',
    'its sub-query on plans gives one value for all of its rows',
  ],
  [
    'update users set visits = (select max(random()) from plans)',
    'random() can give another value each time it is asked',
  ],
  ['update users set visits = (select max(id) from orders group by user_id order by id limit 1)', batched],
  ['insert into profiles (user_id, bio) select id, (select max(bio) from profiles) from users', batched],
  ['delete from users where exists (select from plans)', batched],
  ['delete from orders where user_id in (select id from users for share)', 'it locks rows that it reads'],
  [
    'update users set visits = q.n from (select user_id, count(*) as n from orders group by user_id) q where q.user_id = users.id',
    'each batch would read the whole of q: no index leads from a row to it',
  ],
  [
    'with q as (select id, max(price) as price from plans group by id) update teams set owner_id = q.price from q where q.id = teams.plan',
    batched,
  ],
  [
    'with q as (select max(price) as price from plans) update teams set owner_id = q.price from q',
    'no equality ties the rows of q to those of teams',
  ],
  [
    'with recursive q as (select 1 as n union all select n + 1 from q where n < 9) update users set visits = q.n from q where q.n = users.id',
    'its WITH is recursive',
  ],
  [
    'with gone as (delete from orders returning user_id) update users set visits = 0 where id in (select user_id from gone)',
    'its WITH changes rows too',
  ],

  // INSERT … SELECT.
  ['insert into profiles (user_id) select id from users', batched],
  [
    'insert into profiles (user_id, bio) select u.id, t.name from users u join teams t on t.id = u.team_id where u.visits > 0',
    batched,
  ],
  ['insert into profiles (user_id, bio) select u.id, t.name from teams t join users u on t.id = u.team_id', batched],
  [
    'insert into profiles (user_id, bio) select u.id, t.name from users u left join teams t on t.id = u.team_id',
    batched,
  ],
  ['insert into profiles (user_id) select id, unnest(array[1, 2]) from users', batched],
  ['insert into profiles (user_id) select u.id from users u, unnest(array[1]) as n', batched],
  [
    'insert into profiles (user_id, bio) select id, (select count(*) from orders where orders.user_id = users.id)::text from users',
    batched,
  ],
  ['insert into profiles (user_id) select user_id from orders on conflict do nothing', batched],
  [
    'insert into profiles (user_id, bio) select id, name from users on conflict (user_id) do update set bio = excluded.bio',
    batched,
  ],
  [
    'insert into profiles (user_id, bio) select user_id, amount::text from orders on conflict (user_id) do update set bio = excluded.bio',
    'two rows of orders may meet the same row of the table',
  ],
  [
    'insert into profiles (user_id) select user_id from banned',
    'banned has no primary key or unique not-null key to walk along',
  ],
  ['insert into profiles (user_id) select generate_series(1, 10)', 'it does not read from a table'],
  [
    'insert into profiles (user_id) select distinct team_id from users',
    'a row that it inserts is made of more than one row that it reads',
  ],
  [
    'insert into profiles (user_id) select max(id) from users group by team_id',
    'a row that it inserts is made of more than one row that it reads',
  ],
  [
    'insert into profiles (user_id) select count(*) from users',
    'a row that it inserts is made of more than one row that it reads',
  ],
  [
    'insert into profiles (user_id) select row_number() over () from users',
    'a row that it inserts is made of more than one row that it reads',
  ],
  [
    'insert into profiles (user_id) select id from users limit 10',
    'a row that it inserts is made of more than one row that it reads',
  ],
  [
    'insert into profiles (user_id) select id from users union select id from teams',
    'a row that it inserts is made of more than one row that it reads',
  ],
  [
    'insert into profiles (user_id) select id from users order by visits',
    'ORDER BY decides in which order its rows are numbered',
  ],
  [
    'insert into profiles (user_id) select a.id from users a cross join teams b',
    'several rows of teams can belong to one of users',
  ],
  ['insert into profiles (user_id) select id from active', 'it does not read from a table'],
  ['insert into users (id) select id + 1000 from users', 'it reads users, into which it inserts'],
  [
    'insert into profiles (user_id) select id from users where id not in (select user_id from profiles)',
    'it reads profiles, into which it inserts',
  ],
  [
    'insert into nodes (id, parent_id) select id, team_id from users',
    'the foreign key nodes_parent_id_fkey ties rows of the table to each other',
  ],
  ['insert into nodes (id, label) select id, name from users', batched],
  ['insert into numbered (user_id) select id from users', 'next_code() may read or change other rows'],
  ['insert into numbered (user_id, n) select id, visits from users', batched],
  ['insert into profiles (user_id, bio) select id, users::text from users', 'it reads a row of users as one value'],
  ['insert into profiles (user_id) select id from users returning user_id', 'it has a RETURNING list'],
  [
    'insert into profiles (user_id, bio) select users.id, p.name from users, (select max(name) as name from plans) p',
    'no equality ties the rows of p to those of users',
  ],
  ['insert into events (id, day, hits) select id, at::date, 1 from orders', batched],
  ['insert into orders (id) select id from events', batched],
  ['insert into plans (id, name) select id::text, desk from staff', batched],
  ['insert into plans (id) select id::text from only people', 'ONLY leaves out what is below people'],
];

let catalog: Catalog;

beforeAll(async () => {
  await loadParser();
  const folded = parseStatements(schema).flatMap(decodeStatement).reduce(applyChange, emptyCatalog(18));
  const known = ([key, table]: readonly [string, Table]): readonly [string, Table] => [
    key,
    {
      ...table,
      estimate: smallTables.includes(table.name) ? { rows: 10, bytes: 8192 } : { rows: 1e7, bytes: 1e9 },
      ...unfolded[table.name],
    },
  ];
  catalog = { ...folded, tables: new Map([...folded.tables].map(known)) };
});

test.each(cases)('%s', (statement, expected) => {
  const [parsed] = parseStatements(statement);
  if (parsed === undefined) throw new Error('No statement.');
  const verdict = batchable(parsed.node, catalog);
  expect(verdict.batched ? batched : verdict.reason).toBe(expected);
});

test('no statement stands twice in the table', () => {
  expect(new Set(cases.map(([statement]) => statement)).size).toBe(cases.length);
});
