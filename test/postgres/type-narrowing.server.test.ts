/**
 * For each pair of types that is called narrowing, a value that shows it: an INSERT of the same text works before the
 * change, and fails with the error told, or stores something else, after it. And pairs that are not, where it does neither.
 */
import { expect, test } from 'vitest';
import { narrowingOf, type Narrowing } from '../../src/postgres/type-narrowing.ts';
import { withDatabase } from '../support/server.ts';

type Case = readonly [from: string, to: string, value: string];

const longText = 'a'.repeat(30);
const narrowing: readonly Case[] = [
  ['text', 'character varying(20)', longText],
  ['character varying(50)', 'character varying(20)', longText],
  ['character varying', 'character(3)', longText],
  ['text', 'integer', 'ten'],
  ['text', 'smallint', 'ten'],
  ['text', 'bigint', 'ten'],
  ['text', 'numeric', 'ten'],
  ['text', 'real', 'ten'],
  ['text', 'double precision', 'ten'],
  ['text', 'boolean', 'maybe'],
  ['character varying(50)', 'uuid', 'mine'],
  ['text', 'json', '{'],
  ['text', 'jsonb', 'plain'],
  ['text', 'inet', 'home'],
  ['text', 'cidr', 'home'],
  ['text', 'macaddr', 'home'],
  ['text', 'mood', 'angry'],
  ['text', 'date', 'soon'],
  ['text', 'time without time zone', 'soon'],
  ['text', 'timestamp without time zone', 'soon'],
  ['text', 'timestamp with time zone', 'soon'],
  ['text', 'interval', 'soon'],
  ['bigint', 'integer', '3000000000'],
  ['bigint', 'smallint', '40000'],
  ['integer', 'smallint', '40000'],
  ['integer', 'numeric(5,2)', '40000'],
  ['bigint', 'numeric(10,0)', '30000000000'],
  ['numeric', 'numeric(5,2)', '40000'],
  ['numeric(10,2)', 'numeric(5,2)', '40000'],
  ['numeric(10,4)', 'numeric(10,2)', '1.2345'],
  ['numeric(10,2)', 'numeric(8,0)', '1.25'],
  ['double precision', 'real', '0.123456789012'],
  ['bit varying(8)', 'bit varying(4)', '11111'],
  ['timestamp with time zone', 'date', '2026-01-02 03:04:05'],
  ['timestamp without time zone', 'date', '2026-01-02 03:04:05'],
  ['timestamp without time zone', 'time without time zone', '2026-01-02 03:04:05'],
  ['timestamp without time zone', 'timestamp(0) without time zone', '2026-01-02 03:04:05.678'],
  ['time(3) without time zone', 'time(1) without time zone', '03:04:05.678'],
];

const harmless: readonly Case[] = [
  ['character varying(20)', 'character varying(50)', 'a'.repeat(20)],
  ['character varying(20)', 'text', 'a'.repeat(20)],
  ['integer', 'bigint', '2147483647'],
  ['smallint', 'numeric(5,0)', '32767'],
  ['numeric(10,2)', 'numeric(12,4)', '12345678.25'],
  ['numeric(10,2)', 'numeric', '12345678.25'],
  ['timestamp(0) without time zone', 'timestamp without time zone', '2026-01-02 03:04:05'],
  ['real', 'double precision', '0.5'],
];

/** What an INSERT of the text stores, or the error it ends in. */
async function stored(client: { query: (sql: string) => Promise<unknown> }, value: string): Promise<string> {
  try {
    const result = await client.query(`insert into t values ('${value}') returning a::text`);
    return `stored ${JSON.stringify((result as { rows: readonly unknown[] }).rows)}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? `failed ${String(error.code)}` : String(error);
  }
}

test('what narrows refuses or changes a value, as it is said', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create type mood as enum ('glad', 'sad')`);
    const wrong: string[] = [];
    for (const [from, to, value] of [...narrowing, ...harmless]) {
      await client.query(`drop table if exists t; create table t (a ${from})`);
      const before = await stored(client, value);
      await client.query(`truncate t; alter table t alter a type ${to} using null::${to}`);
      const after = await stored(client, value);
      const said = narrowingOf(from, to === 'mood' ? 'enum' : to);
      const isHarmless = harmless.some((each) => each[0] === from && each[1] === to);
      const isRight = isHarmless ? said === null && isStored(after) : said !== null && isShown(said, before, after);
      if (!isRight || !isStored(before))
        wrong.push(`${from} → ${to}: ${before}, then ${after}, ${JSON.stringify(said)}`);
    }
    expect(wrong).toEqual([]);
  });
});

function isStored(outcome: string): boolean {
  return outcome.startsWith('stored');
}

function isShown({ error }: Narrowing, before: string, after: string): boolean {
  return error === null ? isStored(after) && after !== before : after === `failed ${error.slice(0, 5)}`;
}
