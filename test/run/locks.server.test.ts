/** Locks: how a step asks for them, who is named when it does not get them, and how long anybody waits for us. */
import pg from 'pg';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import type { PlannedMigration, Step } from '../../src/plan/plan.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { startOwnServer, withDatabase } from '../support/server.ts';
import { migration, plan, step, users } from './planned.ts';

async function expand(
  database: { readonly url: string },
  planned: PlannedMigration,
  options: Partial<RunnerOptions> = {},
): Promise<{ readonly result: VerbResult; readonly events: readonly RunEvent[] }> {
  const events: RunEvent[] = [];
  const result = await withRunner(
    {
      url: database.url,
      ...options,
      onEvent: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
    },
    (runner) => expandMigrations(runner, plan(planned), { backfill: false }),
  );
  return { result, events };
}

const addColumn = (more: Partial<Step> = {}) =>
  step('expand', 'alter table users add column phone text', {
    title: 'Add column users.phone',
    locks: [{ table: users, mode: 'ACCESS EXCLUSIVE' }],
    ...more,
  });

test('a step that does not get its lock names who holds it, and changes nothing', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect('nightly-report');
    await client.query('create table users (id int)');
    await client.query('begin');
    await client.query('select count(*) from users');
    const { result, events } = await expand(database, migration('m', addColumn()), { lockBudgetMs: 3_000 });
    await client.query('rollback');

    expect(result.error).toMatchObject({ code: 'LOCK_NOT_OBTAINED', exitCode: 4 });
    expect(result.error?.message).toContain('ACCESS EXCLUSIVE lock on public.users');
    expect(result.error?.message).toContain('nightly-report');
    expect(result.error?.message).toContain('select count(*) from users');
    expect(result.error?.hint).toMatch(/pg_terminate_backend\(\d+\)/);
    const waits = events.filter((event) => event.kind === 'lock_waiting');
    expect(waits.slice(0, 4).map((event) => event.lockTimeoutMs)).toEqual([0, 0, 0, 25]);
    expect(waits[0]?.blockers).toMatchObject([{ application: 'nightly-report', state: 'idle in transaction' }]);
    expect((await client.query('select * from onward.step')).rows).toMatchObject([
      { status: 'pending', attempts: 1, last_error: { code: 'LOCK_NOT_OBTAINED', sqlstate: '55P03' } },
    ]);
    expect((await expand(database, migration('m', addColumn()))).result.error).toBeNull();
  });
});

test('the step goes on by itself once the lock is free', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (id int)');
    await client.query('begin; lock table users in access share mode');
    let freeing: Promise<unknown> = Promise.resolve();
    const { result } = await expand(database, migration('m', addColumn()), {
      onEvent: (event) => {
        if (event.kind === 'lock_waiting' && event.attempt === 4) freeing = client.query('rollback');
      },
    });
    await freeing;
    expect(result.error).toBeNull();
  });
});

test('no other client waits longer than the lock timeout', async () => {
  await withDatabase(async (database) => {
    const holder = await database.connect();
    const reader = await database.connect();
    await holder.query('create table users (id int)');
    await holder.query('begin; lock table users in access share mode');
    const lastTimeoutMs = 200;
    let over = false;
    const running = expand(database, migration('m', addColumn()), {
      lockBudgetMs: 3_000,
      locks: { lastTimeoutMs },
    }).finally(() => (over = true));
    let worstMs = 0;
    while (!over) {
      const startedAt = performance.now();
      await reader.query('select count(*) from users');
      worstMs = Math.max(worstMs, performance.now() - startedAt);
    }
    expect((await running).result.error).toMatchObject({ code: 'LOCK_NOT_OBTAINED' });
    await holder.query('rollback');
    expect(worstMs).toBeLessThan(lastTimeoutMs + 150); // the timeout, and a busy machine
  });
});

test('a lock that the plan did not foresee is waited for no longer, and its holder is named too', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect('forgotten-console');
    await client.query('create table users (id int)');
    await client.query('begin; lock table users in access share mode');
    const planned = migration('m', addColumn({ locks: [] }));
    const { result, events } = await expand(database, planned, { lockBudgetMs: 4_000 });
    await client.query('rollback');
    expect(result.error).toMatchObject({ code: 'LOCK_NOT_OBTAINED' });
    expect(result.error?.message).toContain('forgotten-console');
    expect(events.find((event) => event.kind === 'lock_waiting')).toMatchObject({ table: null, mode: null });
  });
});

