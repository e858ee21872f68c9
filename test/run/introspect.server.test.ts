/** What introspection reads, held against a schema with everything in it, on the server of the run. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { describeDifference, diffCatalogs, fingerprint } from '../../src/catalog/diff.ts';
import { keyForBackfill, resolveTable, tableNamed } from '../../src/catalog/lookup.ts';
import { functionKey, objectKey } from '../../src/catalog/model.ts';
import type { Catalog, Column, Constraint, Index, Table, Trigger, View } from '../../src/catalog/model.ts';
import { introspect } from '../../src/run/introspect.ts';
import { serverVersion, withDatabase } from '../support/server.ts';
import { dropEverything, makeEverything } from './introspect/recreate.ts';
import { hostileNames, richSchema } from './introspect/rich-schema.ts';

const version = serverVersion();

async function withRichSchema<T>(work: (client: pg.Client, catalog: Catalog) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(richSchema(version));
    return work(client, await introspect(client));
  });
}

/** The rich schema as it was read once, for the tests that only look. */
let rich: Catalog;

beforeAll(async () => {
  rich = await withRichSchema(async (_client, catalog) => catalog);
});

async function withSchema<T>(sql: string, work: (catalog: Catalog, client: pg.Client) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(sql);
    return work(await introspect(client), client);
  });
}

function tableOf(catalog: Catalog, name: string, schema = 'shop'): Table {
  const table = tableNamed(catalog, { schema, name });
  if (table === null) throw new Error(`There is no table ${schema}.${name}.`);
  return table;
}

function viewOf(catalog: Catalog, name: string): View {
  const view = catalog.views.get(objectKey({ schema: 'shop', name }));
  if (view === undefined) throw new Error(`There is no view ${name}.`);
  return view;
}

function named<T extends { readonly name: string }>(items: readonly T[], name: string): T {
  const item = items.find((candidate) => candidate.name === name);
  if (item === undefined) throw new Error(`There is no ${name} among ${items.map((i) => i.name).join(', ')}.`);
  return item;
}

/** Empty when the two are the same schema. */
function differences(expected: Catalog, actual: Catalog): readonly string[] {
  const found = diffCatalogs(expected, actual).map(describeDifference);
  const sameFingerprint = fingerprint(expected) === fingerprint(actual);
  return sameFingerprint === (found.length === 0) ? found : [...found, 'the fingerprints say otherwise'];
}

test('a schema with everything in it is read exactly', () => {
  expect(rich.version).toBe(version);
  expect(rich.searchPath).toEqual(['public']);
  expect([...rich.schemas.keys()]).toEqual(['Od.d "Schema', 'public', 'shop']);
  expect(rich.schemas.get('shop')?.comment).toBe("The shop's own");

  const customers = tableOf(rich, 'customers');
  expect(customers).toMatchObject({
    kind: 'table',
    persistence: 'permanent',
    replicaIdentity: 'index',
    options: ['fillfactor=70', 'toast.autovacuum_enabled=false'],
    comment: 'People',
    estimate: { rows: 0 },
  });
  expect(named(customers.columns, 'id')).toMatchObject({
    type: 'bigint',
    default: null,
    notNull: true,
    identity: { kind: 'always', sequence: { schema: 'shop', name: 'customers_id_seq' } },
  } satisfies Partial<Column>);
  expect(named(customers.columns, 'name')).toMatchObject({
    type: 'character varying(80)',
    collation: '"C"',
    default: "'nobody'::character varying",
    statisticsTarget: 500,
    options: ['n_distinct=-0.5'],
    comment: 'As on the letter',
  } satisfies Partial<Column>);
  expect(named(customers.columns, 'upper_name')).toMatchObject({
    default: null,
    generated: { expression: 'upper((name)::text)', kind: 'stored' },
  });
  expect(named(customers.columns, 'email').type).toBe('shop.email');
  expect(named(customers.columns, 'doc')).toMatchObject({ storage: 'external', compression: 'pglz' });
  expect(named(customers.columns, 'seen').default).toBe("'2023-12-31 22:00:00+00'::timestamp with time zone");
  expect(named(customers.columns, 'pause').default).toBe("'1 day 02:00:00'::interval");
  expect(named(customers.columns, 'updated_at').type).toBe('timestamp(3) with time zone');
});

