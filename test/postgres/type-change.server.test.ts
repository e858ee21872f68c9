import type pg from 'pg';
import { expect, test } from 'vitest';
import { typeChange } from '../../src/postgres/type-change.ts';
import { serverVersion, withDatabase } from '../support/server.ts';

/** Within each line every type is changed to every other one. */
const families: readonly (readonly string[])[] = [
  [
    'smallint',
    'integer',
    'bigint',
    'numeric',
    'numeric(10,2)',
    'numeric(12,2)',
    'numeric(12,4)',
    'real',
    'double precision',
    'money',
  ],
  [
    'text',
    'character varying',
    'character varying(10)',
    'character varying(20)',
    'character(10)',
    'character(20)',
    'bpchar',
    'name',
    'xml',
    'json',
  ],
  ['json', 'jsonb', 'text', 'uuid', 'bytea', 'tsvector', 'jsonpath'],
  [
    'timestamp without time zone',
    'timestamp(3) without time zone',
    'timestamp(6) without time zone',
    'timestamp with time zone',
    'timestamp(3) with time zone',
    'timestamp(6) with time zone',
    'date',
  ],
  [
    'time without time zone',
    'time(3) without time zone',
    'time(6) without time zone',
    'time with time zone',
    'time(3) with time zone',
  ],
  [
    'interval',
    'interval(3)',
    'interval(6)',
    'interval year',
    'interval month',
    'interval year to month',
    'interval day',
    'interval hour',
    'interval day to second',
    'interval day to second(3)',
    'interval second(3)',
  ],
  ['inet', 'cidr', 'text', 'macaddr', 'macaddr8'],
  ['bit(8)', 'bit(16)', 'bit varying', 'bit varying(8)', 'bit varying(16)'],
  ['integer', 'oid', 'regclass', 'regproc', 'regprocedure', 'regoper', 'regoperator', 'regtype', 'regrole', 'bigint'],
  [
    'text[]',
    'character varying[]',
    'character varying(10)[]',
    'character varying(20)[]',
    'integer[]',
    'bigint[]',
    'numeric(10,2)[]',
    'numeric(12,2)[]',
  ],
  ['int4range', 'int8range', 'numrange', 'int4multirange'],
];

const pairsOf = (chosen: readonly (readonly string[])[]) =>
  chosen.flatMap((family) => family.flatMap((from) => family.map((to) => [from, to] as const)));

const filenodes = `
  select (select relfilenode from pg_class where oid = 't'::regclass) as heap,
         (select relfilenode from pg_class where relname = 'i' and relnamespace = 'public'::regnamespace) as index`;

type Filenodes = { readonly heap: string; readonly index: string | null };

/** What the server does, or null when it refuses the change. */
async function measure(client: pg.Client, from: string, to: string, using: string) {
  await client.query('begin');
  try {
    await client.query(`create table t (id int, c ${from})`);
    for (const method of ['btree', 'hash', 'gin', 'gist']) {
      await client.query('savepoint before_index');
      try {
        await client.query(`create index i on t using ${method} (c)`);
        break;
      } catch {
        await client.query('rollback to before_index'); // the type has no operator class for this method
      }
    }
    const before = (await client.query<Filenodes>(filenodes)).rows[0];
    await client.query(`alter table t alter c type ${to} ${using}`);
    const after = (await client.query<Filenodes>(filenodes)).rows[0];
    return {
      rewrite: before?.heap !== after?.heap,
      indexRebuild: before?.index === null ? null : before?.index !== after?.index,
    };
  } catch {
    return null;
  } finally {
    await client.query('rollback');
  }
}

/** Where the table says something else than the server. */
async function differences(
  client: pg.Client,
  pairs: readonly (readonly [string, string])[],
  { timezone, castExpression }: { readonly timezone: string; readonly castExpression: boolean },
): Promise<readonly string[]> {
  await client.query(`set timezone = '${timezone}'`);
  const wrong: string[] = [];
  let compared = 0;
  for (const [from, to] of pairs) {
    const measured = await measure(client, from, to, castExpression ? `using c::${to}` : '');
    if (measured === null) continue;
    compared += 1;
    const { rewrite, indexRebuild, known } = typeChange({
      from,
      to,
      using: castExpression,
      usingIsPlainCast: castExpression,
      version: serverVersion(),
      timezoneIsUtc: timezone === 'UTC',
    });
    const said = { rewrite, indexRebuild: measured.indexRebuild === null ? null : indexRebuild };
    if (!known || JSON.stringify(said) !== JSON.stringify(measured)) {
      wrong.push(`${from} → ${to}: ${JSON.stringify(said)}, the server: ${JSON.stringify(measured)}`);
    }
  }
  expect(compared).toBeGreaterThan(pairs.length / 3);
  return wrong;
}

test.each([
  ['in UTC', { timezone: 'UTC', castExpression: false }, families],
  ['with a cast as the expression', { timezone: 'UTC', castExpression: true }, families.slice(0, 4)],
  ['in another time zone', { timezone: 'Europe/Oslo', castExpression: false }, families.slice(3, 5)],
])('%s the server rewrites and rebuilds what the table says', async (_where, session, chosen) => {
  await withDatabase(async (database) => {
    expect(await differences(await database.connect(), pairsOf(chosen), session)).toEqual([]);
  });
});

test('a domain with a check rewrites, and one without does not: the table says the worst of what it does not know', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(
      `create domain plain as int; create domain checked as int check (value > 0); create type mood as enum ('a')`,
    );
    expect(await measure(client, 'integer', 'plain', '')).toEqual({ rewrite: false, indexRebuild: false });
    expect(await measure(client, 'integer', 'checked', '')).toEqual({ rewrite: true, indexRebuild: true });
    expect(await measure(client, 'mood', 'text', '')).toEqual({ rewrite: true, indexRebuild: true });
  });
});

test('a partial index and one over an expression are rebuilt even where the types need nothing', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`
      create table t (id int, c varchar(10));
      create index plain on t (c);
      create index partial on t (id) where c is not null;
      create index expression on t (lower(c));`);
    const read = `select relname, relfilenode from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace order by 1`;
    const before = (await client.query<{ relname: string; relfilenode: string }>(read)).rows;
    await client.query('alter table t alter c type varchar(20)');
    const after = (await client.query<{ relname: string; relfilenode: string }>(read)).rows;
    const rebuilt = after.filter((row, index) => row.relfilenode !== before[index]?.relfilenode);
    expect(rebuilt.map(({ relname }) => relname)).toEqual(['expression', 'partial']);
  });
});
