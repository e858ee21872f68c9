/**
 * kill -9 of runners and workers at random moments, again and again, over `n = n + 1`: every row must be changed exactly
 * once, and the ledger must have counted each of them once. ONWARD_KILLS says how often (200 by default).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import { withRunner } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { migration, plan, step, update } from '../run/planned.ts';
import { bundledProgram, type BundledProgram } from '../support/bundled-program.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';

const kills = Number(process.env['ONWARD_KILLS'] ?? '200');
const helpers = 2; // processes that take part, beside the one that leads
const longestLifeMs = 500; // from its first progress: some batches, and with luck the end of a chunk

let program: BundledProgram;
beforeAll(async () => {
  program = await bundledProgram('test/faults/worker-process.ts');
});
afterAll(() => program.remove());

type Life = {
  readonly child: ChildProcess;
  /** True when it was killed, false when it had nothing to do any more. */
  readonly ended: Promise<boolean>;
};

/** A process that is killed a random while after it has begun to work. */
function live(leads: boolean, options: RunOptions, isMortal: () => boolean): Life {
  const argument = JSON.stringify({ leads, options });
  const child = spawn(process.execPath, [program.file, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  let isDoomed = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (isDoomed || !line.includes('"kind":"backfill_progress"') || !isMortal()) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), Math.random() * longestLifeMs);
  });
  const ended = new Promise<boolean>((resolve, reject) => {
    child.once('close', (code) => {
      if (child.signalCode === 'SIGKILL') resolve(true);
      else if (code === 0 || child.signalCode === 'SIGTERM') resolve(false);
      else reject(new Error(`It failed by itself: ${code}`));
    });
  });
  return { child, ended };
}

/** One table from its first row to its last, by processes that die; answers how many have died. */
async function round(database: TestDatabase, name: string, left: number): Promise<number> {
  const client = await database.connect();
  await client.query(`create table ${name} (id bigint primary key, n int not null default 0);
    insert into ${name} select g from generate_series(1, 12000) g`);
  const run = update({ n: 'n + 1' }, { table: { schema: 'public', name }, batchSize: 40, pauseMs: 4 });
  const backfills = { rowsPerChunk: 1000 };
  const planned = plan(migration(name, step('backfill', run, { id: 'backfill-1' })));
  await withRunner({ url: database.url }, (runner) => expandMigrations(runner, planned, { backfill: false }));

  const options: RunOptions = { databaseUrl: database.url, waitForRunnerMs: 60_000, backfills };
  const helping = new Set<Life>();
  let died = 0;
  let isOver = false;
  const mayDie = (): boolean => died < left;
  async function help(): Promise<void> {
    while (!isOver) {
      const life = live(false, options, mayDie);
      helping.add(life);
      if (await life.ended) died += 1;
      helping.delete(life);
    }
  }
  const others = Array.from({ length: helpers }, help);
  while (await live(true, options, mayDie).ended) died += 1;
  isOver = true;
  for (const { child } of helping) child.kill('SIGTERM');
  await Promise.all(others);

  const { rows } = await client.query(
    `select (select count(*)::int from ${name} where n = 1) as once, (select count(*)::int from ${name} where n <> 1) as wrong,
            (select sum(rows_done)::int from onward.backfill_chunk where migration = $1) as counted,
            (select status from onward.backfill where migration = $1) as status`,
    [name],
  );
  expect(rows).toEqual([{ once: 12_000, wrong: 0, counted: 12_000, status: 'done' }]);
  return died;
}

test(`every row is changed once by workers of which ${kills} are killed`, { timeout: 3_600_000 }, async () => {
  await withDatabase(async (database) => {
    let died = 0;
    for (let number = 1; died < kills; number += 1) died += await round(database, `counters_${number}`, kills - died);
    expect(died).toBeGreaterThanOrEqual(kills);
  });
});
