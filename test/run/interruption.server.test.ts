/** SIGINT and SIGTERM, wherever they come: what runs is cancelled or finished, recorded, and the lease is let go. */
import { expect, test } from 'vitest';
import { doctor, unlock, type DatabaseOptions } from '../../src/index.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import { applyDirectly } from '../../src/run/verbs/apply-directly.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, users } from './planned.ts';

const slow = migration(
  'm',
  step('expand', 'create table first (n int)'),
  step('expand', 'select pg_sleep(60)', { title: 'Sleep' }),
);

async function interrupted(
  database: TestDatabase,
  planned: typeof slow,
  when: (event: RunEvent) => boolean,
  options: Partial<RunnerOptions> = {},
): Promise<void> {
  const stop = new AbortController();
  const running = withRunner(
    {
      url: database.url,
      ...options,
      signal: stop.signal,
      onEvent: (event) => {
        if (when(event)) stop.abort('SIGINT');
      },
    },
    (runner) => expandMigrations(runner, plan(planned), { backfill: false }),
  );
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
}

const leaseAndSteps = `select (select token from onward.lease) as token,
  (select array_agg(status order by position) from onward.step) as steps,
  (select last_error ->> 'code' from onward.step order by position desc limit 1) as error`;

test('a statement that runs is cancelled, and its step can be run again', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await interrupted(database, slow, (event) => event.kind === 'step_started' && event.title === 'Sleep');
    expect((await client.query(leaseAndSteps)).rows).toEqual([
      { token: null, steps: ['done', 'pending'], error: 'INTERRUPTED' },
    ]);
    expect((await client.query(`select to_regclass('first')::text as t`)).rows).toEqual([{ t: 'first' }]);
  });
});

test.each([
  [
    'the wait for a long transaction',
    (event: RunEvent) => event.kind === 'lock_waiting' && event.lockTimeoutMs === 0,
    {},
  ],
  // The ninth pause alone would be 6 s, the budget is 5 minutes.
  [
    'the wait for a lock',
    (event: RunEvent) => event.kind === 'lock_waiting' && event.attempt === 9,
    { longAfterMs: 1e9 },
  ],
])('%s ends at once', async (_, when, locks) => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (id int)');
    await client.query('begin; lock table users');
    const planned = migration(
      'm',
      step('expand', 'alter table users add x int', { locks: [{ table: users, mode: 'ACCESS EXCLUSIVE' }] }),
    );
    const startedAt = performance.now();
    await interrupted(database, planned, when, { locks });
    await client.query('rollback');
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect((await client.query(leaseAndSteps)).rows).toEqual([
      { token: null, steps: ['pending'], error: 'INTERRUPTED' },
    ]);
  });
});

test('the wait for the lease ends at once', async () => {
  await withDatabase(async (database) => {
    const startedAt = performance.now();
    await withRunner({ url: database.url }, async () => {
      await interrupted(database, slow, (event) => event.kind === 'lease_waiting', { waitForLeaseMs: 60_000 });
    });
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

test('up keeps whole migrations only', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const stop = new AbortController();
    const running = withRunner({ url: database.url, signal: stop.signal }, (runner) => {
      const work = applyDirectly(runner, [{ name: 'm', checksum: slow.checksum, planned: slow }]);
      void sleeping(client).then(() => stop.abort('SIGTERM'));
      return work;
    });
    await expect(running).rejects.toMatchObject({ code: 'TERMINATED', exitCode: 143 });
    expect(
      (await client.query(`select to_regclass('first') as t, (select count(*)::int from onward.migration) as n`)).rows,
    ).toEqual([{ t: null, n: 0 }]);
  });
});

async function sleeping(client: { query(sql: string): Promise<{ rowCount: number | null }> }): Promise<void> {
  const sql = `select from pg_stat_activity where wait_event = 'PgSleep' and application_name = 'onward'`;
  while ((await client.query(sql)).rowCount === 0) await client.query('select pg_sleep(0.01)');
}

test.each<readonly [string, (options: DatabaseOptions) => Promise<unknown>]>([
  ['unlock', unlock],
  ['doctor', (options) => doctor({ ...options, migrations: [] })],
])('%s ends at once, whatever it waits for', async (_, ask) => {
  await withDatabase(async (database) => {
    await withRunner({ url: database.url }, () => Promise.resolve()); // installs the ledger
    const client = await database.connect();
    await client.query('begin; lock table onward.format, onward.lease');
    const stop = new AbortController();
    const asking = ask({ databaseUrl: database.url, signal: stop.signal }).catch((error: unknown) => error);
    const waiting = `select from pg_locks
      where not granted and database = (select oid from pg_database where datname = current_database())`;
    while ((await client.query(waiting)).rowCount === 0);
    stop.abort('SIGINT');
    expect(await asking).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    await client.query('rollback');
  });
});
