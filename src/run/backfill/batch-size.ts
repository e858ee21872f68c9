/**
 * The control law of a backfill: how many rows the next batch looks at. Pure.
 *
 * The size follows the ratio of two decayed sums, rows ÷ time, so that one odd batch does not throw it off; it grows at
 * most twofold, because the next rows may be more expensive, and is halved at once when a batch ran into a timeout, a
 * lock or a deadlock.
 */

export type BackfillPolicy = {
  /** How long a batch should take: as long as another client's write to one of its rows waits. */
  readonly targetMs: number;
  readonly firstBatchSize: number;
  readonly largestBatchSize: number;
  /** Between two batches, beyond what the migration asks for. */
  readonly pauseMs: number;
};

export const defaultBackfillPolicy: BackfillPolicy = {
  targetMs: 100, // batching costs nothing from 50 ms on, and an application does not feel a wait of 100 ms
  firstBatchSize: 500, // some milliseconds on the slowest tables: a size to measure with
  largestBatchSize: 50_000, // beyond it batches only get more violent, not faster
  pauseMs: 0,
};

export type BatchSize = {
  /** Rows that the next batch looks at. */
  readonly size: number;
  /** Decayed sums. */
  readonly rows: number;
  readonly ms: number;
};

const decay = 0.75; // weight of the past: after four batches an odd one counts for a third
const largestGrowth = 2;

export function firstBatchSize(policy: BackfillPolicy, wanted: number | null): BatchSize {
  return { size: clamp(wanted ?? policy.firstBatchSize, policy), rows: 0, ms: 0 };
}

/** After a batch that looked at `rows` rows in `ms` milliseconds. */
export function afterBatch(
  before: BatchSize,
  batch: { readonly rows: number; readonly ms: number },
  policy: BackfillPolicy,
): BatchSize {
  const rows = before.rows * decay + batch.rows;
  // A batch faster than the clock's resolution says "fast", not "infinitely fast".
  const ms = before.ms * decay + Math.max(batch.ms, 0.1);
  // The last batch of a range looks at fewer rows than it was allowed to: that is no reason to shrink.
  const wanted = (rows / ms) * policy.targetMs;
  const size = Math.min(wanted, before.size * largestGrowth);
  return { size: clamp(size, policy), rows, ms };
}

/** After a timeout, a lock that was not granted, or a deadlock. The sums start anew: what they say was too optimistic. */
export function afterFailure(before: BatchSize, policy: BackfillPolicy): BatchSize {
  return { size: clamp(before.size / 2, policy), rows: 0, ms: 0 };
}

function clamp(size: number, policy: BackfillPolicy): number {
  return Math.max(1, Math.min(Math.floor(size), policy.largestBatchSize));
}
