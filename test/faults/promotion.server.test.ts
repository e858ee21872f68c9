/**
 * The primary is lost in the middle of a backfill, and an asynchronous standby takes its place. The last rows are lost
 * together with the cursor that says that they are done, so each row is changed exactly once on what is the primary now.
 */
import { expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { backfill } from '../../src/index.ts';
import { pause } from './application.ts';
import { expectEachOnce, makeCounters } from './counters.ts';
import { countFaults, faults } from './fault-count.ts';
import { migration, plan, step, update } from '../run/planned.ts';
import { startOwnServer } from '../support/server.ts';
import { on, startStandby } from '../support/standby.ts';
import { startSwitchingProxy } from '../support/switching-proxy.ts';

const rows = 6_000;

test('each row is changed once when a standby is promoted that never saw the last batches', async (context) => {
  const count = countFaults(context, 'an asynchronous standby promoted behind one address');
  count.run();
  const primary = await startOwnServer();
  const url = await primary.createDatabase('shop');
  await on(url, (client) =>
    client.query(`create table users (id bigint primary key, n int not null default 0);
      insert into users select g from generate_series(1, ${rows}) g`),
  );
  const standby = await startStandby(primary, 'replica');
  const proxy = await startSwitchingProxy(url);
  try {
    const severings: Promise<void>[] = [];
    const failovers: Promise<void>[] = [];
    let severedAt = Infinity;
    let onTheNew = -1;
    const sever = async (rowsDone: number): Promise<void> => {
      await standby.stopReceiving();
      severedAt = rowsDone + rows / 6; // some batches later, so that there is something to lose
    };
    const failOver = async (): Promise<void> => {
      // For a moment the address leads to a server that can only be read.
      proxy.switchTo(standby.urlOf('shop'));
      onTheNew = await countOf(standby.urlOf('shop'));
      await standby.promote();
      count.fault();
    };
    const onEvent = (event: RunEvent): void => {
      if (event.kind !== 'backfill_progress') return;
      if (event.rowsDone >= rows / 6 && severings.length === 0) severings.push(sever(event.rowsDone));
      if (event.rowsDone >= severedAt && failovers.length === 0) failovers.push(failOver());
    };
    const filling = plan(migration('m', step('backfill', update({ n: 'n + 1' }), { id: 'backfill-1' })));
    let done = false;
    while (!done) {
      try {
        const { error } = await withRunner(
          { url: proxy.url, onEvent, backfill: { firstBatchSize: 100, largestBatchSize: 100, pauseMs: 20 } },
          (runner) => expandMigrations(runner, filling, { backfill: true }),
        );
        if (error !== null) throw error;
        done = true;
      } catch (error) {
        if (!(error instanceof MigrateError) || !expected.has(error.code)) throw error;
      }
    }
    await Promise.all([...severings, ...failovers]);
    const onTheOld = await countOf(url);
    expect(onTheOld).toBeLessThan(rows);
    expect(onTheNew).toBeLessThan(onTheOld);
    await on(standby.urlOf('shop'), async (client) => {
      const { rows: found } = await client.query<{ n: number; rows: number }>(
        'select n, count(*)::int as rows from users group by n',
      );
      expect(found).toEqual([{ n: 1, rows }]);
    });
    count.right();
  } finally {
    await proxy.close();
    await standby.stop();
    await primary.stop();
  }
});

test('one run goes on at the standby that was promoted, of several hosts', async (context) => {
  const count = countFaults(context, 'the primary lost for good, and another host promoted');
  for (let number = 0; number < faults(2); number += 1) {
    count.run();
    const primary = await startOwnServer();
    const url = await primary.createDatabase('shop');
    const counters = { url, name: 'counters', rows };
    await makeCounters(counters);
    const standby = await startStandby(primary, 'replica');
    try {
      const one = new URL(url);
      const other = new URL(standby.urlOf('shop'));
      const hosts = `${one.host},${other.host}`;
      const databaseUrl = `postgres://${one.username}:${one.password}@${hosts}/shop?target_session_attrs=read-write`;
      let failover: Promise<void> | null = null;
      let reconnections = 0;
      const failOver = async (): Promise<void> => {
        await standby.stopReceiving();
        await pause(100); // some batches, and their cursors, are lost with the primary
        await primary.stop();
        await pause(300);
        await standby.promote();
        count.fault();
      };
      const onEvent = (event: RunEvent): void => {
        if (event.kind === 'reconnecting') reconnections += 1;
        if (event.kind === 'backfill_progress' && event.rowsDone >= rows / 4) failover ??= failOver();
      };
      const { error } = await backfill({ databaseUrl, onEvent });
      await Promise.resolve(failover);
      expect(error).toBeNull();
      expect(reconnections).toBeGreaterThan(0);
      await expectEachOnce({ ...counters, url: standby.urlOf('shop') });
      count.right();
    } finally {
      await standby.stop();
      await primary.stop();
    }
  }
});

/** What a run may end with while the servers change places. */
const expected: ReadonlySet<string> = new Set(['CONNECTION_LOST', 'CONNECTION_FAILED', 'READ_ONLY_SERVER']);

async function countOf(url: string): Promise<number> {
  let count = -1;
  await on(url, async (client) => {
    const { rows: found } = await client.query<{ rows: number }>('select count(*)::int as rows from users where n = 1');
    count = found[0]?.rows ?? -1;
  });
  return count;
}
