/**
 * A table that is walked by its blocks is written anew in the middle of it, again and again (VACUUM FULL, CLUSTER): the
 * blocks mean other rows then, and each row is still changed once.
 */
import { expect, test } from 'vitest';
import { backfill, type RunOptions } from '../../src/index.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withDatabase } from '../support/server.ts';
import { on } from '../support/standby.ts';
import { startApplication } from './application.ts';
import { expandFilling, expectEachOnce } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';
import { lives } from './lives.ts';

const processes = lives();

test('a table that is written anew while its blocks are walked', async (context) => {
  const wanted = faults(8);
  const count = countFaults(context, 'VACUUM FULL or CLUSTER, mid-run, walking blocks');
  await withDatabase(async ({ url }) => {
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url, name: `counters_${number}`, rows: 8_000 };
      const { name, rows } = counters;
      // Without a unique key there are only blocks to walk by.
      await on(url, (client) =>
        client.query(`create table ${name} (id bigint not null, n int not null default 0, app int not null default 0, done boolean);
          insert into ${name} select g from generate_series(1, ${rows}) g;
          create index ${name}_id on ${name} (id)`),
      );
      await expandFilling(counters, {
        set: [
          { column: 'n', expression: 'n + 1' },
          { column: 'done', expression: 'true' },
        ],
        guard: 'done is not true',
        verify: 'done is not true',
        batchSize: 200,
      });
      const options: RunOptions = { databaseUrl: url, waitForRunnerMs: 60_000, backfills: { rowsPerChunk: 2_000 } };
      const application = startApplication({ url, table: name, rows });
      const other = processes.keep(1, () => processes.start('join', options));
      let batches = 0;
      let rewriting: Promise<void> | null = null;
      const rewrite = (statement: string): Promise<void> =>
        on(url, (client) => client.query(statement)).then(() => {
          count.fault();
          rewriting = null;
        });
      const onEvent = (event: RunEvent): void => {
        if (event.kind !== 'backfill_batch') return;
        batches += 1;
        if (batches % 8 > 0 || rewriting !== null || count.injected() >= wanted) return;
        rewriting = rewrite(batches % 16 > 0 ? `vacuum full ${name}` : `cluster ${name} using ${name}_id`);
      };
      const { error } = await backfill({ ...options, onEvent });
      await Promise.resolve(rewriting);
      await other.end();
      expect(error).toBeNull();
      await application.stop();
      await expectEachOnce(counters);
      count.right();
    }
  });
});
