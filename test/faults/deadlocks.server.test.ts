/**
 * An application that locks rows in the opposite order: each time, it holds a row that a batch waits for, and then wants
 * one that the batch has changed. That is a deadlock, and the batch is always the one that gives way, before the server
 * looks for a victim.
 */
import { expect, test } from 'vitest';
import type pg from 'pg';
import { backfill } from '../../src/index.ts';
import { withDatabase } from '../support/server.ts';
import { pause } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';

test('deadlocks with an application that takes rows in the opposite order', async (context) => {
  const wanted = faults(50);
  const count = countFaults(context, 'a deadlock staged by the application');
  await withDatabase(async (database) => {
    const application = await database.connect('application');
    const admin = await database.connect('admin');
    const own = await application.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = own.rows[0]?.pid ?? 0;
    /** Whether the engine waits for the application (`forward`), or it for the engine. */
    const waits = async (forward: boolean): Promise<boolean> => {
      const { rows } = await admin.query<{ waits: boolean }>(
        `select count(*) > 0 as waits from pg_stat_activity as engine where datname = current_database()
            and application_name like 'onward%' and ${forward ? '$1 = any(pg_blocking_pids(pid))' : 'pid = any(pg_blocking_pids($1))'}`,
        [pid],
      );
      return rows[0]?.waits === true;
    };
    const errors: string[] = [];
    for (let number = 1; count.injected() < wanted; number += 1) {
      count.run();
      const counters = { url: database.url, name: `counters_${number}`, rows: 8_000 };
      await makeCounters(counters, { pauseMs: 0 });
      let isOver = false;
      const cursor = async (): Promise<number> => {
        const { rows } = await admin.query<{ at: number }>(
          `select coalesce(max(cursor[1]::int), 0) as at from onward.backfill_chunk where migration = $1`,
          [counters.name],
        );
        return rows[0]?.at ?? 0;
      };
      const add = (id: number): Promise<pg.QueryResult> =>
        application.query(`update ${counters.name} set app = app + 1 where id = $1`, [id]);

      const stage = async (): Promise<void> => {
        await application.query('begin');
        const high = Math.min(counters.rows, (await cursor()) + 60 + Math.floor(Math.random() * 80));
        await add(high);
        while (!isOver && !(await waits(true))) await pause(2);
        const low = (await cursor()) + 1; // the first row of the batch that waits
        if (low < high && !isOver) {
          const second = add(low);
          let isDone = false;
          const settled = second.then(
            () => (isDone = true),
            (error: unknown) => {
              isDone = true;
              throw error;
            },
          );
          while (!isDone && !(await waits(false))) await pause(1);
          if (!isDone) count.fault();
          await settled;
        }
        await application.query('commit');
      };
      const staging = (async () => {
        while (!isOver && count.injected() < wanted) {
          await stage().catch(async (error: unknown) => {
            errors.push(String(error));
            await application.query('rollback');
          });
        }
      })();
      const { error } = await backfill({ databaseUrl: database.url });
      isOver = true;
      await staging;
      expect(error).toBeNull();
      expect(errors).toEqual([]);
      await expectEachOnce(counters);
      count.right();
    }
    // The server counts what it had to break up; nobody was a victim.
    const { rows } = await admin.query(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    expect(rows).toEqual([{ deadlocks: 0 }]);
  });
});