test('constraints keep the order of their columns and their state', () => {
  const orders = tableOf(rich, 'orders');
  expect(named(orders.constraints, 'orders_pk')).toMatchObject({
    kind: 'primary_key',
    columns: ['id'],
    definition: 'PRIMARY KEY (id) INCLUDE (a)',
    index: 'orders_pk',
  } satisfies Partial<Constraint>);
  expect(named(orders.constraints, 'orders_customer')).toMatchObject({
    kind: 'foreign_key',
    columns: ['customer_id'],
    deferrable: true,
    initiallyDeferred: true,
    index: null,
    references: {
      table: { schema: 'shop', name: 'customers' },
      columns: ['id'],
      onDelete: 'cascade',
      onUpdate: 'restrict',
      match: 'simple',
    },
  } satisfies Partial<Constraint>);
  expect(named(orders.constraints, 'Span')).toMatchObject({
    kind: 'check',
    columns: ['a', 'b', 'c'],
    expression: '((a < b) AND (b < c))',
    noInherit: true,
    comment: 'In order',
  } satisfies Partial<Constraint>);
  expect(named(orders.constraints, 'orders_unique').columns).toEqual(['b', 'a']);
  expect(named(orders.indexes, 'orders_unique').nullsNotDistinct).toBe(version >= 15);
  expect(named(orders.constraints, 'orders_deferred')).toMatchObject({ deferrable: true, columns: ['c', 'id'] });
  expect(named(orders.constraints, 'no_overlap')).toMatchObject({
    kind: 'exclusion',
    definition: 'EXCLUDE USING gist (during WITH &&) WHERE ((a > 0))',
  });

  const items = tableOf(rich, 'items');
  expect(named(items.constraints, 'items_order')).toMatchObject({
    columns: ['order_b', 'order_a'],
    references: { columns: ['b', 'a'], match: 'full' },
  });
  expect(named(items.constraints, 'items_parent').definition).toContain(
    version >= 15 ? 'ON DELETE SET NULL (parent_line)' : 'ON DELETE SET NULL',
  );
  expect(named(items.constraints, 'later')).toMatchObject({ validated: false, definition: 'CHECK ((line > 0))' });
  expect(named(items.constraints, 'items_later')).toMatchObject({
    validated: false,
    definition: 'FOREIGN KEY (order_a) REFERENCES shop.orders(id)',
  });
});

test('index keys are read one by one', () => {
  expect(named(tableOf(rich, 'items').indexes, 'items_note')).toMatchObject({
    method: 'btree',
    unique: false,
    keys: [
      {
        column: 'note',
        expression: 'note',
        operatorClass: 'text_pattern_ops',
        collation: null,
        descending: true,
        nullsFirst: false,
      },
      {
        column: null,
        expression: 'lower(note)',
        operatorClass: null,
        collation: '"C"',
        descending: false,
        nullsFirst: false,
      },
    ],
    include: ['line'],
    predicate: '((note IS NOT NULL) AND (line > 1))',
    options: ['fillfactor=60', 'statistics(2)=300'],
    comment: 'For searching',
    valid: true,
  } satisfies Partial<Index>);
  const customers = tableOf(rich, 'customers');
  expect(named(customers.indexes, 'customers_identity')).toMatchObject({ replicaIdentity: true, clustered: true });
  expect(named(customers.indexes, 'customers_doc').keys[0]?.operatorClass).toBe('jsonb_path_ops');
});

