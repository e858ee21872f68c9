/** Differences and fingerprints: what counts, what does not, and how a difference reads. */
import { expect, test } from 'vitest';
import {
  blankColumn,
  blankConstraint,
  blankFunction,
  blankIndex,
  blankPolicy,
  blankSequence,
  blankTable,
  blankTrigger,
  blankType,
  blankView,
} from '../../src/catalog/blank.ts';
import { describeDifference, diffCatalogs, fingerprint } from '../../src/catalog/diff.ts';
import { addColumn, putObject, updateColumn, updateTable } from '../../src/catalog/edit.ts';
import { emptyCatalog, functionKey, objectKey } from '../../src/catalog/model.ts';
import type { Catalog } from '../../src/catalog/model.ts';

const users = { schema: 'public', name: 'users' };

/** A catalog that has a value in every field of the model. */
const everything: Catalog = {
  ...emptyCatalog(18),
  schemas: new Map([['app', { name: 'app', owner: 'me', comment: 'c', grants: ['me=UC/me'] }]]),
  tables: new Map([
    [
      objectKey(users),
      blankTable(users, {
        columns: [
          blankColumn('id', 'bigint', {
            collation: '"C"',
            default: '1',
            notNull: true,
            notNullConstraint: { name: 'users_id_not_null', validated: true, noInherit: false, comment: 'c' },
            generated: { expression: 'a + 1', kind: 'stored' },
            identity: { kind: 'always', sequence: { schema: 'public', name: 'users_id_seq' } },
            storage: 'plain',
            compression: 'lz4',
            statisticsTarget: 5,
            options: ['n_distinct=1'],
            comment: 'c',
            grants: ['me=r/me'],
          }),
        ],
        constraints: [
          blankConstraint('users_parent', 'foreign_key', 'FOREIGN KEY (id) REFERENCES users(id)', {
            columns: ['id'],
            references: { table: users, columns: ['id'], onDelete: 'cascade', onUpdate: 'cascade', match: 'simple' },
            expression: 'x',
            index: 'i',
            comment: 'c',
          }),
        ],
        indexes: [
          blankIndex('i', 'CREATE INDEX i ON public.users USING btree (id)', {
            predicate: 'p',
            include: ['id'],
            constraint: 'k',
            options: ['fillfactor=7'],
            tablespace: 'fast',
            partitionOf: { schema: 'public', name: 'parent_i' },
            comment: 'c',
          }),
        ],
        triggers: [
          blankTrigger(
            'tr',
            'CREATE TRIGGER tr …',
            { schema: 'public', name: 'f' },
            { updateOf: ['id'], comment: 'c' },
          ),
        ],
        policies: [blankPolicy('p', { using: 'true', withCheck: 'true', comment: 'c' })],
        rules: [{ name: 'r', definition: 'CREATE RULE r …', enabled: 'origin', uses: [], comment: 'c' }],
        statistics: [
          { schema: 'public', name: 's', columns: ['id'], definition: 'CREATE STATISTICS …', target: 1, comment: 'c' },
        ],
        partitionKey: 'RANGE (id)',
        partitionKeyColumns: ['id'],
        partitionOf: { parent: { schema: 'public', name: 'all_users' }, bound: 'DEFAULT' },
        inherits: [{ schema: 'public', name: 'base' }],
        options: ['fillfactor=70'],
        accessMethod: 'columnar',
        tablespace: 'fast',
        owner: 'me',
        comment: 'c',
        grants: ['me=r/me'],
        estimate: { rows: 1, bytes: 8192 },
      }),
    ],
  ]),
  views: new Map([
    [
      objectKey({ schema: 'public', name: 'v' }),
      blankView({ schema: 'public', name: 'v' }, 'SELECT 1', {
        columns: [{ name: 'a', type: 'integer', default: '1', comment: 'c', grants: ['me=r/me'] }],
        options: ['security_barrier=true'],
        owner: 'me',
        comment: 'c',
        grants: ['me=r/me'],
        uses: [{ table: users, column: 'id' }],
      }),
    ],
  ]),
  sequences: new Map([
    [
      objectKey({ schema: 'public', name: 'sq' }),
      blankSequence(
        { schema: 'public', name: 'sq' },
        { ownedBy: { table: users, column: 'id' }, owner: 'me', comment: 'c', grants: ['me=U/me'] },
      ),
    ],
  ]),
  types: new Map([
    [
      objectKey({ schema: 'public', name: 'ty' }),
      blankType({ schema: 'public', name: 'ty' }, 'enum', {
        labels: ['a', 'b'],
        baseType: 'text',
        default: '1',
        constraints: [{ name: 'k', definition: 'CHECK (VALUE > 0)', validated: true }],
        attributes: [
          { name: 'a', type: 'integer' },
          { name: 'b', type: 'text' },
        ],
        owner: 'me',
        comment: 'c',
        grants: ['me=U/me'],
      }),
    ],
  ]),
  functions: new Map([
    [
      functionKey({ schema: 'public', name: 'f' }, 'integer'),
      blankFunction({ schema: 'public', name: 'f' }, 'integer', {
        definition: 'CREATE FUNCTION …',
        owner: 'me',
        comment: 'c',
        grants: ['=X/me'],
      }),
    ],
  ]),
  extensions: new Map([['citext', { name: 'citext', schema: 'public' }]]),
  publications: new Map([
    [
      'pub',
      {
        name: 'pub',
        tables: [{ ...users, columns: ['id'], where: 'id > 0' }],
        schemas: ['app'],
        publishes: ['insert'],
        viaPartitionRoot: false,
        owner: 'me',
        comment: 'c',
      },
    ],
  ]),
  uncertain: ['a DO block'],
};

