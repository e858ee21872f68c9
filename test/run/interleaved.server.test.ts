/** Interleaved passes: each row once, whatever the key, and pages that have room for their own rows' new versions. */
import { expect, test } from 'vitest';
import type pg from 'pg';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import { freezeChunks } from '../../src/run/backfill/chunking.ts';
import { rowsPerBlockForPasses } from '../../src/run/backfill/may-interleave.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { serverVersion, withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, update } from './planned.ts';

/** On small tables too. */
const passes = { passes: 4, passesFromBlocks: 0 };
/** Nobody else may have a snapshot while pages of so small a table are to be pruned, and be it for a moment. */
const throttle = { graceMs: 600_000 };

async function backfill(
  database: TestDatabase,
  run: BackfillRun,
  options: Partial<RunnerOptions> = {},
): Promise<VerbResult> {
  return withRunner({ url: database.url, backfill: passes, throttle, ...options }, (runner) =>
    expandMigrations(runner, plan(migration('m', step('backfill', run, { id: 'backfill-1' }))), { backfill: true }),
  );
}

async function valueOf(client: pg.Client, sql: string): Promise<unknown> {
  const { rows } = await client.query<{ value: unknown }>(`select (${sql}) as value`);
  return rows[0]?.value;
}

/** `users` with 8,000 rows on packed pages; without anybody else who keeps them from being pruned. */
async function makeUsers(client: pg.Client, columns: string, values: string): Promise<void> {
  await client.query(`create table users (${columns}) with (autovacuum_enabled = false);
    insert into users select ${values} from generate_series(-3999, 4000) g; analyze users`);
}

/** Bytes of the table ÷ those of the rows that were put in: 2 and more where each new version went to a new page. */
async function growth(client: pg.Client, before: unknown): Promise<number> {
  return Number(await valueOf(client, `pg_relation_size('users')`)) / Number(before);
}

const mostTries = 5;

/** The work holds each time; a snapshot of the server's own (autovacuum) may keep its pages from being pruned now and then. */
async function expectGrowthBelow(limit: number, work: () => Promise<number>): Promise<void> {
  const seen: number[] = [];
  while (seen.length < mostTries && seen.every((found) => found >= limit)) seen.push(await work());
  expect(Math.min(...seen)).toBeLessThan(limit);
}

const keys: readonly { readonly name: string; readonly columns: string; readonly values: string }[] = [
  { name: 'integer', columns: 'id int primary key, t text, n int', values: `g, repeat('x', 100), 0` },
  {
    name: 'composite with a date',
    columns: 'd date, id text, t text, n int, primary key (d, id)',
    values: `date '2020-01-01' + g, 'it''s ' || g, repeat('x', 100), 0`,
  },
];

test.each(keys)('each row is changed once, and most stay on their pages: $name', async ({ columns, values }) => {
  await expectGrowthBelow(1.6, () => changeOnce(columns, values));
});

function changeOnce(columns: string, values: string): Promise<number> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`set datestyle = 'SQL, DMY'`);
    await makeUsers(client, columns, values);
    const before = await valueOf(client, `pg_relation_size('users')`);
    const percents: number[] = [];
    const { error } = await backfill(database, update({ n: 'n + 1' }), {
      backfill: { ...passes, rowsPerChunk: 750 },
      onEvent: (event) => void (event.kind === 'backfill_progress' && percents.push(event.percent)),
    });
    expect(error).toBeNull();
    expect(await valueOf(client, `select array_agg(distinct n) from users`)).toEqual([1]);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    const { rows } = await client.query(`select sum(rows_scanned)::int as scanned, sum(rows_done)::int as done,
      max(pass) as pass, count(window_to)::int as windows from onward.backfill_chunk`);
    expect(rows).toEqual([{ scanned: 8000, done: 8000, pass: 0, windows: 0 }]);
    return growth(client, before);
  });
}

test('blocks are gone over in passes, and clients that move rows meanwhile cost none', async () => {
  await expectGrowthBelow(1.6, changeBlocks);
});

function changeBlocks(): Promise<number> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await makeUsers(client, 'a int, t text, b int', `g, repeat('x', 100), null`);
    const before = await valueOf(client, `pg_relation_size('users')`);
    const wrong = 'b is distinct from a';
    let writes: Promise<unknown> = Promise.resolve();
    let turn = 0;
    const { error } = await backfill(database, update({ b: 'a' }, { guard: wrong, verify: wrong, batchSize: 250 }), {
      onEvent: (event) => {
        if (event.kind !== 'backfill_batch') return;
        const some = `a % 200 = ${(turn += 1)} and b is null`;
        writes = writes.then(() => client.query(`update users set t = 'y' where ${some}`));
      },
    });
    await writes;
    expect(error).toBeNull();
    expect(await valueOf(client, `select count(*)::int from users where ${wrong}`)).toBe(0);
    return growth(client, before);
  });
}