test('triggers, rules, policies, statistics and privileges are read', () => {
  expect(named(tableOf(rich, 'customers').triggers, 'touch')).toMatchObject({
    timing: 'before',
    level: 'row',
    events: ['update'],
    updateOf: ['name', 'email'],
    function: { schema: 'shop', name: 'touch' },
    enabled: 'origin',
    inherited: false,
    comment: 'Keeps updated_at',
  } satisfies Partial<Trigger>);
  const orders = tableOf(rich, 'orders');
  expect(orders.triggers.map(({ name, enabled }) => `${name} ${enabled}`)).toEqual([
    'after_statement always',
    'checked origin',
    'gone disabled',
  ]);
  expect(orders.rowSecurity).toEqual({ enabled: true, forced: true });
  expect(named(orders.policies, 'own')).toMatchObject({
    command: 'update',
    permissive: false,
    columns: ['a', 'customer_id'],
    uses: [
      { table: { schema: 'shop', name: 'customers' }, column: 'id' },
      { table: { schema: 'shop', name: 'customers' }, column: 'name' },
    ],
    withCheck: '(a IS NOT NULL)',
  });
  expect(tableOf(rich, 'items').rules).toMatchObject([
    { name: 'quiet', uses: [{ table: { schema: 'shop', name: 'items' }, column: 'line' }] },
  ]);
  expect(named(orders.statistics, 'orders_ab')).toMatchObject({
    columns: ['a', 'b'],
    definition: 'CREATE STATISTICS shop.orders_ab (mcv, ndistinct) ON a, b FROM shop.orders',
    target: 77,
  });
  expect(named(orders.statistics, 'orders_expression').columns).toEqual(['a', 'b', 'c']);
  expect(orders.grants).toContainEqual(expect.stringMatching(/^=r\//));
  expect(named(orders.columns, 'b').grants).toEqual([expect.stringMatching(/^=a\//)]);
  expect(named(orders.columns, 'c').grants).toEqual([]);
});

test('views name every column that they use', () => {
  const customers = { schema: 'shop', name: 'customers' };
  const orders = { schema: 'shop', name: 'orders' };
  const open = viewOf(rich, 'open_orders');
  expect(open.uses).toEqual([
    { table: customers, column: 'id' },
    { table: customers, column: 'name' },
    { table: orders, column: 'customer_id' },
    { table: orders, column: 'id' },
    { table: orders, column: 'status' },
  ]);
  expect(open.options).toEqual(['security_barrier=true']);
  expect(open.columns.map((column) => column.name)).toEqual(['id', 'status', 'customer']);
  expect(named(open.columns, 'customer').comment).toBe('Who');
  expect(open.definition).toMatch(/^SELECT .*\)$/s);
  expect(viewOf(rich, 'stacked').uses).toEqual([{ table: { schema: 'shop', name: 'open_orders' }, column: null }]);
  expect(viewOf(rich, 'stacked').triggers).toMatchObject([{ name: 'instead', timing: 'instead of' }]);
  expect(named(viewOf(rich, 'plain').columns, 'n').default).toBe('5');
  expect(viewOf(rich, 'totals')).toMatchObject({ kind: 'materialized', indexes: [{ name: 'totals_key' }] });
  expect(rich.functions.get(functionKey({ schema: 'shop', name: 'order_name' }, 'integer'))?.uses).toEqual([
    { table: customers, column: 'id' },
    { table: customers, column: 'name' },
    { table: orders, column: 'customer_id' },
    { table: orders, column: 'id' },
  ]);
});

test('sequences, types, functions and publications are read', () => {
  expect(rich.sequences.get(objectKey({ schema: 'shop', name: 'ticket' }))).toMatchObject({
    type: 'smallint',
    start: '7',
    increment: '-3',
    minimum: '-100',
    maximum: '100',
    cache: '5',
    cycle: true,
    ownedBy: null,
    identity: false,
  });
  expect(rich.sequences.get(objectKey({ schema: 'shop', name: 'orders_id_seq' }))).toMatchObject({
    type: 'integer',
    ownedBy: { table: { schema: 'shop', name: 'orders' }, column: 'id' },
    identity: false,
  });
  expect(rich.sequences.get(objectKey({ schema: 'shop', name: 'customers_id_seq' }))?.identity).toBe(true);
  const type = (name: string) => rich.types.get(objectKey({ schema: 'shop', name }));
  expect(type('status')).toMatchObject({ kind: 'enum', labels: ['new', 'paid, or not', 'lost', 'sent'] });
  expect(type('email')).toMatchObject({
    kind: 'domain',
    baseType: 'text COLLATE "C"',
    notNull: true,
    default: "'nobody@example.com'::text",
    constraints: [{ name: 'has_at', definition: "CHECK ((VALUE ~~ '%@%'::text))", validated: true }],
  });
  expect(type('money_pair')).toMatchObject({
    kind: 'composite',
    attributes: [
      { name: 'amount', type: 'numeric(12,2)' },
      { name: 'currency', type: 'character(3) COLLATE "C"' },
    ],
  });
  expect(type('float_range')).toMatchObject({
    kind: 'range',
    attributes: [
      { name: 'subtype', type: 'double precision' },
      { name: 'subtype_diff', type: 'float8mi' },
      { name: 'multirange_type_name', type: 'shop.float_multirange' },
    ],
  });
  expect([...rich.functions.values()].map((f) => `${f.name}(${f.argumentTypes})`)).toEqual([
    'add(integer, integer)',
    'add(text)',
    'no_op()',
    'order_name(integer)',
    'rows_of(text[])',
    'tidy(integer, boolean)',
    'total(integer)',
    'touch()',
  ]);
  expect(rich.functions.get(functionKey({ schema: 'shop', name: 'total' }, 'integer'))?.definition).toBe(
    `CREATE AGGREGATE shop.total(integer) (SFUNC = int4pl, STYPE = integer, COMBINEFUNC = int4pl, INITCOND = '0', PARALLEL = s)`,
  );
  expect(rich.publications.get('all_changes')).toMatchObject({ tables: null, publishes: ['insert', 'update'] });
  expect(rich.publications.get('some_changes')?.tables).toEqual([
    {
      schema: 'shop',
      name: 'items',
      columns: version >= 15 ? ['line', 'order_a'] : null,
      where: version >= 15 ? '(line > 2)' : null,
    },
    { schema: 'shop', name: 'orders', columns: null, where: null },
  ]);
  expect(rich.publications.get('schema_changes')?.schemas).toEqual(version >= 15 ? ['shop'] : undefined);
});

test('partitions know their parents, and what came from them', () => {
  const events = tableOf(rich, 'events');
  expect(events).toMatchObject({
    kind: 'partitioned',
    partitionKey: 'RANGE (at, lower(kind))',
    partitionKeyColumns: ['at', 'kind'],
  });
  expect(named(events.indexes, 'events_only').valid).toBe(false);
  const recent = tableOf(rich, 'events_new');
  expect(recent.partitionOf).toEqual({
    parent: { schema: 'shop', name: 'events' },
    bound: "FOR VALUES FROM ('2024-01-01 00:00:00+00', MINVALUE) TO (MAXVALUE, MAXVALUE)",
  });
  expect(recent.triggers).toMatchObject([{ name: 'on_event', inherited: true }]);
  expect(recent.constraints).toMatchObject([{ name: 'events_amount_check', inherited: true }]);
  expect(recent.indexes).toMatchObject([{ partitionOf: { schema: 'shop', name: 'events_id' } }]);
  expect(tableOf(rich, 'lists_rest').partitionOf?.bound).toBe('DEFAULT');
  expect(tableOf(rich, 'lists_1').constraints).toMatchObject([{ name: 'lists_owner_fkey', inherited: true }]);
  // A foreign key to a partitioned table is one constraint, whatever the server keeps for each partition.
  expect(tableOf(rich, 'uses_parts').constraints.map((one) => one.name)).toEqual(['uses_parts_part_fkey']);
  expect(tableOf(rich, 'staff')).toMatchObject({
    inherits: [{ schema: 'shop', name: 'people' }],
    constraints: [{ name: 'grown', inherited: true }],
  });
  expect(tableOf(rich, 'remote')).toMatchObject({
    kind: 'foreign',
    options: ['option.table_name=t', 'server=far'],
  });
});

test.runIf(version >= 17)("a partition's identity column takes its numbers from the parent's sequence", () => {
  expect(named(tableOf(rich, 'numbered_1').columns, 'id').identity).toEqual({
    kind: 'by default',
    sequence: { schema: 'shop', name: 'numbered_id_seq' },
  });
});

test.runIf(version >= 18)('what Postgres 18 added is read', () => {
  const newest = tableOf(rich, 'newest');
  expect(named(newest.columns, 'n').notNullConstraint).toEqual({
    name: 'n_there',
    validated: true,
    noInherit: false,
    comment: 'Always',
  });
  expect(named(newest.columns, 'twice').generated).toEqual({ expression: '(n * 2)', kind: 'virtual' });
  expect(named(newest.constraints, 'newest_key').definition).toBe('PRIMARY KEY (room, span WITHOUT OVERLAPS)');
  expect(named(newest.constraints, 'hoped')).toMatchObject({
    definition: 'CHECK ((n > 0))',
    enforced: false,
    validated: false,
  });
  // A key WITHOUT OVERLAPS is a GiST index, which gives no order to walk by.
  expect(keyForBackfill(newest)).toBeNull();
  const later = tableOf(rich, 'later');
  expect(named(later.columns, 'm')).toMatchObject({
    notNull: true,
    notNullConstraint: { name: 'm_there', validated: false },
  });
  expect(named(later.columns, 'n').notNullConstraint).toMatchObject({ noInherit: true });
});

test.each(hostileNames)('the name %s is only a name', (name) => {
  const table = resolveTable(rich, { name });
  expect(table).not.toBeNull();
  if (table === null) return;
  const start = name.slice(0, 20);
  expect(named(table.columns, name)).toMatchObject({ notNull: true, comment: 'It\'s "odd" \\ and\nlong' });
  expect(named(table.constraints, `${start} c`).columns).toEqual([name]);
  expect(named(table.indexes, `${start} i`).keys[0]?.column).toBe(name);
  expect(named(table.triggers, name).updateOf).toEqual([name]);
  expect(rich.views.get(objectKey({ schema: 'public', name: `${start} v` }))?.uses).toEqual([
    { table: { schema: 'public', name }, column: name },
  ]);
  expect(rich.types.get(objectKey({ schema: 'Od.d "Schema', name }))).toMatchObject({ kind: 'enum' });
});

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
