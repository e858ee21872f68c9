/** What introspection reads, held against a schema with everything in it, on the server of the run. */
import { beforeAll, expect, test } from 'vitest';
import { keyForBackfill, resolveTable } from '../../src/catalog/lookup.ts';
import { functionKey, objectKey } from '../../src/catalog/model.ts';
import type { Catalog, Column, Constraint, Index, Trigger } from '../../src/catalog/model.ts';
import { named, tableOf, version, viewOf, withRichSchema } from './introspect/reading.ts';
import { hostileNames } from './introspect/rich-schema.ts';

/** The rich schema as it was read once, for the tests that only look. */
let rich: Catalog;

beforeAll(async () => {
  rich = await withRichSchema(async (_client, catalog) => catalog);
});

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