test('a prepared transaction that holds the lock is named with the line that ends it', async () => {
  const server = await startOwnServer({ settings: { max_prepared_transactions: '2' } });
  const client = new pg.Client({ connectionString: server.url });
  try {
    await client.connect();
    await client.query('create table users (id int)');
    await client.query(`begin; lock table users in access share mode; prepare transaction 'it''s stuck'`);
    const { result } = await expand(server, migration('m', addColumn()), { lockBudgetMs: 500 });
    expect(result.error?.hint).toContain(`ROLLBACK PREPARED 'it''s stuck'`);
  } finally {
    await client.end();
    await server.stop();
  }
});

test('locks on what LOCK TABLE does not take are left to the statements', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id serial); create index users_i on users (id);
      create view v as select * from users; create materialized view mv as select * from users`);
    const all = ['users_id_seq', 'users_i', 'v', 'mv', 'users'].map((name) => ({
      table: { schema: 'public', name },
      mode: 'ACCESS EXCLUSIVE' as const,
    }));
    const { result } = await expand(database, migration('m', addColumn({ locks: all })));
    expect(result.error).toBeNull();
  });
});

test('a table that is gone is a drift, told by name', async () => {
  await withDatabase(async (database) => {
    const { result } = await expand(database, migration('m', addColumn()));
    expect(result.error).toMatchObject({ code: 'SCHEMA_DRIFT', exitCode: 5 });
    expect(result.error?.message).toContain('public.users');
  });
});

test('the statement runs under the timeouts and the settings of its step', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create schema app; create table app.seen (name text, value text)');
    const look = `insert into seen select name, setting from pg_settings
      where name in ('search_path', 'statement_timeout', 'lock_timeout')`;
    const planned = migration(
      'm',
      step('expand', look, { settings: { search_path: 'app' }, statementTimeoutMs: 4_321 }),
    );
    expect((await expand(database, planned)).result.error).toBeNull();
    const { rows } = await client.query<{ name: string; value: string }>('select * from app.seen order by name');
    expect(rows.map((row) => row.value)).toEqual(['25', 'app', '4321']);
  });
});

test('statements of another role leave the ledger to us', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const role = `r${database.name}`;
    await client.query(`create role ${role}; create schema app authorization ${role}`);
    try {
      const planned = migration('m', step('expand', 'create table app.t (n int)', { settings: { role } }));
      expect((await expand(database, planned)).result.error).toBeNull();
      const { rows } = await client.query(`select tableowner as owner from pg_tables where tablename = 't'`);
      expect(rows).toEqual([{ owner: role }]);
    } finally {
      await client.query(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });
});

test('a deadlock is lost, and tried again', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const observer = await database.connect();
    await client.query('create table users (id int)');
    await client.query('create table other (id int)');
    await client.query('insert into other values (1)');
    // The client holds users and wants other; the step holds other and wants users. The step looks for a deadlock first.
    await client.query(`set deadlock_timeout = '20s'`);
    await client.query('begin; lock table users in row exclusive mode');
    const planned = migration(
      'm',
      step('expand', {
        kind: 'sql',
        statements: [
          `set local deadlock_timeout = '2s'`,
          'update other set id = 2',
          'alter table users add column phone text',
        ],
        transaction: true,
        probe: null,
      }),
    );
    const locks = { nowaitTries: 0, firstTimeoutMs: 10_000, lastTimeoutMs: 10_000 };
    const running = expand(database, planned, { locks });
    await until(
      observer,
      `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'alter table users%'`,
    );
    await client.query('update other set id = 3');
    await client.query('commit');
    const { result, events } = await running;
    expect(result.error).toBeNull();
    expect(events.filter((event) => event.kind === 'step_retried')).toMatchObject([{ sqlstate: '40P01' }]);
  });
});

test('a statement that fails is quoted with what the server said about it', async () => {
  await withDatabase(async (database) => {
    const planned = migration(
      'm',
      step('expand', 'create table t (n int)'),
      step('expand', 'create table t (m int)', { title: 'Create table t' }),
    );
    const { result } = await expand(database, planned);
    expect(result.error).toMatchObject({
      code: 'STEP_FAILED',
      details: {
        title: 'Create table t',
        statement: 'create table t (m int)',
        sqlstate: '42P07',
        serverMessage: 'relation "t" already exists',
      },
      cause: expect.objectContaining({ code: '42P07' }),
    });
    expect(result.migrations).toMatchObject([{ outcome: 'failed' }]);
  });
});

async function until(client: pg.Client, sql: string): Promise<void> {
  while ((await client.query(sql)).rowCount === 0) await client.query('select pg_sleep(0.01)');
}
