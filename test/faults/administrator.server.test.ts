/**
 * An administrator ends sessions, or cancels statements, of workers at random, and a role comes with timeouts of its own:
 * the run that leads goes on by itself, and each row is changed once.
 */
import { expect, test, type TestContext } from 'vitest';
import { backfill, type RunOptions } from '../../src/index.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { on } from '../support/standby.ts';
import { startOwnServer, withDatabase } from '../support/server.ts';
import { pause, startApplication } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives, type Life, type Role } from './lives.ts';

const processes = lives();

type Doing = {
  readonly kind: string;
  readonly wanted: number;
  readonly everyMs: number;
  /** Done to one of the sessions at random; answers whether it was hit. */
  readonly statement: string;
};

/** Rounds in which that is done again and again to whoever works. */
async function trial(context: TestContext, { kind, wanted, everyMs, statement }: Doing): Promise<number> {
  const count = countFaults(context, kind);
  await withDatabase(async ({ url }) => {
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 6_000 };
      await makeCounters(counters);
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000, backfills: { rowsPerChunk: 500 } };
      const application = startApplication({ url, table: counters.name, rows: counters.rows });
      let batches = 0;
      const start = (role: Role): Life =>
        processes.start(role, options, ({ kind: event }) => {
          if (event === 'backfill_batch') batches += 1;
        });
      const others = processes.keep(2, () => start('join'));
      let isOver = false;
      const meddling = on(url, async (client) => {
        while (!isOver && count.injected() < wanted) {
          const { rows } = await client.query<{ hit: boolean }>(
            `select ${statement} as hit from (select pid from pg_stat_activity where datname = current_database()
               and application_name like 'onward%' order by random() limit 1) as chosen`,
          );
          if (rows[0]?.hit === true) count.fault();
          await pause(Math.random() * everyMs);
          // On a slow machine nobody would ever come to a batch.
          for (const before = batches; batches === before && !isOver;) await pause(5);
        }
      });
      let end = await start('lead').ended;
      while (end === 'turned_away') end = await start('lead').ended;
      isOver = true;
      await meddling;
      await others.end();
      await application.stop();
      await expectEachOnce(counters);
      count.right();
    }
  });
  return count.injected();
}

test('sessions of workers that an administrator ends', async (context) => {
  const wanted = faults(30);
  const done = await trial(context, {
    kind: 'pg_terminate_backend of any worker',
    wanted,
    everyMs: 300,
    statement: 'pg_terminate_backend(pid)',
  });
  expect(done).toBeGreaterThanOrEqual(wanted);
});

test('statements of workers that an administrator cancels', async (context) => {
  const wanted = faults(100);
  const done = await trial(context, {
    kind: 'pg_cancel_backend of any worker',
    wanted,
    everyMs: 20,
    statement: 'pg_cancel_backend(pid)',
  });
  expect(done).toBeGreaterThanOrEqual(wanted);
});

test('a server that is read-only for a while', async (context) => {
  const wanted = faults(3);
  const count = countFaults(context, 'a server that turns read-only (25006), mid-backfill');
  const server = await startOwnServer();
  try {
    const url = await server.createDatabase('shop');
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 4_000 };
      await makeCounters(counters);
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000, backfills: { rowsPerChunk: 500 } };
      const other = processes.keep(1, () => processes.start('join', options));
      let turn: Promise<void> | null = null;
      let batches = 0;
      const setReadOnly = (value: string): Promise<void> =>
        on(server.url, async (client) => {
          await client.query('set default_transaction_read_only = off');
          await client.query(`alter system set default_transaction_read_only = ${value}`);
          await client.query('select pg_reload_conf()');
        });
      const toggle = async (): Promise<void> => {
        await setReadOnly('on');
        await pause(500);
        await setReadOnly('off');
        count.fault();
        turn = null;
      };
      const onEvent = ({ kind }: { readonly kind: string }): void => {
        if (kind === 'backfill_batch') batches += 1;
        if (kind === 'backfill_batch' && batches % 20 === 10 && count.injected() < wanted) turn ??= toggle();
      };
      const { error } = await backfill({ ...options, onEvent });
      await Promise.resolve(turn);
      await other.end();
      expect(error).toBeNull();
      await expectEachOnce(counters);
      count.right();
    }
  } finally {
    await server.stop();
  }
});

test('timeouts that a database or role sets, and rows that take longer than a batch may', async (context) => {
  const count = countFaults(context, 'a batch that meets the statement timeout (57014)');
  await withDatabase(async ({ url, name: database }) => {
    count.run();
    const counters = { url, name: 'counters', rows: 400 };
    await makeCounters(counters);
    await on(url, (client) =>
      client.query(`alter database ${database} set statement_timeout = '10ms';
        alter database ${database} set lock_timeout = '1ms';
        alter database ${database} set idle_in_transaction_session_timeout = '1ms';
        create function slow() returns trigger language plpgsql as $$
        begin
          perform pg_sleep(0.4);
          return new;
        end $$;
        create trigger slow before update on counters for each row when (old.id between 201 and 214)
          execute function slow()`),
    );
    const onEvent = (event: RunEvent): void => {
      if (event.kind === 'backfill_retried' && event.sqlstate === '57014') count.fault();
    };
    const { error } = await backfill({ databaseUrl: url, onEvent });
    expect(error).toBeNull();
    expect(count.injected()).toBeGreaterThan(0);
    await on(url, (client) => client.query(`alter database ${database} reset all`));
    await expectEachOnce(counters);
    count.right();
  });
});
