/**
 * The runner dies everywhere: with kill -9 of its process, and by the end of its session, at every event that it tells.
 * Running the same verb again must end in the same state, each row changed once.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  nothingToUndo,
  outsideTransaction,
  transactional,
  undoBy,
  type GateRun,
} from '../../src/operations/step-draft.ts';
import { MigrateError } from '../../src/errors.ts';
import type { RunEvent, Verb } from '../../src/run/run-event.ts';
import { withRunner, type Runner } from '../../src/run/runner.ts';
import { backfillMigrations } from '../../src/run/verbs/backfill.ts';
import { contractMigrations } from '../../src/run/verbs/contract.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { rollbackMigrations } from '../../src/run/verbs/rollback.ts';
import { bundledProgram, type BundledProgram } from '../support/bundled-program.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, update, users } from './planned.ts';

const locks = [{ table: users, mode: 'ACCESS EXCLUSIVE' as const }];
const gate: GateRun = {
  kind: 'gate',
  what: 'rows of users have no phone',
  countSql: 'select count(*) from users where phone is null',
  sampleSql: 'select id from users where phone is null limit 5',
  hint: 'Fill them.',
};
const index = { schema: 'public', name: 'users_phone' };

/** Every kind of step. The log and the counter tell whether anything ran twice. */
const planned = plan(
  migration(
    '0001',
    step('expand', transactional('alter table users add column phone text', `insert into log values ('add')`), {
      id: 'expand-1',
      locks,
      undo: undoBy(
        transactional('alter table users drop column phone', `insert into log values ('drop')`),
        transactional(`insert into log values ('dropped')`),
      ),
    }),
    step(
      'expand',
      outsideTransaction('create index concurrently users_phone on users (phone)', {
        kind: 'index_valid',
        table: users,
        index: 'users_phone',
      }),
      {
        id: 'expand-2',
        undo: undoBy(outsideTransaction('drop index concurrently users_phone', { kind: 'index_absent', index })),
      },
    ),
    step('expand', `insert into log values ('third')`, {
      id: 'expand-3',
      undo: undoBy(transactional(`insert into log values ('third undone')`)),
    }),
    step('backfill', update({ n: 'n + 1', phone: `'p' || id` }, { batchSize: 100 }), {
      id: 'backfill-1',
      undo: nothingToUndo,
    }),
    step('contract', gate, { id: 'contract-1' }),
    step('contract', transactional(`insert into log values ('contract')`), { id: 'contract-2' }),
    step('contract', 'alter table users drop column email', { id: 'contract-3', locks }),
  ),
);

let runnerProgram: BundledProgram;
beforeAll(async () => {
  runnerProgram = await bundledProgram('test/run/runner-process.ts');
});
afterAll(() => runnerProgram.remove());

const verbs: { readonly [V in Verb]: (runner: Runner) => Promise<VerbResult> } = {
  expand: (runner) => expandMigrations(runner, planned, { backfill: false }),
  backfill: (runner) => backfillMigrations(runner),
  contract: (runner) => contractMigrations(runner),
  rollback: (runner) => rollbackMigrations(runner),
};

async function run(database: TestDatabase, verb: Verb): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  const options = { url: database.url, waitForLeaseMs: 20_000, onEvent: (event: RunEvent) => void events.push(event) };
  const result = await withRunner(options, verbs[verb]);
  if (result.error !== null) throw result.error;
  return events;
}

/** Runs the verb in a process of its own, and kills that at its n-th event, or n-th of a kind. False when it ended before. */
async function runAndKill(database: TestDatabase, verb: Verb, at: number, kind = ''): Promise<boolean> {
  const argument = JSON.stringify({ url: database.url, verb, plan: planned, options: { waitForLeaseMs: 20_000 } });
  const child = spawn(process.execPath, [runnerProgram.file, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(`"kind":"${kind}`)) continue;
    count += 1;
    if (count === at) child.kill('SIGKILL');
  }
  await ended;
  if (child.signalCode === null && child.exitCode !== 0)
    throw new Error(`The runner failed by itself: ${child.exitCode}`);
  return child.signalCode === 'SIGKILL';
}

