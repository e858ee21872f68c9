/**
 * A limit of rows a second, for all workers on a job together. Pure, but for `takeTurn`, which keeps it in the job's row.
 *
 * What was admitted is paid for by a moment in time: n rows move it n ÷ rate seconds on. Whoever wants rows waits until it
 * has come, and moves it on for the next. Time in which nobody wanted any is not saved up, so there is no burst.
 */
import { literal, qualified, sql } from '../../sql/template.ts';
import { isJob } from '../backfill/chunk-lease.ts';
import type { Worker } from '../backfill/workplace.ts';

export type Turn = { readonly waitMs: number; readonly pacedUntilMs: number };

/** All in milliseconds of one clock; `pacedUntilMs` is null before the first rows. */
export function nextTurn(pacedUntilMs: number | null, rows: number, perSecond: number, nowMs: number): Turn {
  const from = Math.max(pacedUntilMs ?? nowMs, nowMs);
  return { waitMs: from - nowMs, pacedUntilMs: from + (rows * 1_000) / perSecond };
}

/** As many rows as the limit lets pass in a second: a batch of more would be a burst. */
export function mostRowsOfRate(perSecond: number): number {
  return Math.max(1, Math.floor(perSecond));
}

/** How long to wait for `rows` rows, by the server's clock; nobody else gets the same turn. */
export async function takeTurn(
  { session, schema, key }: Pick<Worker, 'session' | 'schema' | 'key'>,
  rows: number,
  perSecond: number,
): Promise<number> {
  const jobs = qualified({ schema, name: 'backfill' });
  return session.transaction(async () => {
    const found = await session.query<{ paced_ms: number | null; now_ms: number }>(
      sql`select extract(epoch from paced_until)::float8 * 1000 as paced_ms,
          extract(epoch from clock_timestamp())::float8 * 1000 as now_ms
        from ${jobs} where ${isJob(key)} for no key update`.text,
    );
    const [state] = found.rows;
    if (state === undefined) return 0;
    const turn = nextTurn(state.paced_ms, rows, perSecond, state.now_ms);
    await session.query(
      sql`update ${jobs} set paced_until = to_timestamp(${literal(turn.pacedUntilMs / 1_000)})
        where ${isJob(key)}`.text,
    );
    return turn.waitMs;
  });
}
