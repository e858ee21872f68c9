/** Edits of a catalog against the server: the edited catalog is the one that is read after the statement. */
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dependentsOfColumn, describeDependent, goesWithColumn } from '../../src/catalog/dependents.ts';
import { describeDifference, diffCatalogs } from '../../src/catalog/diff.ts';
import {
  dropColumn,
  dropConstraint,
  dropIndex,
  dropPolicy,
  dropStatistics,
  dropTable,
  dropTrigger,
} from '../../src/catalog/edit.ts';
import type { Catalog, QualifiedName } from '../../src/catalog/model.ts';
import {
  renameConstraint,
  renameIndex,
  renameSequence,
  renameTable,
  renameTrigger,
  renameView,
} from '../../src/catalog/rename.ts';
import { mapArray, mapValues } from '../../src/catalog/sharing.ts';
import { introspect } from '../../src/run/introspect.ts';
import { emit, emitExpression } from '../../src/sql/emit.ts';
import { loadParser, parseExpression, parseStatements } from '../../src/sql/parse.ts';
import { createTestDatabase, serverVersion, type TestDatabase } from '../support/server.ts';

const version = serverVersion();

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  await loadParser();
  database = await createTestDatabase();
  client = await database.connect();
});

afterAll(() => database.drop());

// One database for all: what a test does, it does in a transaction that is rolled back.
beforeEach(() => client.query('begin'));
afterEach(() => client.query('rollback'));

function named(name: string, schema = 'public'): QualifiedName {
  return { schema, name };
}

const schema = `
create schema other;
create function f() returns trigger language plpgsql as 'begin return new; end';
create table parents (id bigint generated always as identity primary key, code text unique, extra text);
create table t (
  id serial primary key, a integer, b integer, c integer, d text not null, parent bigint references parents,
  parent_code text constraint by_code references parents (code) on delete set null,
  constraint ab unique (a, b) include (c), check (b < c), exclude using gist (int4range(a, b) with &&)
);
create index t_d on t (lower(d)) where a > 0;
create index t_c on t (c desc) include (b);
create statistics t_s on a, c from t;
create trigger watch before update of d on t for each row when (new.a > 0) execute function f();
create policy p on t using (b > 0);
create view v as select id, d from t;
create materialized view m as select a from t;
create index m_a on m (a);
create table items (id integer, t integer references t, unique (id, t));
create publication pub for table t, items;
create table events (at date not null, n integer, note text) partition by range (at);
create table events_1 partition of events for values from ('2024-01-01') to ('2025-01-01');
create index events_n on events (n);
alter table events add check (n > 0);
create trigger watch before insert on events for each row execute function f();
create table serials (id serial, x integer);
create table base (x integer, y integer);
create table derived (z integer) inherits (base);
`;

type Case = readonly [statement: string, edit: (catalog: Catalog) => Catalog];

