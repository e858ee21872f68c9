/**
 * Invariant 7: while a long transaction holds every table of the case, no other client waits longer than the lock
 * timeout that is in force. Each case stands for a kind of locking; what a step locks is proven by `effects`.
 *
 * The clients measure on the server's own clock, inside one round trip, so a slow test process does not count. The long
 * transaction ends when the runner has tried often enough that a runner without timeouts would have held up everybody
 * for longer than is allowed here.
 */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockMode } from '../../src/postgres/lock-mode.ts';
import { sqlstate, sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { systemClock } from '../../src/run/clock.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { qualified } from '../../src/sql/template.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { readCases, type OperationCase } from './harness/case-file.ts';
import { eachPhase, runVerb } from './harness/lifecycle.ts';

const lastTimeoutMs = 200;
const triesAtLastTimeout = 6;
/** For the scheduler of a busy machine. Together with the timeout still less than the long transaction lasts. */
const slackMs = 800;
/** Pauses between tries are not what is tested, nor that a long transaction is waited for without queueing. */
const hurried = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal),
};

const representatives: readonly string[] = [
  'add_column/required-with-value', // ACCESS EXCLUSIVE, then SHARE ROW EXCLUSIVE for its trigger
  'set_not_null/plain', // ACCESS EXCLUSIVE and SHARE UPDATE EXCLUSIVE in contract
  'add_foreign_key/plain', // two tables
  'drop_table/with-foreign-keys', // three tables, one after the other
  'create_trigger/with-function', // a partitioned table
  'create_index/plain', // concurrently: waits itself, and holds up nobody
  'alter_column_type/integer-to-bigint', // the swap
  'several/key-with-its-children', // the swap of several tables at once
];

let database: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe('nobody waits longer than the lock timeout', () => {
  const cases = readCases(serverVersion());
  test.each(representatives)('%s', async (id) => {
    const operationCase = cases.find((candidate) => candidate.id === id);
    if (operationCase === undefined) throw new Error(`There is no case ${id}.`);
    await database.prepare(operationCase);
    const tries = await runBesideLongTransaction(operationCase);
    expect(tries.waits.length).toBeGreaterThan(0);
    expect(tries.blocked, 'tries of the runner that met the long transaction').toBeGreaterThan(0);
    expect(Math.max(...tries.waits)).toBeLessThan(lastTimeoutMs + slackMs);
    await database.assertQuiet();
  });
});

type Tries = { readonly waits: readonly number[]; readonly blocked: number };

async function runBesideLongTransaction(operationCase: OperationCase): Promise<Tries> {
  const waits: number[] = [];
  let blocked = 0;
  await eachPhase(database, operationCase, async (verb, plan) => {
    const { tables } = await database.catalog();
    const names = [...tables.values()].map((table) => qualified(table).text);
    const holder = await holdTables(names);
    const clients = [startClient('ACCESS SHARE', names, waits), startClient('ROW EXCLUSIVE', names, waits)];
    let triesLeft = triesAtLastTimeout;
    let released: Promise<unknown> | null = null;
    const onEvent = (event: RunEvent): void => {
      if (!isBlocked(event)) return;
      blocked += 1;
      if (event.kind !== 'lock_waiting' || event.lockTimeoutMs === lastTimeoutMs) triesLeft -= 1;
      if (triesLeft === 0) released ??= holder.query('commit');
    };
    try {
      await runVerb(database, verb, plan, { onEvent, clock: hurried, locks: { lastTimeoutMs, longAfterMs: Infinity } });
    } finally {
      for (const client of clients) await client.stop();
      await (released ?? holder.query('commit'));
      await holder.end();
    }
  });
  return { waits, blocked };
}

function isBlocked(event: RunEvent): boolean {
  return event.kind === 'lock_waiting' || event.kind === 'statement_waiting' || event.kind === 'index_progress';
}

/** As a transaction does that has written to every table and is still open. */
async function holdTables(tables: readonly string[]): Promise<pg.Client> {
  const holder = await database.connect('long transaction');
  await holder.query('begin');
  for (const table of tables) await holder.query(`lock table only ${table} in row exclusive mode`);
  return holder;
}

type Client = { stop(): Promise<void> };

/** Takes the lock of a reader or a writer, table by table, again and again. */
function startClient(mode: LockMode, tables: readonly string[], waits: number[]): Client {
  let stopped = false;
  const work = (async () => {
    const session = await database.connect(`client in ${mode}`);
    try {
      while (!stopped) {
        for (const table of tables) {
          const waited = await waitFor(session, table, mode);
          if (waited !== null) waits.push(waited);
        }
      }
    } finally {
      await session.end();
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await work;
    },
  };
}

/** Milliseconds; null for a table that a step dropped meanwhile. */
async function waitFor(session: pg.Client, table: string, mode: LockMode): Promise<number | null> {
  const now = 'select extract(epoch from clock_timestamp())::float8 * 1000 as at';
  try {
    // One result for each statement of the string, as the driver gives them.
    const results = (await session.query(
      `begin; ${now}; lock table only ${table} in ${mode} mode; ${now}; commit`,
    )) as unknown as readonly pg.QueryResult<{ at: number }>[];
    return (results[3]?.rows[0]?.at ?? NaN) - (results[1]?.rows[0]?.at ?? NaN);
  } catch (error) {
    if (sqlstateOf(error) !== sqlstate.undefinedTable) throw error;
    await session.query('rollback');
    return null;
  }
}
