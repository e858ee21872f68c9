/** Edits share what they do not change and refuse nothing; lookups find what the server would find. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  blankColumn,
  blankConstraint,
  blankIndex,
  blankIndexKey,
  blankSequence,
  blankTable,
  blankTrigger,
  blankView,
} from '../../src/catalog/blank.ts';
import {
  addColumn,
  addConstraint,
  addIndex,
  addSequence,
  addTable,
  addUncertainty,
  dropColumn,
  dropConstraint,
  dropIndex,
  dropObject,
  dropTable,
  dropTrigger,
  putObject,
  putTrigger,
  updateColumn,
  updateTable,
} from '../../src/catalog/edit.ts';
import {
  findIndex,
  foreignKeysTo,
  isNeverNull,
  keyForBackfill,
  nameForNew,
  primaryKey,
  resolveName,
  resolveRelation,
  resolveTable,
  tableNamed,
  tableOfIndex,
} from '../../src/catalog/lookup.ts';
import { emptyCatalog, objectKey } from '../../src/catalog/model.ts';
import type { Catalog, Column, Constraint, Index, Table } from '../../src/catalog/model.ts';
import { renameIndex, renameTable } from '../../src/catalog/rename.ts';
import { loadParser } from '../../src/sql/parse.ts';

beforeAll(loadParser);

const users = { schema: 'public', name: 'users' };
const orders = { schema: 'public', name: 'orders' };

const key = blankConstraint('users_pkey', 'primary_key', 'PRIMARY KEY (id)', { columns: ['id'], index: 'users_pkey' });

const catalog: Catalog = [
  blankTable(users, {
    columns: [blankColumn('id', 'bigint', { notNull: true }), blankColumn('email', 'text')],
    constraints: [key],
    indexes: [
      blankIndex('users_pkey', 'CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)', {
        unique: true,
        keys: [blankIndexKey('id')],
        constraint: 'users_pkey',
      }),
      blankIndex('users_email', 'CREATE INDEX users_email ON public.users USING btree (lower(email))', {
        keys: [blankIndexKey('email', { column: null, expression: 'lower(email)' })],
      }),
    ],
  }),
  blankTable(orders, {
    columns: [blankColumn('user_id', 'bigint')],
    constraints: [
      blankConstraint('orders_user', 'foreign_key', 'FOREIGN KEY (user_id) REFERENCES public.users(id)', {
        columns: ['user_id'],
        references: { table: users, columns: ['id'], onDelete: 'no action', onUpdate: 'no action', match: 'simple' },
      }),
    ],
  }),
].reduce(addTable, emptyCatalog(17));

function tableOf(from: Catalog, name: { readonly schema: string; readonly name: string }): Table {
  const table = tableNamed(from, name);
  if (table === null) throw new Error(`There is no table ${name.name}.`);
  return table;
}

describe('an edit', () => {
  test('leaves the catalog it was given as it is, and shares what it does not touch', () => {
    const before = structuredClone(catalog);
    const after = addColumn(catalog, users, blankColumn('phone', 'text'));
    expect(catalog).toEqual(before);
    expect(tableOf(after, users).columns.map((column) => column.name)).toEqual(['id', 'email', 'phone']);
    expect(tableOf(after, orders)).toBe(tableOf(catalog, orders));
    expect(tableOf(after, users).columns[0]).toBe(tableOf(catalog, users).columns[0]);
    expect(after.views).toBe(catalog.views);
  });

  test.each<readonly [string, (from: Catalog) => Catalog]>([
    ['add a table that exists', (from) => addTable(from, blankTable(users))],
    ['add a table under the name of an index', (from) => addTable(from, blankTable({ ...users, name: 'users_pkey' }))],
    ['add a column that exists', (from) => addColumn(from, users, blankColumn('id', 'text'))],
    ['add a column to no table', (from) => addColumn(from, { ...users, name: 'x' }, blankColumn('id', 'text'))],
    ['change a missing column', (from) => updateColumn(from, users, 'x', (column) => ({ ...column, notNull: true }))],
    ['change nothing', (from) => updateTable(from, users, (table) => table)],
    ['add a constraint that exists', (from) => addConstraint(from, users, key)],
    ['add an index under a name that is taken', (from) => addIndex(from, orders, blankIndex('users_pkey', ''))],
    ['add a sequence under a name that is taken', (from) => addSequence(from, blankSequence(users))],
    ['drop a missing table', (from) => dropTable(from, { ...users, name: 'x' })],
    ['drop a missing column', (from) => dropColumn(from, users, 'x')],
    ['drop a missing constraint', (from) => dropConstraint(from, users, 'x')],
    ['drop a missing index', (from) => dropIndex(from, { ...users, name: 'x' })],
    ['drop a missing trigger', (from) => dropTrigger(from, users, 'x')],
    ['drop a missing view', (from) => dropObject(from, 'views', objectKey(users))],
    ['rename a missing table', (from) => renameTable(from, { ...users, name: 'x' }, { ...users, name: 'y' })],
    ['rename a table to a name that is taken', (from) => renameTable(from, users, orders)],
    [
      'rename an index to a name that is taken',
      (from) => renameIndex(from, { ...users, name: 'users_email' }, 'users'),
    ],
  ])('that tries to %s gives back the very same catalog', (_what, edit) => {
    expect(edit(catalog)).toBe(catalog);
  });

  test('drops the index with its constraint', () => {
    const after = tableOf(dropConstraint(catalog, users, 'users_pkey'), users);
    expect(after.constraints).toEqual([]);
    expect(after.indexes.map((index) => index.name)).toEqual(['users_email']);
  });

  test('drops what uses a column in an expression, and leaves what uses whole rows', () => {
    const whole = blankIndex('whole', '', { keys: [blankIndexKey('', { column: null, expression: 'f(users.*)' })] });
    const after = tableOf(dropColumn(addIndex(catalog, users, whole), users, 'email'), users);
    expect(after.indexes.map((index) => index.name)).toEqual(['users_pkey', 'whole']);
  });

  test('puts a trigger in the place of one with the same name, on tables and on views', () => {
    const view = { schema: 'public', name: 'v' };
    const withView = putObject(catalog, 'views', objectKey(view), blankView(view, 'SELECT 1'));
    const first = blankTrigger('t', 'first', { schema: 'public', name: 'f' });
    const second = blankTrigger('t', 'second', { schema: 'public', name: 'f' });
    const after = putTrigger(putTrigger(putTrigger(withView, users, first), users, second), view, first);
    expect(tableOf(after, users).triggers).toEqual([second]);
    expect(after.views.get(objectKey(view))?.triggers).toEqual([first]);
  });

  test('notes an uncertainty once', () => {
    const once = addUncertainty(catalog, 'a DO block in 0007');
    expect(once.uncertain).toEqual(['a DO block in 0007']);
    expect(addUncertainty(once, 'a DO block in 0007')).toBe(once);
  });
});

describe('a name', () => {
  const path: Catalog = {
    ...[
      blankTable({ schema: 'b', name: 'both' }),
      blankTable({ schema: 'a', name: 'both' }),
      blankTable({ schema: 'b', name: 'hidden' }),
      blankTable({ schema: 'c', name: 'elsewhere' }),
      blankTable({ schema: 'pg_temp', name: 'hidden_by_temp' }),
      blankTable({ schema: 'a', name: 'hidden_by_temp' }),
    ].reduce(addTable, emptyCatalog(17)),
    searchPath: ['missing', 'a', 'b'],
    schemas: new Map(['a', 'b', 'c'].map((name) => [name, { name, owner: null, comment: null, grants: [] }])),
    views: new Map([
      [objectKey({ schema: 'a', name: 'hidden' }), blankView({ schema: 'a', name: 'hidden' }, 'SELECT 1')],
    ]),
  };

  test.each([
    ['both', 'a'],
    ['hidden_by_temp', 'pg_temp'],
  ])('without a schema finds the first in the path: %s', (name, schema) => {
    expect(resolveTable(path, { name })).toMatchObject({ schema, name });
  });

  test('with a schema finds that one only', () => {
    expect(resolveTable(path, { schema: 'b', name: 'both' })?.schema).toBe('b');
    expect(resolveTable(path, { schema: 'b', name: 'elsewhere' })).toBeNull();
    expect(resolveTable(path, { name: 'elsewhere' })).toBeNull();
  });

  test('that a view hides is not a table', () => {
    expect(resolveTable(path, { name: 'hidden' })).toBeNull();
    expect(resolveRelation(path, { name: 'hidden' })?.kind).toBe('view');
  });

  test('of something new goes to the first schema of the path that exists', () => {
    expect(nameForNew(path, { name: 'both' })).toEqual({ schema: 'a', name: 'both' });
    expect(resolveName(path, { name: 'fresh' })).toEqual({ schema: 'a', name: 'fresh' });
    expect(resolveName(path, { name: 'hidden' })).toEqual({ schema: 'a', name: 'hidden' });
    expect(resolveName(path, { schema: 'x', name: 'fresh' })).toEqual({ schema: 'x', name: 'fresh' });
  });
});

test('an index leads to its table, a table to the foreign keys that point to it', () => {
  expect(findIndex(catalog, { name: 'users_email' })?.index.name).toBe('users_email');
  expect(tableOfIndex(catalog, { name: 'users_email' })?.name).toBe('users');
  expect(tableOfIndex(catalog, { name: 'users' })).toBeNull();
  expect(primaryKey(tableOf(catalog, users))).toBe(key);
  expect(foreignKeysTo(catalog, users).map((found) => found.constraint.name)).toEqual(['orders_user']);
});

describe('the key for a backfill', () => {
  const columns: readonly Column[] = [
    blankColumn('id', 'bigint', { notNull: true }),
    blankColumn('code', 'text', { notNull: true, collation: '"C"' }),
    blankColumn('maybe', 'text'),
    blankColumn('soon', 'text', {
      notNull: true,
      notNullConstraint: { name: 'n', validated: false, noInherit: false, comment: null },
    }),
  ];

  function unique(column: string, given: Partial<Index> = {}): Index {
    return blankIndex(`by_${column}`, '', { unique: true, keys: [blankIndexKey(column)], ...given });
  }

  function keyOf(indexes: readonly Index[], constraints: readonly Constraint[] = []): readonly string[] | null {
    const found = keyForBackfill(blankTable(users, { columns, indexes, constraints }));
    return found?.map(({ name }) => name) ?? null;
  }

  test('is the primary key, with the types and collations of its columns', () => {
    const table = blankTable(users, {
      columns,
      constraints: [blankConstraint('k', 'primary_key', '', { columns: ['code', 'id'], index: 'k', deferrable: true })],
      indexes: [
        unique('id'),
        blankIndex('k', '', { unique: true, constraint: 'k', keys: [blankIndexKey('code'), blankIndexKey('id')] }),
      ],
    });
    expect(keyForBackfill(table)).toEqual([
      { name: 'code', type: 'text', collation: '"C"' },
      { name: 'id', type: 'bigint', collation: null },
    ]);
  });

  test('is the primary key of a folded table, whose index nobody has written down', () => {
    expect(keyOf([], [blankConstraint('k', 'primary_key', '', { columns: ['id'], index: 'k' })])).toEqual(['id']);
  });

  test('is else the narrowest unique index', () => {
    const wide = blankIndex('a', '', { unique: true, keys: [blankIndexKey('code'), blankIndexKey('id')] });
    expect(keyOf([wide, unique('id')])).toEqual(['id']);
  });

  test.each<readonly [string, readonly Index[]]>([
    ['not unique', [unique('id', { unique: false })]],
    ['partial', [unique('id', { predicate: 'id > 0' })]],
    ['over an expression', [unique('id', { keys: [blankIndexKey('', { column: null, expression: 'lower(code)' })] })]],
    ['on a nullable column', [unique('maybe')]],
    ['on a column whose NOT NULL is not validated', [unique('soon')]],
    ['not valid', [unique('id', { valid: false })]],
    ['in descending order', [unique('id', { keys: [blankIndexKey('id', { descending: true, nullsFirst: true })] })]],
    ['with NULLS FIRST', [unique('id', { keys: [blankIndexKey('id', { nullsFirst: true })] })]],
    [
      'in another operator class',
      [unique('code', { keys: [blankIndexKey('code', { operatorClass: 'text_pattern_ops' })] })],
    ],
    ['in another collation', [unique('code', { keys: [blankIndexKey('code', { collation: '"de_DE"' })] })]],
    ['of another method', [unique('id', { method: 'hash' })]],
  ])('is never an index that is %s', (_what, indexes) => {
    expect(keyOf(indexes)).toBeNull();
  });

  test('is never a deferrable constraint, under which two rows may be equal for a while', () => {
    const constraint = blankConstraint('by_id', 'unique', '', { columns: ['id'], index: 'by_id', deferrable: true });
    expect(keyOf([unique('id', { constraint: 'by_id' })], [constraint])).toBeNull();
    expect(keyOf([unique('id', { constraint: 'by_id' })], [{ ...constraint, deferrable: false }])).toEqual(['id']);
  });

  test('knows a column that is never null from one that is only not null from now on', () => {
    expect(columns.map(isNeverNull)).toEqual([true, true, false, false]);
  });
});