const cases: readonly Case[] = [
  ['alter table t drop column c', (c) => dropColumn(c, named('t'), 'c')],
  ['alter table t drop column parent_code', (c) => dropColumn(c, named('t'), 'parent_code')],
  ['alter table parents drop column extra', (c) => dropColumn(c, named('parents'), 'extra')],
  ['alter table events drop column n', (c) => dropColumn(c, named('events'), 'n')],
  ['alter table base drop column x', (c) => dropColumn(c, named('base'), 'x')],
  ['alter table items drop column t', (c) => dropColumn(c, named('items'), 't')],
  ['alter table serials drop column id', (c) => dropColumn(c, named('serials'), 'id')],
  ['alter table t drop constraint t_check', (c) => dropConstraint(c, named('t'), 't_check')],
  ['alter table t drop constraint ab', (c) => dropConstraint(c, named('t'), 'ab')],
  ['alter table t drop constraint by_code', (c) => dropConstraint(c, named('t'), 'by_code')],
  ['drop index t_d', (c) => dropIndex(c, named('t_d'))],
  ['drop index m_a', (c) => dropIndex(c, named('m_a'))],
  ['drop statistics t_s', (c) => dropStatistics(c, named('t_s'))],
  ['drop trigger watch on t', (c) => dropTrigger(c, named('t'), 'watch')],
  ['drop policy p on t', (c) => dropPolicy(c, named('t'), 'p')],
  ['drop table items', (c) => dropTable(c, named('items'))],
  ['drop table events', (c) => dropTable(c, named('events'))],
  ['alter table t rename to "T 2"', (c) => renameTable(c, named('t'), named('T 2'))],
  ['alter table t set schema other', (c) => renameTable(c, named('t'), named('t', 'other'))],
  ['alter table parents rename to elders', (c) => renameTable(c, named('parents'), named('elders'))],
  ['alter table parents set schema other', (c) => renameTable(c, named('parents'), named('parents', 'other'))],
  ['alter table events rename to happenings', (c) => renameTable(c, named('events'), named('happenings'))],
  ['alter table events set schema other', (c) => renameTable(c, named('events'), named('events', 'other'))],
  ['alter table base rename to basis', (c) => renameTable(c, named('base'), named('basis'))],
  ['alter view v rename to w', (c) => renameView(c, named('v'), named('w'))],
  ['alter materialized view m rename to n', (c) => renameView(c, named('m'), named('n'))],
  ['alter materialized view m set schema other', (c) => renameView(c, named('m'), named('m', 'other'))],
  ['alter sequence t_id_seq rename to tickets', (c) => renameSequence(c, named('t_id_seq'), named('tickets'))],
  ['alter sequence parents_id_seq rename to "Seq"', (c) => renameSequence(c, named('parents_id_seq'), named('Seq'))],
  ['alter index t_d rename to "T d"', (c) => renameIndex(c, named('t_d'), 'T d')],
  ['alter index t_pkey rename to key', (c) => renameIndex(c, named('t_pkey'), 'key')],
  ['alter index m_a rename to m_b', (c) => renameIndex(c, named('m_a'), 'm_b')],
  ['alter table t rename constraint ab to ba', (c) => renameConstraint(c, named('t'), 'ab', 'ba')],
  ['alter table t rename constraint by_code to code', (c) => renameConstraint(c, named('t'), 'by_code', 'code')],
  ['alter trigger watch on t rename to look', (c) => renameTrigger(c, named('t'), 'watch', 'look')],
];

test.each(cases)('%s', async (statement, edit) => {
  await client.query(schema);
  const before = await introspect(client);
  await client.query(statement);
  const after = await introspect(client);
  expect(edit(before)).not.toBe(before);
  const found = diffCatalogs(inOneSpelling(after), inOneSpelling(edit(before)), {
    // The texts of queries are left alone on purpose; so is what they are about, which only the server can say.
    except: ({ path }) => /^view .* definition$/.test(path),
  });
  expect(found.map(describeDifference)).toEqual([]);
});

/** The server's spelling and the emitter's differ in blanks and parentheses: what is compared is what they mean. */
function inOneSpelling(catalog: Catalog): Catalog {
  const statement = (text: string): string =>
    parseStatements(text)
      .map(({ node }) => emit(node))
      .join();
  const expression = (text: string | null): string | null =>
    text === null ? null : emitExpression(parseExpression(text));
  const spelled = <T extends { readonly definition: string }>(items: readonly T[]): readonly T[] =>
    mapArray(items, (item) => ({ ...item, definition: statement(item.definition) }));
  return {
    ...catalog,
    tables: mapValues(catalog.tables, (table) => ({
      ...table,
      columns: mapArray(table.columns, (column) => ({ ...column, default: expression(column.default) })),
      constraints: mapArray(table.constraints, (constraint) => ({
        ...constraint,
        definition: statement(`ALTER TABLE t ADD ${constraint.definition}`),
      })),
      indexes: spelled(table.indexes),
      triggers: spelled(table.triggers),
      statistics: spelled(table.statistics),
    })),
    views: mapValues(catalog.views, (view) => ({ ...view, indexes: spelled(view.indexes) })),
  };
}

type Dependence = { readonly sql: string; readonly found: readonly string[]; readonly since?: number };

