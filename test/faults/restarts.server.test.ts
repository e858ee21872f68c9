/**
 * The server crashes (a restart in immediate mode, followed by recovery) again and again in the middle of a backfill,
 * with a live application: one run goes on by itself until it is done.
 */
import { expect, test } from 'vitest';
import { backfill, type RunOptions } from '../../src/index.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { startOwnServer } from '../support/server.ts';
import { pause, startApplication } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { deploy, deploys, differencesOf, type Deploy } from './deploys.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives } from './lives.ts';

const crashes = faults(12);
const crashesInOneRun = 4;

const processes = lives();

test(`one run goes on while the server crashes, ${crashes} times in all`, async (context) => {
  const count = countFaults(context, 'the server restarted in immediate mode, mid-backfill');
  // Acknowledged is acknowledged: the application's additions are counted.
  const server = await startOwnServer({ settings: { synchronous_commit: 'on' } });
  try {
    const url = await server.createDatabase('shop');
    for (let number = 1; count.injected() < crashes; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 6_000 };
      await makeCounters(counters);
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000, backfills: { rowsPerChunk: 1000 } };
      const application = startApplication({ url, table: counters.name, rows: counters.rows });
      const other = processes.keep(1, () => processes.start('join', options));
      let isOver = false;
      let progress = 0;
      const crashing = (async () => {
        for (let crash = 0; crash < crashesInOneRun && count.injected() < crashes; crash += 1) {
          const before = progress;
          while (progress === before && !isOver) await pause(5);
          await pause(Math.random() * 300);
          if (isOver) return;
          await server.restart('immediate');
          count.fault();
        }
      })();
      const onEvent = (event: RunEvent): void => {
        if (event.kind === 'backfill_progress') progress += 1;
      };
      const { error } = await backfill({ ...options, onEvent });
      isOver = true;
      await crashing;
      await other.end();
      expect(error).toBeNull();
      await application.stop();
      await expectEachOnce(counters);
      count.right();
    }
  } finally {
    await server.stop();
  }
});

const crashesOfDeploys = faults(10);

test('expand, backfill and contract end the same while the server crashes', async (context) => {
  const count = countFaults(context, 'the server restarted in immediate mode, mid-expand to mid-contract');
  const server = await startOwnServer({ settings: { synchronous_commit: 'on' } });
  try {
    for (let number = 0; count.injected() < crashesOfDeploys; number += 1) {
      const one = anyDeploy(number);
      count.run();
      const options = { waitForRunnerMs: 60_000, backfills: { largestBatchSize: 100 } };
      const calm = await server.createDatabase(`calm_${number}`);
      const undisturbed = await deploy(one, { url: calm, through: calm }, options, () => async () => undefined);
      const url = await server.createDatabase(`shop_${number}`);
      const disturbed = await deploy(one, { url, through: url }, options, (verb, tell) => {
        let isOver = false;
        let left = verb === 'backfill' ? 1 : 3;
        let crashing: Promise<void> | null = null;
        // At some event, which is most often in the middle of a step, or a little later.
        tell(() => {
          if (isOver || left === 0 || crashing !== null || Math.random() < 0.7) return;
          left -= 1;
          crashing = pause(Math.random() ** 3 * 100)
            .then(() => server.restart('immediate'))
            .then(() => {
              count.fault();
              crashing = null;
            });
        });
        return async () => {
          isOver = true;
          await crashing;
        };
      });
      expect(differencesOf(undisturbed, disturbed)).toEqual([]);
      count.right();
    }
  } finally {
    await server.stop();
  }
});

function anyDeploy(number: number): Deploy {
  const one = deploys[number % deploys.length];
  if (one === undefined) throw new Error('There are no deploys.');
  return one;
}
