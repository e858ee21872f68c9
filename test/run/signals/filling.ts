/** A backfill of three thousand rows in batches of a hundred, with its signals from the first one on. */
import type pg from 'pg';
import type { RunEvent } from '../../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../../src/run/runner.ts';
import { expandMigrations } from '../../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../../src/run/verbs/result.ts';
import { migration, plan, step, update } from '../planned.ts';

/** Makes the table, and adds one to each row's n. `before` runs when the table is there. */
export async function fill(
  url: string,
  client: pg.Client,
  { before = '', ...options }: Partial<RunnerOptions> & { readonly before?: string },
): Promise<VerbResult> {
  await client.query(`create table users (id bigint primary key, n int not null default 0);
    insert into users select g from generate_series(1, 3000) g; ${before}`);
  const filling = plan(migration('m', step('backfill', update({ n: 'n + 1' }), { id: 'backfill-1' })));
  return withRunner(
    {
      url,
      backfill: { firstBatchSize: 100, largestBatchSize: 100, pauseMs: 10 },
      ...options,
      throttle: { graceMs: 0, ...options.throttle },
    },
    (runner) => expandMigrations(runner, filling, { backfill: true }),
  );
}

/** Whether every row was changed exactly once. */
export async function filled(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ n: number }>('select distinct n from users');
  return rows.length === 1 && rows[0]?.n === 1;
}

type Kinds = 'backfill_throttled' | 'backfill_unthrottled';

export function throttling(events: readonly RunEvent[]): readonly Extract<RunEvent, { readonly kind: Kinds }>[] {
  return events.filter((event) => event.kind === 'backfill_throttled' || event.kind === 'backfill_unthrottled');
}
