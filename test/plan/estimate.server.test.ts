/** What the plan guesses about indexes and columns against a server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type pg from 'pg';
import { MigrateError } from '../../src/errors.ts';
import { planMigrations } from '../../src/plan/planner.ts';
import { introspect } from '../../src/run/introspect.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { createTestDatabase } from '../support/server.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: pg.Client;

beforeAll(async () => {
  await loadParser();
  database = await createTestDatabase();
  client = await database.connect('estimates');
  await client.query(`
    create table users (id bigint, code uuid, email text, born date, at timestamptz, bio text);
    insert into users
      select n, md5(n::text)::uuid, 'user' || n || '@example.org', date '1990-01-01' + (n % 9000)::int,
        timestamptz '2024-01-01' + n * interval '1 second', 'user' || md5(n::text)
      from generate_series(1, 20000) as n;
    analyze users`);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function planOf(source: string) {
  const catalog = await introspect(client);
  return planMigrations({
    migrations: [{ name: '0001_index', path: '0001_index.sql', source, checksum: '' }],
    catalog,
    fingerprint: null,
    options: { smallTable: null, unused: false },
  }).plan;
}

describe('the size of an index is guessed within a factor of two', () => {
  test.each([
    'create index concurrently guessed on users (id)',
    'create unique index concurrently guessed on users (code)',
    'create index concurrently guessed on users (email)',
    'create index concurrently guessed on users (at, code)',
    'create index concurrently guessed on users (id) include (email)',
    'create index concurrently guessed on users using hash (code)',
    'create index concurrently guessed on users (lower(email))',
  ])('%s', async (statement) => {
    const { estimate } = await planOf(statement);
    await client.query(statement);
    const { rows } = await client.query<{ bytes: number }>(`select pg_relation_size('guessed')::int as bytes`);
    await client.query('drop index guessed');
    const ratio = (estimate?.extraBytes ?? 0) / (rows[0]?.bytes ?? 0);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

test('the rows and bytes of a step are those of the table', async () => {
  const { migrations } = await planOf('create index concurrently guessed on users (id)');
  const { rows } = await client.query<{ bytes: number }>(`select pg_total_relation_size('users')::int as bytes`);
  expect(migrations[0]?.steps[0]?.estimate).toMatchObject({ rows: 20_000, bytes: rows[0]?.bytes });
});

test('dropped columns count: the server refuses what the plan refuses', async () => {
  await client.query(`
    create table worn (id bigint primary key);
    do $$ begin
      execute 'alter table worn ' || (select string_agg(format('add column c%s int', n), ', ') from generate_series(1, 1599) as n);
      execute 'alter table worn ' || (select string_agg(format('drop column c%s', n), ', ') from generate_series(1, 1599) as n);
    end $$`);
  const add = 'alter table worn add column last int';
  const refusal = await planOf(add).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(MigrateError);
  expect(refusal).toMatchObject({ code: 'CANNOT_PLAN' });
  await expect(client.query(add)).rejects.toMatchObject({ code: '54011' }); // too_many_columns
});
