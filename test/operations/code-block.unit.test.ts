/** What is known of a block of code before it runs, on a schema that is known. */
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyCatalog, type Catalog } from '../../src/catalog/model.ts';
import {
  applyChange,
  changesInside,
  changesThatRun,
  decodeStatement,
  effectsOf,
  statementsOfBlock,
} from '../../src/operations/index.ts';
import { foldMigrations } from '../../src/plan/planner.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';

const given = `
  create schema shop;
  create type mood as enum ('good', 'bad');
  create table users (id bigint primary key, email text, constraint users_email check (email <> ''));
  create table shop.orders (id bigint primary key, user_id bigint);
  create index orders_user on shop.orders (user_id);
  create function add_phone() returns void language plpgsql as $f$ begin alter table users add phone text; end $f$;
  create function add_any(name text) returns void language plpgsql as $f$ begin execute 'alter table ' || name; end $f$;
  create function drop_all() returns void language sql as $f$ drop table users; $f$`;

let catalog: Catalog;

beforeAll(async () => {
  await loadParser();
  catalog = foldMigrations([{ name: 'given', path: 'given.sql', source: given, checksum: '' }], emptyCatalog(18));
});

function changeOf(sql: string) {
  const [change, ...more] = parseStatements(sql).flatMap(decodeStatement);
  if (change === undefined || more.length > 0) throw new Error('One statement is one change here.');
  return change;
}

function block(body: string): string {
  return `do $$ begin ${body} end $$`;
}

/** What stands in the place of the block: its statements' kinds; null when it has to run itself. */
function opened(body: string): readonly string[] | null {
  return statementsOfBlock(changeOf(block(body)), catalog)?.map(({ kind }) => kind) ?? null;
}

const addPhone = 'alter table users add column phone text;';

describe('a condition that the schema decides', () => {
  const decided: readonly (readonly [string, boolean])[] = [
    ["exists (select from information_schema.columns where table_name = 'users' and column_name = 'email')", true],
    ["exists (select 1 from information_schema.columns where table_schema = 'shop' and table_name = 'users')", false],
    ["exists (select 1 from information_schema.tables where table_schema = 'shop' and table_name = 'orders')", true],
    ["exists (select from pg_type where typname = 'mood')", true],
    ["exists (select from pg_catalog.pg_type where 'humour' = typname)", false],
    ["exists (select 1 from pg_constraint where conname = 'users_email' limit 1)", true],
    ["not exists (select 1 from pg_constraint where conname = 'users_email')", false],
    ["exists (select from information_schema.table_constraints where constraint_name = 'users_email')", true],
    ["exists (select from pg_indexes where schemaname = 'shop' and indexname = 'orders_user')", true],
    [
      "exists (select from pg_type where typname = 'mood') and not exists (select from pg_type where typname = 'x')",
      true,
    ],
    ["exists (select from pg_type where typname = 'x') or exists (select from pg_type where typname = 'mood')", true],
    ["exists (select from pg_type where typname = 'x') and id > 3", false],
  ];
  test.each(decided)('%s', (condition, holds) => {
    expect(opened(`if ${condition} then ${addPhone} end if;`)).toEqual(holds ? ['add_column'] : []);
  });

  test('ELSIF and ELSE', () => {
    const other = "exists (select from pg_type where typname = 'mood')";
    expect(opened(`if not ${other} then ${addPhone} elsif ${other} then drop table users; end if;`)).toEqual([
      'drop_table',
    ]);
    expect(opened(`if not ${other} then ${addPhone} else drop table users; end if;`)).toEqual(['drop_table']);
  });
});

describe('a condition that it does not decide', () => {
  test.each([
    'exists (select from users where email is null)',
    '(select count(*) from users) = 0',
    "exists (select from pg_type t join pg_namespace n on n.oid = t.typnamespace where typname = 'mood')",
    "exists (select from pg_constraint where conname like 'users%')",
    "exists (select from pg_constraint where conname = 'x' and conrelid = 'users'::regclass)",
    "exists (select from pg_class where relname = 'users')",
    "to_regclass('users') is not null",
    "exists (select from other.pg_type where typname = 'mood')",
  ])('%s', (condition) => {
    expect(opened(`if ${condition} then ${addPhone} end if;`)).toBeNull();
  });

  test('on a schema of which nobody knows everything', () => {
    const uncertain = { ...catalog, uncertain: ['DO block: do $$ …'] };
    const body = `if exists (select from pg_type where typname = 'mood') then ${addPhone} end if;`;
    expect(statementsOfBlock(changeOf(block(body)), uncertain)).toBeNull();
  });

  test('where an extension may have brought the object', () => {
    const body = `if not exists (select from pg_type where typname = 'citext') then ${addPhone} end if;`;
    const withExtension = (name: string) => ({ ...catalog, extensions: new Map([[name, { name, schema: 'public' }]]) });
    expect(statementsOfBlock(changeOf(block(body)), withExtension('citext'))).toBeNull();
    expect(statementsOfBlock(changeOf(block(body)), withExtension('pgcrypto'))).toHaveLength(1);
  });
});

