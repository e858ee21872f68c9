/**
 * A worker stands still for longer than the lease of its chunk (SIGSTOP, as when a virtual machine is moved), and comes
 * back: somebody else has its chunk by then, and its next batch touches no row.
 */
import { expect, test } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import { withDatabase } from '../support/server.ts';
import { on } from '../support/standby.ts';
import { pause } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives } from './lives.ts';

const processes = lives();
const standstillMs = 17_000; // a chunk's lease is 15 s

test('workers that stand still for longer than their leases', async (context) => {
  const wanted = faults(2);
  const count = countFaults(context, 'a worker stopped for longer than its lease');
  await withDatabase(async ({ url }) => {
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 4_000 };
      await makeCounters(counters, { batchSize: 20, pauseMs: 30 });
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000, backfills: { rowsPerChunk: 1_000 } };
      let batches = 0;
      const others = processes.keep(3, () =>
        processes.start('join', options, (event) => {
          if (event.kind === 'backfill_batch') batches += 1;
        }),
      );
      const lead = processes.start('lead', options);
      while (batches < 20) await pause(5);
      await on(url, async (holder) => {
        // So that the job is not over before the worker is back.
        await holder.query('begin');
        await holder.query(`update ${counters.name} set app = app + 1 where id = $1`, [counters.rows]);
        // Two are left: one to wait for the row, and one to take over.
        const stopped = number % 2 > 0 ? [...others.children].slice(0, 2) : [lead.child];
        for (const child of stopped) child.kill('SIGSTOP');
        count.fault(stopped.length);
        await pause(standstillMs);
        for (const child of stopped) child.kill('SIGCONT');
        await pause(1_000);
        await holder.query('commit');
      });
      expect(await lead.ended).toBe('ended');
      await others.end();
      await on(url, async (client) => {
        const { rows } = await client.query(
          `select count(*) > 0 as lost from onward.backfill_event where migration = $1 and kind = 'lease_lost'`,
          [counters.name],
        );
        expect(rows).toEqual([{ lost: true }]);
      });
      await expectEachOnce(counters);
      count.right();
    }
  });
});
