/**
 * What every test of the failure matrix fills: a table of which each row is to be changed exactly once, by `n = n + 1`,
 * which is not idempotent; and the look at the end, that it was, and that nothing of the run is left over.
 */
import { expect } from 'vitest';
import type pg from 'pg';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import { withRunner } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { migration, plan, step, update } from '../run/planned.ts';
import { on } from '../support/standby.ts';

export type Counters = { readonly url: string; readonly name: string; readonly rows: number };

/** The rows, and the migration `name` that is expanded and has them to fill. */
export async function makeCounters(counters: Counters, run: Partial<BackfillRun> = {}): Promise<void> {
  const { url, name, rows } = counters;
  await on(url, (client) =>
    client.query(`create table ${name} (id bigint primary key, n int not null default 0, app int not null default 0);
      insert into ${name} select g from generate_series(1, ${rows}) g; analyze ${name}`),
  );
  await expandFilling(counters, run);
}

/** The migration alone, over a table that is there. */
export async function expandFilling({ url, name }: Counters, run: Partial<BackfillRun> = {}): Promise<void> {
  const filling = update({ n: 'n + 1' }, { table: { schema: 'public', name }, batchSize: 40, pauseMs: 4, ...run });
  const planned = plan(migration(name, step('backfill', filling, { id: 'backfill-1' })));
  await withRunner({ url }, (runner) => expandMigrations(runner, planned, { backfill: false }));
}

/** Each row once, each counted once, and nothing left over: no lease, no worker, no helper, no session. */
export async function expectEachOnce({ url, name, rows }: Counters): Promise<void> {
  await on(url, async (client) => {
    await noSessionsLeft(client);
    const { rows: found } = await client.query<Record<string, unknown>>(
      `select (select count(*)::int from ${name} where n = 1) as once,
              (select count(*)::int from ${name} where n <> 1) as wrong,
              (select status from onward.backfill where migration = $1) as status,
              (select sum(rows_done)::int from onward.backfill_chunk where migration = $1) as counted,
              (select count(*)::int from onward.backfill_chunk where lease_token is not null) as chunks_held,
              (select count(*)::int from onward.lease where token is not null) as leases,
              (select count(*)::int from pg_proc where pronamespace = 'onward'::regnamespace) as helpers`,
      [name],
    );
    expect(found).toEqual([
      { once: rows, wrong: 0, status: 'done', counted: rows, chunks_held: 0, leases: 0, helpers: 0 },
    ]);
  });
}

/** A backend notices within a second or two that its client is gone. */
export async function noSessionsLeft(client: pg.Client): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rows } = await client.query<{ session: string }>(
          `select format('%s: %s %s', application_name, state, query) as session from pg_stat_activity
            where application_name like 'onward%' and datname = current_database()`,
        );
        return rows;
      },
      { timeout: 30_000, interval: 50 },
    )
    .toEqual([]);
}