/** What hangs on column c of a table t (a integer, b integer, c integer), which has a trigger function f. */
const dependences: Readonly<Record<string, Dependence>> = {
  'an index on it': { sql: 'create index i on t (c)', found: ['index i'] },
  'an index that includes it': { sql: 'create index i on t (a) include (c)', found: ['index i'] },
  'an index over an expression': { sql: 'create index i on t ((c + 1))', found: ['index i'] },
  'an index with a predicate': { sql: 'create index i on t (a) where c > 0', found: ['index i'] },
  'an index over whole rows': {
    sql: 'create function w(t) returns integer language sql immutable as $$select 1$$; create index i on t (w(t))',
    found: [],
  },
  'a check': { sql: 'alter table t add constraint k check (c > 0)', found: ['constraint k'] },
  'a check of two columns': { sql: 'alter table t add constraint k check (c > a)', found: ['constraint k'] },
  'a unique constraint of two columns': {
    sql: 'alter table t add constraint k unique (a, c)',
    found: ['constraint k'],
  },
  'a unique constraint that includes it': {
    sql: 'alter table t add constraint k unique (a) include (c)',
    found: ['constraint k'],
  },
  'a primary key': { sql: 'alter table t add constraint k primary key (c)', found: ['constraint k'] },
  'an exclusion constraint over an expression': {
    sql: 'alter table t add constraint k exclude using gist (int4range(a, c) with &&)',
    found: ['exclusion constraint k'],
  },
  'an exclusion constraint over other rows': {
    sql: 'alter table t add constraint k exclude using gist (int4range(a, b) with &&) where (c > 0)',
    found: ['exclusion constraint k'],
  },
  'an exclusion constraint on it': {
    sql: 'alter table t alter column c type int4range using null, add constraint k exclude using gist (c with &&)',
    found: ['constraint k'],
  },
  'its own foreign key': {
    sql: 'create table o (id integer primary key); alter table t add constraint k foreign key (c) references o',
    found: ['constraint k'],
  },
  "another table's foreign key": {
    sql: 'alter table t add constraint k unique (c, a); create table o (x integer, y integer, constraint ok foreign key (x, y) references t (c, a))',
    found: ['constraint k', 'foreign key ok of o'],
  },
  statistics: { sql: 'create statistics s on a, c from t', found: ['statistics s'] },
  'statistics of an expression': { sql: 'create statistics s on (c + a), b from t', found: ['statistics s'] },
  'a generated column': {
    sql: 'alter table t add g integer generated always as (c + 1) stored',
    found: ['generated column g'],
    since: 15, // Postgres 14 drops the generated column without a word: no test of ours wants to see that
  },
  'a trigger on updates of it': {
    sql: 'create trigger tr before update of c on t for each row execute function f()',
    found: ['trigger tr'],
  },
  'a trigger with a condition': {
    sql: 'create trigger tr before update on t for each row when (new.c > 0) execute function f()',
    found: ['trigger tr'],
  },
  'a trigger that compares whole rows': {
    sql: 'create trigger tr before update on t for each row when (new.* is distinct from old.*) execute function f()',
    found: [],
  },
  'a policy': { sql: 'create policy p on t using (c > 0)', found: ['policy p'] },
  "another table's policy": {
    sql: 'create table o (x integer); create policy p on o using (exists (select from t where t.c = x))',
    found: ['policy p of o'],
  },
  'a view': { sql: 'create view v as select a from t where c > 0', found: ['view v'] },
  'a view that counts': { sql: 'create view v as select count(*) from t', found: [] },
  'a view of whole rows': { sql: 'create view v as select t from t', found: [] },
  'a materialized view': { sql: 'create materialized view v as select c from t', found: ['materialized view v'] },
  'a rule': { sql: 'create rule r as on delete to t where old.c = 1 do instead nothing', found: ['rule r'] },
  'a function in standard SQL': {
    sql: 'create function g() returns integer begin atomic select c from t; end',
    found: ['function g'],
  },
  'a function in a string': { sql: `create function g() returns integer language sql as 'select c from t'`, found: [] },
  'a publication of some columns': {
    sql: 'create publication p for table t (a, c)',
    found: ['publication p'],
    since: 15,
  },
  'a publication of some rows': {
    sql: `create publication p for table t where (c > 0) with (publish = 'insert')`,
    found: ['publication p'],
    since: 15,
  },
  'a sequence': { sql: 'create sequence s owned by t.c', found: ['sequence s'] },
  'a partition key': {
    sql: 'drop table t; create table t (a integer, c integer) partition by range ((c + 1))',
    found: ['partition key RANGE (((c + 1)))'],
  },
};

const known = Object.entries(dependences).filter(([, { since = 0 }]) => version >= since);

test.each(known)(
  '%s is found, and the server refuses to drop the column just where that is said',
  async (_name, one) => {
    await client.query(`create table t (a integer, b integer, c integer);
    create function f() returns trigger language plpgsql as 'begin return new; end'; ${one.sql}`);
    const catalog = await introspect(client);
    const found = dependentsOfColumn(catalog, named('t'), 'c');
    expect(found.map(describeDependent)).toEqual(one.found);
    const drop = client.query('alter table t drop column c').then(
      () => 'dropped',
      () => 'refused',
    );
    expect(await drop).toBe(found.every(({ kind }) => goesWithColumn.has(kind)) ? 'dropped' : 'refused');
  },
);
