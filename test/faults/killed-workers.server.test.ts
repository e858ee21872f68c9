/**
 * kill -9 of runners and workers at random moments, again and again, over `n = n + 1`: every row must be changed exactly
 * once, and the ledger must have counted each of them once. Two of three tables are gone over in interleaved passes.
 * ONWARD_KILLS says how often (200 by default).
 */
import { expect, test } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import { startApplication } from './application.ts';
import { expectEachOnce, makeCounters, type Counters } from './counters.ts';
import { countFaults } from './fault-count.ts';
import { lives, type Life, type Role } from './lives.ts';
import { withDatabase } from '../support/server.ts';
import { on } from '../support/standby.ts';

const kills = Number(process.env['ONWARD_KILLS'] ?? '200');
const helpers = 2; // processes that take part, beside the one that leads
const longestLifeMs = 500; // from its first progress: some batches, and with luck the end of a chunk

const passes = [1, 4, 3]; // by the number of the table, from 1: so many, or none

const processes = lives();

test(`every row is changed once by workers of which ${kills} are killed`, { timeout: 3_600_000 }, async (context) => {
  const count = countFaults(context, 'a runner or worker killed with SIGKILL');
  await withDatabase(async ({ url }) => {
    /** A process that is killed a random while after it has begun to work. */
    function live(role: Role, options: RunOptions): Life {
      let isDoomed = false;
      const life = processes.start(role, options, (event, child) => {
        if (isDoomed || event.kind !== 'backfill_progress' || count.injected() >= kills) return;
        isDoomed = true;
        setTimeout(() => child.kill('SIGKILL'), Math.random() * longestLifeMs);
      });
      void life.ended.then((end) => end === 'killed' && count.fault());
      return life;
    }

    for (let number = 1; count.injected() < kills; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 12_000 };
      await makeCounters(counters);
      const ofTable = passes[number % passes.length] ?? 1;
      const backfills = { rowsPerChunk: 1000 / ofTable, passes: ofTable, passesFromBlocks: 0 };
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000, backfills };
      const application = startApplication({ url, table: counters.name, rows: counters.rows });
      const others = processes.keep(helpers, () => live('join', options));
      while ((await live('lead', options).ended) === 'killed');
      await others.end();
      await application.stop();
      await expectEachOnce(counters);
      await expectPasses(counters, ofTable);
      count.right();
    }
    expect(count.injected()).toBeGreaterThanOrEqual(kills);
  });
});

/** They were what the job was killed in. */
async function expectPasses({ url, name }: Counters, wanted: number): Promise<void> {
  await on(url, async (client) => {
    const { rows } = await client.query<{ passes: number | null }>(
      `select (options->>'passes')::int as passes from onward.backfill where migration = $1`,
      [name],
    );
    expect(rows).toEqual([{ passes: wanted === 1 ? null : wanted }]);
  });
}