/** Fields that repeat what a definition says, that describe the reader, or that the server only guesses. */
const passedOver =
  /^(searchPath|uncertain)\.|\.(estimate|keys|include|predicate|method|unique|nullsNotDistinct|references|timing|level|events|updateOf|function|uses|volatility|identityArguments|partitionKeyColumns)(\.|$)|\.(constraints|statistics|policies)\.\d+\.columns\.|\.constraints\.\d+\.(kind|expression)$/;

/** Every leaf below `value`, with a copy of the whole in which that leaf is another. */
function* withOneLeafChanged(value: unknown, path: string): Generator<readonly [string, unknown]> {
  if (value instanceof Map) {
    for (const [key, item] of value) {
      for (const [at, changed] of withOneLeafChanged(item, `${path}${path === '' ? '' : '.'}${String(key)}`)) {
        yield [at, new Map(value).set(key, changed)];
      }
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const [at, changed] of withOneLeafChanged(item, `${path}.${index}`)) {
        yield [at, value.with(index, changed)];
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const [at, changed] of withOneLeafChanged(item, path === '' ? key : `${path}.${key}`)) {
        yield [at, { ...value, [key]: changed }];
      }
    }
  } else if (typeof value === 'boolean') {
    yield [path, !value];
  } else if (typeof value === 'number') {
    yield [path, value + 1];
  } else if (typeof value === 'string') {
    yield [path, `${value}x`];
  }
}

const changes = [...withOneLeafChanged(everything, '')];

test('every fact of the model counts, in the differences and in the fingerprint', () => {
  const original = fingerprint(everything);
  const unnoticed = changes.flatMap(([path, changed]) => {
    const catalog = changed as Catalog; // a copy of a catalog with one leaf of the same type changed
    const isSeen = diffCatalogs(everything, catalog).length > 0;
    return isSeen && fingerprint(catalog) !== original ? [] : [path];
  });
  expect(changes.length).toBeGreaterThan(150);
  expect(unnoticed.filter((path) => !passedOver.test(path))).toEqual([]);
});

test('what only repeats a definition, describes the reader or is guessed does not count', () => {
  const original = fingerprint(everything);
  const seen = changes.flatMap(([path, changed]) => {
    const catalog = changed as Catalog; // as above
    return passedOver.test(path) && fingerprint(catalog) !== original ? [path] : [];
  });
  expect(seen).toEqual([]);
});

