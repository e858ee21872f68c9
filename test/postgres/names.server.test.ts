import type pg from 'pg';
import { expect, test } from 'vitest';
import { chooseName, indexColumnNames, type NameLabel } from '../../src/postgres/names.ts';
import { serverVersion, withDatabase } from '../support/server.ts';

const long = 'a_rather_long_name_that_fills_the_whole_sixty_three_bytes_abcdef'.slice(0, 63);
const longer = 'quite_another_long_name_of_which_something_must_be_cut_away_xyz'.slice(0, 63);
const words = [
  'users',
  'id',
  'Order Id',
  'größe',
  'é'.repeat(31),
  'x😀'.repeat(12),
  long,
  longer,
  `é${long}`.slice(0, 61),
  'a',
];

const quoted = (name: string): string => `"${name}"`;

async function relations(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace`,
  );
  return new Set(rows.map(({ name }) => name));
}

async function constraints(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select conname as name from pg_constraint where connamespace = 'public'::regnamespace`,
  );
  return new Set(rows.map(({ name }) => name));
}

type Case = { readonly statement: string; readonly label: NameLabel; readonly columns: readonly (string | null)[] };

/** Unnamed objects over the columns `a` and `b` of the table `t`; each can be made more than once. */
function cases(t: string, a: string, b: string): readonly Case[] {
  const table = quoted(t);
  return [
    { statement: `create index on ${table} (${quoted(a)})`, label: 'idx', columns: [a] },
    { statement: `create index on ${table} (${quoted(a)}, ${quoted(b)})`, label: 'idx', columns: [a, b] },
    { statement: `create index on ${table} (${quoted(a)}) include (${quoted(b)})`, label: 'idx', columns: [a, b] },
    {
      statement: `create index on ${table} ((${quoted(a)} + 1), (${quoted(b)} + 1))`,
      label: 'idx',
      columns: [null, null],
    },
    { statement: `alter table ${table} add unique (${quoted(a)}, ${quoted(b)})`, label: 'key', columns: [a, b] },
    { statement: `alter table ${table} add exclude (${quoted(a)} with =)`, label: 'excl', columns: [a] },
    {
      statement: `alter table ${table} add check (${quoted(a)} > 0 and ${quoted(a)} < 9)`,
      label: 'check',
      columns: [a],
    },
    { statement: `alter table ${table} add check (${quoted(a)} > ${quoted(b)})`, label: 'check', columns: [] },
    { statement: `alter table ${table} add foreign key (${quoted(a)}) references r (id)`, label: 'fkey', columns: [a] },
    {
      statement: `alter table ${table} add foreign key (${quoted(a)}, ${quoted(b)}) references r2 (x, y)`,
      label: 'fkey',
      columns: [a, b],
    },
    // The name of statistics may be left out since 16.
    ...(serverVersion() < 16
      ? []
      : ([
          {
            statement: `create statistics on ${quoted(a)}, ${quoted(b)} from ${table}`,
            label: 'stat',
            columns: [a, b],
          },
        ] as const)),
  ];
}

test('the server chooses the same names, twice in a row, also where they are too long', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table r (id int primary key); create table r2 (x int, y int, primary key (x, y))');
    const wrong: string[] = [];
    for (const [n, t] of words.entries()) {
      const a = words[(n + 1) % words.length] ?? '';
      const b = words[(n + 4) % words.length] ?? '';
      await client.query(`create table ${quoted(t)} (${quoted(a)} int, ${quoted(b)} int)`);
      for (const { statement, label, columns } of [...cases(t, a, b), ...cases(t, a, b)]) {
        const [tables, rules, statistics] = [
          await relations(client),
          await constraints(client),
          await statisticsOf(client),
        ];
        const isTaken = (name: string): boolean => {
          if (label === 'stat') return statistics.has(name);
          if (label === 'idx') return tables.has(name);
          return label === 'key' || label === 'excl' ? tables.has(name) || rules.has(name) : rules.has(name);
        };
        const expected = chooseName({ table: t, columns: indexColumnNames(columns), label }, isTaken);
        await client.query(statement);
        const added = [
          ...(await relations(client)),
          ...(await constraints(client)),
          ...(await statisticsOf(client)),
        ].filter((name) => !tables.has(name) && !rules.has(name) && !statistics.has(name));
        if (!added.includes(expected)) wrong.push(`${statement}: ${expected}, the server made ${added.join()}`);
      }
      await client.query(`drop table ${quoted(t)}`);
    }
    expect(wrong).toEqual([]);
  });
});

test('keys, sequences and NOT NULL constraints of a new table are named alike', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const free = (): boolean => false;
    for (const [n, t] of words.entries()) {
      const a = words[(n + 3) % words.length] ?? '';
      await client.query(`create table ${quoted(t)} (${quoted(a)} serial primary key)`);
      const names = new Set([...(await relations(client)), ...(await constraints(client))]);
      expect(names).toContain(chooseName({ table: t, label: 'pkey' }, free));
      expect(names).toContain(chooseName({ table: t, columns: [a], label: 'seq' }, free));
      expect(names.has(chooseName({ table: t, columns: [a], label: 'not_null' }, free))).toBe(serverVersion() >= 18);
      await client.query(`drop table ${quoted(t)}`);
    }
  });
});

async function statisticsOf(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>('select stxname as name from pg_statistic_ext');
  return new Set(rows.map(({ name }) => name));
}
