/** How introspection behaves: under any session, role and traffic, what is part of a schema, and that nothing is lost. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { resolveTable } from '../../src/catalog/lookup.ts';
import { functionKey, objectKey } from '../../src/catalog/model.ts';
import type { Catalog } from '../../src/catalog/model.ts';
import { introspect } from '../../src/run/introspect.ts';
import { withDatabase } from '../support/server.ts';
import { differences, tableOf, version, withRichSchema, withSchema } from './introspect/reading.ts';
import { dropEverything, makeEverything } from './introspect/recreate.ts';

test('the same schema reads the same under any settings, and the settings are afterwards as they were', async () => {
  await withRichSchema(async (client, catalog) => {
    await client.query(`
      set search_path = shop, public; set datestyle = 'German'; set timezone = 'Asia/Kathmandu';
      set intervalstyle = 'sql_standard'; set bytea_output = 'escape'; set quote_all_identifiers = on;
      set standard_conforming_strings = off; set extra_float_digits = -5`);
    const settings = `select name, setting from pg_settings where source = 'session' order by name`;
    const before = (await client.query(settings)).rows;
    const again = await introspect(client);
    expect(differences(catalog, again)).toEqual([]);
    expect(again.searchPath).toEqual(['shop', 'public']);
    expect((await client.query(settings)).rows).toEqual(before);
  });
});

test("inside the caller's transaction it sees the transaction's own changes and leaves it open and unchanged", async () => {
  await withRichSchema(async (client) => {
    await client.query('begin');
    await client.query('create table shop.fresh (id integer primary key)');
    await client.query(`set local search_path = shop`);
    await client.query(`set local lock_timeout = '7s'`);
    const catalog = await introspect(client);
    expect(resolveTable(catalog, { name: 'fresh' })).not.toBeNull();
    const { rows } = await client.query(
      `select current_setting('search_path') as path, current_setting('lock_timeout') as timeout,
         to_regclass('fresh') is not null as there, (select count(*)::int from pg_locks
           where pid = pg_backend_pid() and relation = 'shop.customers'::regclass) as locks`,
    );
    expect(rows).toEqual([{ path: 'shop', timeout: '7s', there: true, locks: 0 }]);
    await client.query('rollback');
    expect(resolveTable(await introspect(client), { schema: 'shop', name: 'fresh' })).toBeNull();
  });
});

test('outside of a transaction it leaves none behind; in one that has failed it says so', async () => {
  await withSchema('create table t (a integer)', async (_catalog, client) => {
    const state = `select current_setting('onward.in_transaction', true) as probe, state
      from pg_stat_activity where pid = pg_backend_pid()`;
    await client.query(`set onward_test.nothing = 'x'`);
    await introspect(client);
    await client.query(`set local onward_test.nothing = 'y'`); // a warning outside of a transaction, and no effect
    const { rows } = await client.query(`select current_setting('onward_test.nothing') as value`);
    expect(rows).toEqual([{ value: 'x' }]);
    expect((await client.query(state)).rows).toEqual([{ probe: '', state: 'active' }]);
    await client.query('begin');
    await client.query('select 1 / 0').catch(() => undefined);
    await expect(introspect(client)).rejects.toMatchObject({ code: '25P02' });
    await client.query('rollback');
    expect((await introspect(client)).tables.size).toBe(1);
  });
});

test('an ordinary role without any privilege reads the same', async () => {
  await withRichSchema(async (client, catalog) => {
    const role = `reader_${randomBytes(8).toString('hex')}`;
    await client.query(`create role ${role}`);
    try {
      await client.query(`set role ${role}`);
      expect(differences(catalog, await introspect(client))).toEqual([]);
    } finally {
      await client.query(`reset role; drop role ${role}`);
    }
  });
});

test('schemas left out, temporary tables and what extensions bring are not part of it', async () => {
  await withSchema(
    `create schema onward; create table onward.steps (id integer);
     create schema private; create table private.secret (id integer); create type private.colour as enum ('red');
     create function private.f() returns integer language sql as 'select 1';
     create extension hstore; create extension citext schema private;
     create temporary table pg_sequences (id integer); create table mine (h hstore, c private.citext)`,
    async (catalog, client) => {
      expect([...catalog.tables.keys()]).toEqual([
        objectKey({ schema: 'private', name: 'secret' }),
        objectKey({ schema: 'public', name: 'mine' }),
      ]);
      expect([...catalog.types.keys()]).toEqual([objectKey({ schema: 'private', name: 'colour' })]);
      expect([...catalog.functions.keys()]).toEqual([functionKey({ schema: 'private', name: 'f' }, '')]);
      expect(catalog.extensions.get('citext')).toEqual({ name: 'citext', schema: 'private' });
      expect(tableOf(catalog, 'mine', 'public').columns.map((column) => column.type)).toEqual([
        'public.hstore',
        'private.citext',
      ]);
      const narrow = await introspect(client, { excludeSchemas: ['private', 'onward'], searchPath: ['app'] });
      expect([...narrow.tables.keys()]).toEqual([objectKey({ schema: 'public', name: 'mine' })]);
      expect(narrow.schemas.has('private')).toBe(false);
      expect(narrow.searchPath).toEqual(['app']);
      expect((await introspect(client, { excludeSchemas: [] })).schemas.has('onward')).toBe(true);
    },
  );
});

test('what a failed concurrent build leaves is not valid', async () => {
  await withSchema('create table t (a integer); insert into t values (1), (1)', async (_catalog, client) => {
    await client.query('create unique index concurrently t_a on t (a)').catch(() => undefined);
    expect(tableOf(await introspect(client), 't', 'public').indexes).toMatchObject([{ name: 't_a', valid: false }]);
  });
});

test('rows are estimated from the size where they were never counted', async () => {
  await withSchema(
    `create table empty (id bigint); create table filled (id bigint, a integer);
     insert into filled select n, n from generate_series(1, 10000) n;
     create table parted (id bigint) partition by range (id);
     create table parted_low partition of parted for values from (0) to (5000) partition by range (id);
     create table parted_low_all partition of parted_low default;
     create table parted_rest partition of parted default;
     insert into parted select n from generate_series(1, 20000) n;`,
    async (catalog, client) => {
      const rows = (from: Catalog, name: string): number => tableOf(from, name, 'public').estimate?.rows ?? -1;
      expect(rows(catalog, 'empty')).toBe(0);
      expect(rows(catalog, 'filled')).toBeGreaterThan(8_000);
      expect(rows(catalog, 'filled')).toBeLessThan(13_000);
      await client.query('analyze');
      const analyzed = await introspect(client);
      expect(rows(analyzed, 'filled')).toBe(10_000);
      expect(rows(analyzed, 'parted_low')).toBe(4_999);
      expect(rows(analyzed, 'parted')).toBe(20_000);
      expect(tableOf(analyzed, 'parted', 'public').estimate?.bytes).toBeGreaterThan(20_000 * 28);
      expect(differences(catalog, analyzed)).toEqual([]);
    },
  );
});

test('the order of columns is no difference, neither in statistics nor in column lists', async () => {
  const rest = (columns: string): string =>
    `create table t (${columns}); create statistics s on b, a from t; create publication p for table t${version >= 15 ? ' (b, a)' : ''}`;
  const expected = await withSchema(rest('a integer, b text'), async (catalog) => catalog);
  await withSchema(rest('b text, gone integer, a integer'), async (_catalog, client) => {
    await client.query('alter table t drop column gone');
    expect(differences(expected, await introspect(client))).toEqual([]);
  });
});

test('everything made again from its own definition, in another database, is the same', async () => {
  await withRichSchema(async (_original, catalog) => {
    await withRichSchema(async (client) => {
      await client.query(dropEverything(catalog));
      const bare = await introspect(client);
      expect(bare.views.size).toBe(0);
      expect([...bare.tables.values()].flatMap((table) => [...table.indexes, ...table.triggers])).toEqual([]);
      expect([...bare.tables.values()].flatMap((table) => table.constraints)).toEqual([]);
      await client.query(makeEverything(catalog));
      expect(differences(catalog, await introspect(client))).toEqual([]);
    });
  });
});

test('other sessions may change the schema meanwhile', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const other = await database.connect();
    await client.query(
      Array.from(
        { length: 30 },
        (_, n) => `create table kept_${n} (id bigint primary key, a text check (a <> ''))`,
      ).join(';'),
    );
    let stopped = false;
    const churn = (async () => {
      for (let n = 0; !stopped; n += 1) {
        await other.query(`
          create table churn (id bigint primary key, a text not null default 'x' check (a <> ''), b integer);
          create index on churn (lower(a)) where b > 0; create view churn_view as select a from churn`);
        await other.query(`alter table churn rename column b to c; alter table churn rename to churned`);
        await other.query(`create function churn_${n}() returns integer language sql as 'select 1'`);
        await other.query(`drop view churn_view; drop table churned; drop function churn_${n}()`);
      }
    })();
    try {
      for (let n = 0; n < 100; n += 1) {
        const catalog = await introspect(client);
        expect([...catalog.tables.values()].filter((table) => table.name.startsWith('kept_'))).toHaveLength(30);
      }
    } finally {
      stopped = true;
      await churn;
    }
  });
});