test('a catalog does not differ from itself', () => {
  expect(diffCatalogs(everything, everything)).toEqual([]);
  expect(fingerprint(everything)).toMatch(/^[0-9a-f]{64}$/);
});

const base: Catalog = {
  ...emptyCatalog(17),
  tables: new Map([
    [
      objectKey(users),
      blankTable(users, { columns: [blankColumn('id', 'bigint'), blankColumn('email', 'text', { default: "'a'" })] }),
    ],
  ]),
};

test("the order of a table's columns does not count", () => {
  const turned = updateTable(base, users, (table) => ({ ...table, columns: table.columns.toReversed() }));
  expect(diffCatalogs(base, turned)).toEqual([]);
  expect(fingerprint(turned)).toBe(fingerprint(base));
});

test("the order of a view's columns and of an enum's labels counts", () => {
  const view = everything.views.get(objectKey({ schema: 'public', name: 'v' }));
  const two = view === undefined ? [] : [...view.columns, { ...view.columns[0], name: 'b' }];
  const with_ = (columns: typeof two): Catalog =>
    putObject(
      everything,
      'views',
      objectKey({ schema: 'public', name: 'v' }),
      blankView({ schema: 'public', name: 'v' }, 'SELECT 1', {
        columns: columns.map((column) => ({ default: null, comment: null, grants: [], type: 'integer', ...column })),
      }),
    );
  expect(diffCatalogs(with_(two), with_(two.toReversed())).map((one) => one.path)).toEqual([
    'view public.v column order',
  ]);
});

test('a difference names its place and both values', () => {
  const changed = updateColumn(base, users, 'email', (column) => ({ ...column, default: null, notNull: true }));
  const found = diffCatalogs(base, changed);
  expect(found).toEqual([
    { kind: 'changed', path: 'table public.users column email default', expected: "'a'", actual: null },
    { kind: 'changed', path: 'table public.users column email not null', expected: 'no', actual: 'yes' },
  ]);
  expect(found.map(describeDifference)).toEqual([
    "table public.users column email default: expected 'a', found none",
    'table public.users column email not null: expected no, found yes',
  ]);
});

test('an object that only one side has is one difference', () => {
  const more = addColumn(base, users, blankColumn('Phone Number', 'text', { notNull: true }));
  expect(diffCatalogs(base, more).map(describeDifference)).toEqual([
    'table public.users column "Phone Number" is not expected (found: text)',
  ]);
  expect(diffCatalogs(more, base).map(describeDifference)).toEqual([
    'table public.users column "Phone Number" is missing (expected: text)',
  ]);
  expect(diffCatalogs(base, emptyCatalog(17)).map(describeDifference)).toEqual([
    'table public.users is missing (expected: table)',
  ]);
});

test('differences can be passed over', () => {
  const more = addColumn(base, users, blankColumn('onward_new_email', 'text'));
  expect(diffCatalogs(base, more, { except: ({ path }) => path.includes(' column onward_') })).toEqual([]);
});

test('names are never mixed up, whatever is in them', () => {
  const tables = (...names: readonly string[]): Catalog => ({
    ...emptyCatalog(17),
    tables: new Map(
      names.map((name) => [objectKey({ schema: 'public', name }), blankTable({ schema: 'public', name })] as const),
    ),
  });
  const catalogs = [
    tables('a', 'b'),
    tables('a b'),
    tables('a column b'),
    tables('a.b'),
    tables('__proto__'),
    tables('constructor', 'toString'),
  ];
  expect(new Set(catalogs.map(fingerprint)).size).toBe(catalogs.length);
  const [, ...rest] = catalogs;
  for (const catalog of rest) expect(diffCatalogs(catalog, catalog)).toEqual([]);
  expect(diffCatalogs(tables(), tables('__proto__'))).toHaveLength(1);
});