describe('EXCEPTION WHEN duplicate …', () => {
  const caught = (statement: string, error = 'duplicate_object', action = 'null;') =>
    `begin ${statement} exception when ${error} then ${action} end;`;

  const there: readonly (readonly [string, string])[] = [
    ["create type mood as enum ('x');", 'duplicate_object'],
    ['alter table users add constraint users_email check (id > 0);', 'duplicate_object'],
    ["alter type mood add value 'bad';", "sqlstate '42710'"],
    ['alter table users add column email text;', 'duplicate_column'],
    ['create index orders_user on shop.orders (id);', 'duplicate_table'],
  ];
  test.each(there)('what is there stays: %s', (statement, error) => {
    expect(opened(caught(statement, error))).toEqual([]);
    expect(opened(caught(statement, 'duplicate_schema'))).toBeNull();
  });

  test('what is not there is made', () => {
    expect(opened(caught("create type humour as enum ('x');"))).toEqual(['create_object']);
    expect(opened(caught('alter table users add constraint k check (id > 0);'))).toEqual(['add_check']);
  });

  test('a block in which one statement fails does nothing', () => {
    expect(opened(caught(`create type humour as enum ('x'); create type mood as enum ('x');`))).toEqual([]);
  });

  test('an error of which nobody knows whether it comes', () => {
    expect(opened(caught(addPhone, 'others'))).toBeNull();
    expect(opened(caught(addPhone, 'duplicate_column', 'drop table users;'))).toBeNull();
    expect(opened(caught('drop table users;', 'undefined_table'))).toBeNull();
    expect(opened(caught('alter table nowhere add column a int;', 'duplicate_column'))).toBeNull();
  });
});

describe('what may mean something else outside the block', () => {
  test.each([
    `do $$ declare n int; begin ${addPhone} end $$`,
    block(`${addPhone} commit;`),
    block(`set local search_path = shop; ${addPhone}`),
  ])('%s', (sql) => {
    expect(statementsOfBlock(changeOf(sql), catalog)).toBeNull();
  });

  test('its statements are known all the same', () => {
    const change = changeOf(`do $$ declare n int; begin ${addPhone} end $$`);
    expect(changesThatRun(change, catalog).map(({ kind }) => kind)).toEqual(['add_column']);
    expect(applyChange(catalog, change).tables.get('["public","users"]')?.columns.at(-1)?.name).toBe('phone');
  });
});

describe('what is visibly unknown', () => {
  const unknown: readonly (readonly [string, string])[] = [
    ["execute format('drop table %I', 'users');", 'EXECUTE'],
    ["for i in 1..3 loop execute 'drop table t' || i; end loop;", 'a loop around it'],
    ['perform nobody_knows();', 'a function that is not there'],
    ["perform add_any('users');", 'a function that puts a statement together'],
    ["perform set_config('search_path', 'shop', false);", 'a setting of the session'],
  ];
  test.each(unknown)('%s (%s)', (body) => {
    const change = changeOf(block(body));
    expect(effectsOf(change, catalog).unknown).toBe(true);
    expect(applyChange(catalog, change).uncertain).toHaveLength(1);
  });

  test('code in another language', () => {
    expect(effectsOf(changeOf("do language plpython3u 'x'"), catalog)).toMatchObject({ unknown: true, locks: [] });
  });
});

describe('what is known', () => {
  const users = { schema: 'public', name: 'users' };

  test.each([
    block("execute 'drop table users';"),
    block('if random() > 0.5 then drop table users; end if;'),
    block('while random() > 0.5 loop drop table users; end loop;'),
    block('perform drop_all();'),
    'select drop_all()',
  ])('the lock of a statement inside: %s', (sql) => {
    const effects = effectsOf(changeOf(sql), catalog);
    expect(effects).toMatchObject({ unknown: false, locks: [{ table: users, mode: 'ACCESS EXCLUSIVE' }] });
    expect(changesInside(changeOf(sql), catalog).map(({ kind }) => kind)).toEqual(['drop_table']);
  });

  test.each([
    'select 1',
    'select count(*) from users',
    block('if exists (select from users where email is null) then raise exception $m$no$m$; end if;'),
    block('perform pg_sleep(0); null; return;'),
  ])('a statement that changes nothing: %s', (sql) => {
    expect(applyChange(catalog, changeOf(sql))).toBe(catalog);
    expect(effectsOf(changeOf(sql), catalog)).toMatchObject({ unknown: false, locks: [] });
  });

  test('a query that deletes is not one that reads', () => {
    const change = changeOf('with gone as (delete from users returning id) select count(*) from gone');
    expect(effectsOf(change, catalog).locks.length > 0 || effectsOf(change, catalog).unknown).toBe(true);
  });
});
