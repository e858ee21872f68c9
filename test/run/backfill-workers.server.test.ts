/** Chunks and workers: any number of them on one job, in any number of processes, each row once. */
import { expect, test } from 'vitest';
import type pg from 'pg';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import { workOnBackfills } from '../../src/run/verbs/backfill-workers.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, update } from './planned.ts';

async function backfill(
  database: TestDatabase,
  run: BackfillRun,
  options: Partial<RunnerOptions> = {},
): Promise<VerbResult> {
  return withRunner({ url: database.url, ...options }, (runner) =>
    expandMigrations(runner, plan(migration('m', step('backfill', run, { id: 'backfill-1' }))), { backfill: true }),
  );
}

async function rowsOf(client: pg.Client, sql: string): Promise<unknown[]> {
  return (await client.query<Record<string, unknown>>(sql)).rows;
}

/** Chunks, and the rows that they say they have changed. */
const counted = `select count(*)::int as chunks, sum(rows_done)::int as rows from onward.backfill_chunk where status = 'done'`;

const tables: readonly { readonly name: string; readonly table: string }[] = [
  {
    name: 'bigint',
    table: `create table users (id bigint primary key, n int default 0);
      insert into users select g * g from generate_series(1, 6000) g`,
  },
  {
    name: 'uuid',
    table: `create table users (id uuid primary key, n int default 0);
      insert into users select md5(g::text)::uuid from generate_series(1, 6000) g`,
  },
  {
    name: 'a composite key with a date and a text',
    table: `create table users (d date, t text, n int default 0, primary key (d, t));
      insert into users select date '2020-01-01' + g % 7, 'it''s ' || g from generate_series(1, 6000) g`,
  },
  {
    name: 'partitions',
    table: `create table users (id bigint, region text, n int default 0, primary key (region, id)) partition by list (region);
      create table users_eu partition of users for values in ('eu');
      create table users_us partition of users for values in ('us');
      insert into users select g, case when g % 3 = 0 then 'eu' else 'us' end from generate_series(1, 6000) g`,
  },
];

test.each(tables)('a table is cut into chunks, which hold every row once: $name', async ({ table }) => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`set datestyle = 'SQL, DMY'; ${table}`);
    const { error } = await backfill(database, update({ n: 'n + 1' }), { backfill: { rowsPerChunk: 500 } });
    expect(error).toBeNull();
    expect(await rowsOf(client, 'select n, count(*)::int from users group by n')).toEqual([{ n: 1, count: 6000 }]);
    const [found] = await rowsOf(client, counted);
    expect(found).toMatchObject({ rows: 6000 });
    expect((found as { chunks: number }).chunks).toBeGreaterThan(6);
    const sizes = await rowsOf(client, 'select max(rows_done)::int as most from onward.backfill_chunk');
    expect((sizes[0] as { most: number }).most).toBeLessThan(1500);
  });
});

test('blocks are cut evenly, and all of them are walked', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (a int, b int); insert into users select g from generate_series(1, 6000) g`);
    const wrong = 'b is distinct from a';
    const run = update({ b: 'a' }, { guard: wrong, verify: wrong });
    const { error } = await backfill(database, run, { backfill: { rowsPerChunk: 500 } });
    expect(error).toBeNull();
    expect(await rowsOf(client, counted)).toEqual([{ chunks: 12, rows: 6000 }]);
    expect(await rowsOf(client, `select from users where ${wrong}`)).toEqual([]);
  });
});

test('workers of other processes take part, and each row is changed once', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id int primary key, n int default 0);
      insert into users select g from generate_series(1, 20000) g`);
    const helped: RunEvent[] = [];
    const helpers: Promise<void>[] = [];
    const run = update({ n: 'n + 1' }, { batchSize: 50, pauseMs: 1 });
    const { error } = await backfill(database, run, {
      backfill: { rowsPerChunk: 500 },
      onEvent: (event) => {
        if (event.kind !== 'backfill_progress' || helpers.length > 0) return;
        const onEvent = (told: RunEvent): void => void helped.push(told);
        helpers.push(workOnBackfills({ url: database.url, until: 'idle', onEvent }));
        helpers.push(workOnBackfills({ url: database.url, until: 'idle', onEvent }));
      },
    });
    await Promise.all(helpers);
    expect(error).toBeNull();
    expect(helped.some((event) => event.kind === 'backfill_progress')).toBe(true);
    expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    expect(await rowsOf(client, counted)).toMatchObject([{ rows: 20_000 }]);
    expect(await rowsOf(client, 'select from onward.backfill_worker')).toEqual([]);
  });
});

test('a chunk whose worker is gone is taken over where it stood', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id int primary key, n int default 0);
      insert into users select g from generate_series(1, 2000) g`);
    const stop = new AbortController();
    const run = update({ n: 'n + 1' }, { batchSize: 100 });
    const first = backfill(database, run, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'backfill_progress') stop.abort('SIGTERM');
      },
    });
    await expect(first).rejects.toMatchObject({ code: 'TERMINATED' });
    // As a worker leaves it that was killed: it has the chunk for another hour, and its session is not there.
    await client.query(`update onward.backfill_chunk set status = 'running', lease_owner = gen_random_uuid(),
      lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'`);
    const { error } = await backfill(database, run);
    expect(error).toBeNull();
    expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
  });
});

test('a chunk that was taken over is changed by its new worker alone', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id int primary key, n int default 0);
      insert into users select g from generate_series(1, 3000) g`);
    let stolen: Promise<unknown> | null = null;
    const run = update({ n: 'n + 1' }, { batchSize: 100, pauseMs: 5 });
    const { error } = await backfill(database, run, {
      onEvent: (event) => {
        // As if the server had thought the worker dead; the chunk is free at once.
        if (event.kind === 'backfill_progress') {
          stolen ??= client.query(
            `update onward.backfill_chunk set lease_token = gen_random_uuid(), lease_until = now()`,
          );
        }
      },
    });
    await Promise.resolve(stolen);
    expect(error).toBeNull();
    expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    expect(await rowsOf(client, `select kind from onward.backfill_event`)).toEqual([{ kind: 'lease_lost' }]);
    expect(await rowsOf(client, counted)).toMatchObject([{ rows: 3000 }]);
  });
});

test('several workers of one process share the work', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id int primary key, n int default 0);
      insert into users select g from generate_series(1, 30000) g`);
    const counts: number[] = [];
    const { error } = await backfill(database, update({ n: 'n + 1' }, { batchSize: 20, pauseMs: 4 }), {
      backfill: { rowsPerChunk: 1000, workers: 2 },
      onEvent: (event) => {
        if (event.kind === 'backfill_workers') counts.push(event.workers);
      },
    });
    expect(error).toBeNull();
    expect(counts[0]).toBe(2);
    expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    expect(await rowsOf(client, counted)).toMatchObject([{ rows: 30_000 }]);
  });
});
