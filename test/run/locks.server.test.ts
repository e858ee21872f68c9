/** Locks: how a step asks for them, who is named when it does not get them, and how long anybody waits for us. */
import pg from 'pg';
import { describe, expect, test } from 'vitest';
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

test('behind a transaction that does not end, no other client waits longer than the lock timeout in force', async () => {
  await withDatabase(async (database) => {
    const holder = await database.connect();
    const reader = await database.connect();
    await holder.query('create table users (id int)');
    await holder.query('begin; lock table users in access share mode');
    const lastTimeoutMs = 200;
    const slackMs = 600; // of a busy machine; a runner without timeouts would hold the reader up until the commit
    const released: Promise<unknown>[] = [];
    let over = false;
    const running = expand(database, migration('m', addColumn()), {
      // It queues while the transaction is young, and then only looks.
      locks: { lastTimeoutMs, longAfterMs: 2_000 },
      onEvent: (event) => {
        if (event.kind === 'lock_waiting' && event.waitedMs > 3 * (lastTimeoutMs + slackMs)) {
          released[0] ??= holder.query('commit');
        }
      },
    }).finally(() => (over = true));
    let longestMs = 0;
    const now = 'select extract(epoch from clock_timestamp())::float8 * 1000 as at';
    while (!over) {
      // On the server's clock, in one round trip: what this process itself is late by does not count.
      const answers = (await reader.query(
        `begin; ${now}; lock table users in access share mode; ${now}; commit`,
      )) as unknown as readonly pg.QueryResult<{ at: number }>[];
      longestMs = Math.max(longestMs, (answers[3]?.rows[0]?.at ?? NaN) - (answers[1]?.rows[0]?.at ?? NaN));
    }
    const { result, events } = await running;
    await released[0];
    expect(result.error).toBeNull();
    const queued = events.flatMap((event) => (event.kind === 'lock_waiting' ? [event.lockTimeoutMs] : []));
    expect(Math.max(...queued)).toBeLessThanOrEqual(lastTimeoutMs);
    expect(queued.at(-1)).toBe(0);
    expect(longestMs).toBeLessThan(Math.max(...queued) + slackMs);
  });
});

describe('a long transaction that holds the table', () => {
  /** No tries that cannot queue, so that nothing but the look keeps the step from queueing. */
  const atOnce = { nowaitTries: 0, longAfterMs: 1 };

  test('is waited for without queueing: every other client gets its lock at once', async () => {
    await withDatabase(async (database) => {
      const holder = await database.connect('nightly-report');
      const other = await database.connect();
      await holder.query('create table users (id int)');
      await holder.query('begin; lock table users in access share mode');
      const looks: RunEvent[] = [];
      const released: Promise<unknown>[] = [];
      let over = false;
      const running = expand(database, migration('m', addColumn()), {
        locks: atOnce,
        onEvent: (event) => {
          if (event.kind === 'lock_waiting') looks.push(event);
          if (looks.length === 4) released[0] ??= holder.query('commit');
        },
      }).finally(() => (over = true));
      let turns = 0;
      while (!over && released.length === 0) {
        // NOWAIT fails as soon as anybody queues with a lock that excludes this one.
        await other.query('begin; lock table users in access share mode nowait; commit');
        turns += 1;
      }
      expect((await running).result.error).toBeNull();
      await released[0];
      expect(turns).toBeGreaterThan(0);
      expect(looks.slice(0, 4)).toMatchObject(
        Array.from({ length: 4 }, () => ({ lockTimeoutMs: 0, blockers: [{ application: 'nightly-report' }] })),
      );
    });
  });

  test('is noticed by a role that may not see its age, by how long it has been in the way', async () => {
    await withDatabase(async (database) => {
      const holder = await database.connect();
      const role = `r${database.name}`;
      await holder.query(`create table users (id int); create role ${role} login password 'p';
        grant create on database ${database.name} to ${role}; alter table users owner to ${role}`);
      try {
        await holder.query('begin; lock table users in access share mode');
        const released: Promise<unknown>[] = [];
        const url = new URL(database.url);
        url.username = role;
        url.password = 'p';
        const { result, events } = await expand({ url: url.href }, migration('m', addColumn()), {
          locks: { ...atOnce, longAfterMs: 300 },
          onEvent: (event) => {
            if (event.kind === 'lock_waiting' && event.lockTimeoutMs === 0) released[0] ??= holder.query('commit');
          },
        });
        await released[0];
        expect(result.error).toBeNull();
        expect(events.find((event) => event.kind === 'lock_waiting')).toMatchObject({
          blockers: [{ transactionAgeMs: null }],
        });
        expect(released).toHaveLength(1);
      } finally {
        await holder.query(`drop owned by ${role} cascade; drop role ${role}`);
      }
    });
  });

  test.each([false, true])('is waited for beyond the budget only if asked: %s', async (waitForBlockers) => {
    await withDatabase(async (database) => {
      const holder = await database.connect('nightly-report');
      await holder.query('create table users (id int)');
      await holder.query('begin; lock table users in access share mode');
      let looks = 0;
      const released: Promise<unknown>[] = [];
      const { result } = await expand(database, migration('m', addColumn()), {
        lockBudgetMs: 600,
        locks: { ...atOnce, waitForBlockers },
        onEvent: (event) => {
          if (event.kind === 'lock_waiting') looks += 1;
          if (looks === 4) released[0] ??= holder.query('commit');
        },
      });
      await (released[0] ?? holder.query('commit'));
      if (waitForBlockers) expect(result.error).toBeNull();
      else {
        expect(result.error).toMatchObject({ code: 'LOCK_NOT_OBTAINED' });
        expect(result.error?.message).toContain('nightly-report');
      }
    });
  });

  test('is ended when that was asked for, unless it is a superuser or no session at all', async () => {
    await withDatabase(async (database) => {
      const superuser = await database.connect('administrator');
      const role = `r${database.name}`;
      await superuser.query(`create table users (id int); create role ${role} login password 'p';
        grant select, update on users to ${role}`);
      const url = new URL(database.url);
      url.username = role;
      url.password = 'p';
      const client = new pg.Client({ connectionString: url.href, application_name: 'forgotten-console' });
      const ended = new Promise((resolve) => client.on('error', resolve));
      await client.connect();
      try {
        await client.query('begin; lock table users in access share mode');
        await superuser.query('begin; lock table users in access share mode');
        const told: Extract<RunEvent, { readonly kind: 'blocker_terminated' }>[] = [];
        const released: Promise<unknown>[] = [];
        const { result } = await expand(database, migration('m', addColumn()), {
          locks: { ...atOnce, terminateBlockersAfterMs: 100 },
          onEvent: (event) => {
            if (event.kind === 'blocker_terminated') told.push(event);
            if (told.length === 2) released[0] ??= superuser.query('commit');
          },
        });
        await released[0];
        await ended;
        expect(result.error).toBeNull();
        expect(Object.fromEntries(told.map((event) => [event.blocker.application, event.spared]))).toEqual({
          'forgotten-console': null,
          administrator: 'not_an_ordinary_client',
        });
      } finally {
        await client.end().catch(() => undefined);
        await superuser.query(`drop owned by ${role} cascade; drop role ${role}`);
      }
    });
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