test('a backfill that is interrupted in any pass goes on there', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await makeUsers(client, 'id bigint primary key, t text, n int', `g, repeat('x', 100), 0`);
    const run = update({ n: 'n + 1' }, { batchSize: 300 });
    const stoppedIn = new Set<number>();
    for (let stops = 1; ; stops += 1) {
      const stop = new AbortController();
      let batches = 0;
      const onEvent = ({ kind }: RunEvent): void => {
        if (kind === 'backfill_batch' && (batches += 1) >= 5) stop.abort('SIGTERM');
      };
      const ended = await backfill(database, run, { signal: stop.signal, onEvent }).catch((error: unknown) => error);
      if (!(ended instanceof Error)) break;
      expect(ended).toMatchObject({ code: 'TERMINATED' });
      stoppedIn.add(Number(await valueOf(client, 'select max(pass) from onward.backfill_chunk')));
      expect(stops).toBeLessThan(20);
    }
    expect([...stoppedIn].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    expect(await valueOf(client, `select array_agg(distinct n) from users`)).toEqual([1]);
    expect(await valueOf(client, `select sum(rows_done)::int from onward.backfill_chunk`)).toBe(8000);
  });
});

const refused = [
  { name: 'by key', columns: 'id int primary key, t text, b int check (b <> 77)', key: 'id = 77' },
  { name: 'by block', columns: 'id int, t text, b int check (b <> 77)', key: 'ctid = ' },
];

test.each(refused)(
  'a row that is refused is noted once, and the others are changed: $name',
  async ({ columns, key }) => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await makeUsers(client, columns, `g, repeat('x', 100), null`);
      const wrong = 'b is distinct from id';
      const run = update({ b: 'id' }, { guard: wrong, verify: wrong });
      const { error } = await backfill(database, run, { backfill: { ...passes, onError: 'quarantine' } });
      expect(error?.message).toContain('1 row');
      expect(error?.message).toContain(key.startsWith('id') ? key : '');
      expect(await valueOf(client, 'select count(*)::int from onward.backfill_quarantine')).toBe(1);
      expect(await valueOf(client, `select array_agg(id) from users where ${wrong}`)).toEqual([77]);
      expect(await valueOf(client, `select sum(rows_done)::int from onward.backfill_chunk`)).toBe(7999);
    });
  },
);

test('passes end where an old snapshot keeps every page from being pruned', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await makeUsers(client, 'id int primary key, t text, n int', `g, repeat('x', 100), 0`);
    const report = await database.connect('report');
    await report.query('begin isolation level repeatable read; select from users limit 1');
    const { error } = await backfill(database, update({ n: 'n + 1' }), { backfill: { ...passes, rowsPerChunk: 500 } });
    await report.query('commit');
    expect(error).toBeNull();
    expect(await valueOf(client, `select array_agg(distinct n) from users`)).toEqual([1]);
    const { rows } = await client.query(`select kind, (detail->>'hot')::int < 200 as few from onward.backfill_event`);
    expect(rows).toEqual([{ kind: 'passes_off', few: true }]); // told once: the other chunks are walked without
  });
});

const fitting: readonly { readonly name: string; readonly also: string; readonly pays: boolean }[] = [
  { name: 'no index on the column', also: 'create index on users (t)', pays: true },
  { name: 'an index on the column', also: 'create index on users (b)', pays: false },
  { name: 'an index that includes it', also: 'create index on users (t) include (b)', pays: false },
  { name: 'an expression of it', also: 'create index on users ((b + 1))', pays: false },
  { name: 'an expression of another column', also: 'create index on users (lower(t))', pays: true },
  { name: 'an expression of the whole row', also: 'create index on users ((users is null))', pays: false },
  { name: 'a partial index', also: 'create index on users (t) where b is null', pays: false },
  { name: 'an exclusion constraint', also: 'alter table users add exclude (b with =)', pays: false },
  { name: 'an indexed column made from it', also: 'create index on users (twice)', pays: false },
  { name: 'a BRIN index', also: 'create index on users using brin (b)', pays: serverVersion() >= 16 },
  {
    name: 'a column of two thirds of a page',
    also: `update users set t = repeat(id::text, 900); analyze users`,
    pays: false,
  },
  {
    name: 'rows in no order',
    also: 'create table s as select * from users order by random(); truncate users; insert into users (id, t, b) select id, t, b from s; analyze users',
    pays: false,
  },
];

test('passes are used only where no index has to hear of the change', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const run = update({ b: 'id' });
    const found: (typeof fitting)[number][] = [];
    await withRunner({ url: database.url }, async ({ session }) => {
      for (const { name, also } of fitting) {
        await client.query(`drop table if exists users, s; create table users (id int primary key, t text, b int,
          twice int generated always as (b * 2) stored); alter table users alter t set storage plain;
          insert into users (id, t) select g, 'x' from generate_series(1, 500) g; analyze users; ${also}`);
        const { chunks } = await freezeChunks(session, run, 1000);
        const [chunk] = chunks;
        if (chunk === undefined) throw new Error('There is no chunk.');
        const rows = await rowsPerBlockForPasses(session, run, chunk, 4);
        found.push({ name, also, pays: rows !== null });
      }
    });
    expect(found).toEqual(fitting);
  });
});

test('an update of a column with a BRIN index keeps its page from 16 on', async () => {
  if (serverVersion() >= 16) await expectGrowthBelow(1.6, changeSummarised);
  else expect(await changeSummarised()).toBeGreaterThanOrEqual(1.6);
});

function changeSummarised(): Promise<number> {
  return withDatabase(async (database) => {
    const client = await database.connect();
    await makeUsers(client, 'id int primary key, t text, n int', `g, repeat('x', 100), 0`);
    await client.query('create index on users using brin (n)');
    const before = await valueOf(client, `pg_relation_size('users')`);
    const { error } = await backfill(database, update({ n: 'n + 1' }));
    expect(error).toBeNull();
    return growth(client, before);
  });
}