/** Runs the verb here, and ends its session at its n-th event. False when it ended before. */
async function runAndTerminate(database: TestDatabase, client: pg.Client, verb: Verb, at: number): Promise<boolean> {
  let count = 0;
  let terminated = false;
  let terminating: Promise<unknown> = Promise.resolve();
  try {
    const result = await withRunner(
      {
        url: database.url,
        waitForLeaseMs: 20_000,
        onEvent: () => {
          count += 1;
          if (count !== at) return;
          terminated = true;
          terminating = client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'onward%' and datname = current_database()`,
          );
        },
      },
      verbs[verb],
    );
    if (result.error !== null && result.error.code !== 'CONNECTION_LOST') throw result.error;
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== 'CONNECTION_LOST') throw error;
  }
  await terminating;
  return terminated;
}

async function prepare(database: TestDatabase, before: readonly Verb[]): Promise<pg.Client> {
  const client = await database.connect();
  await client.query(`create table log (what text);
    create table users (id int primary key, email text, n int not null default 0);
    insert into users (id) select generate_series(1, 1000)`);
  for (const verb of before) await run(database, verb);
  return client;
}

/** Everything that a verb may have changed. */
async function state(client: pg.Client): Promise<unknown> {
  const { rows } = await client.query(`select
    (select array_agg(what order by what) from log) as log,
    (select array_agg(distinct n) from users) as n,
    (select array_agg(attname::text order by attname) from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped) as columns,
    (select array_agg(indexrelid::regclass::text || indisvalid order by 1) from pg_index where indrelid = 'users'::regclass) as indexes,
    (select array_agg(name || ' ' || status) from onward.migration) as migrations,
    (select array_agg(id || ' ' || status order by id) from onward.step) as steps`);
  return rows[0];
}

const lives: readonly (readonly [Verb, readonly Verb[]])[] = [
  ['expand', []],
  ['backfill', ['expand']],
  ['contract', ['expand', 'backfill']],
  ['rollback', ['expand', 'backfill']],
];

describe.each(lives)('%s', (verb, before) => {
  test('goes on after its session was ended at any event', { timeout: 120_000 }, async () => {
    const expected = await withDatabase(async (database) => {
      const client = await prepare(database, before);
      await run(database, verb);
      return state(client);
    });
    for (let at = 1, terminated = true; terminated; at += 1) {
      terminated = await withDatabase(async (database) => {
        const client = await prepare(database, before);
        const was = await runAndTerminate(database, client, verb, at);
        await run(database, verb);
        expect(await state(client), `ended at event ${at}`).toEqual(expected);
        return was;
      });
    }
  });

  test('goes on after its process was killed at any event', { timeout: 240_000 }, async () => {
    const expected = await withDatabase(async (database) => {
      const client = await prepare(database, before);
      await run(database, verb);
      return state(client);
    });
    for (let at = 1, killed = true; killed; at += 2) {
      killed = await withDatabase(async (database) => {
        const client = await prepare(database, before);
        const was = await runAndKill(database, verb, at);
        await run(database, verb);
        expect(await state(client), `killed at event ${at}`).toEqual(expected);
        return was;
      });
    }
  });
});

test('a backfill that is killed again and again changes every row exactly once', { timeout: 120_000 }, async () => {
  await withDatabase(async (database) => {
    const client = await prepare(database, ['expand']);
    await client.query('insert into users (id) select generate_series(1001, 4000)');
    let kills = 0;
    while (await runAndKill(database, 'backfill', 1, 'backfill_progress')) kills += 1;
    const { rows } = await client.query('select distinct n from users');
    expect(rows).toEqual([{ n: 1 }]);
    expect(kills).toBeGreaterThan(2);
  });
});

test('a batch that still runs on the server when its runner is dead is not run twice', async () => {
  await withDatabase(async (database) => {
    const client = await prepare(database, ['expand']);
    await client.query(`create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.7); return null; end $$;
      create trigger dawdle after update on users for each statement execute function dawdle();
      delete from users where id > 200`);
    const argument = JSON.stringify({ url: database.url, verb: 'backfill', plan: planned, options: {} });
    const child = spawn(process.execPath, [runnerProgram.file, argument], { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const dawdling = `select from pg_stat_activity where application_name like 'onward%' and wait_event = 'PgSleep'`;
    while ((await client.query(dawdling)).rowCount === 0) await client.query('select pg_sleep(0.01)');
    child.kill('SIGKILL');
    await ended;
    await run(database, 'backfill');
    expect((await client.query('select distinct n from users')).rows).toEqual([{ n: 1 }]);
  });
});
