/**
 * The pace of one worker: how many rows its next batch changes, and whether it goes over windows in passes. Pure.
 *
 * The first pass over a window costs three to four times as much a row as the later ones, which find their pages in the
 * cache and room on them, and its rows cost what those of a walk without passes do. So there are two estimates of the
 * size (batch-size.ts); with one for both, batches would take half the target or twice as long.
 */
import { afterBatch, afterFailure, firstBatchSize, type BackfillPolicy, type BatchSize } from './batch-size.ts';
import { isWorthwhile, type WindowTally } from './interleaving.ts';

export type Pace = {
  /** Of the first pass over a window, and without passes. */
  readonly first: BatchSize;
  readonly later: BatchSize;
  /** By this process's clock: no window is opened before. */
  readonly plainUntil: number;
  /** Windows in a row whose passes were not worth their reading. */
  readonly misses: number;
};

// A trial costs a second. What keeps pages from being pruned lasts as long as a query, or as a report of an hour.
const firstPlainMs = 10_000;
const longestPlainMs = 300_000;

/** From `wanted` rows a batch, or those of the policy when null. */
export function firstPace(policy: BackfillPolicy, wanted: number | null): Pace {
  const size = firstBatchSize(policy, wanted);
  return { first: size, later: size, plainUntil: -Infinity, misses: 0 };
}

/** With batches of `wanted` rows from here on. */
export function paceFrom(pace: Pace, policy: BackfillPolicy, wanted: number): Pace {
  const size = firstBatchSize(policy, wanted);
  return { ...pace, first: size, later: size };
}

export function sizeAt({ first, later }: Pace, pass: number): number {
  return pass === 0 ? first.size : later.size;
}

export function paceAfterBatch(
  pace: Pace,
  pass: number,
  batch: { readonly rows: number; readonly ms: number },
  policy: BackfillPolicy,
): Pace {
  return pass === 0
    ? { ...pace, first: afterBatch(pace.first, batch, policy) }
    : { ...pace, later: afterBatch(pace.later, batch, policy) };
}

/** Whoever was in the way is in the way of either. */
export function paceAfterFailure(pace: Pace, policy: BackfillPolicy): Pace {
  return { ...pace, first: afterFailure(pace.first, policy), later: afterFailure(pace.later, policy) };
}

/** After the last pass over a window. */
export function paceAfterWindow(pace: Pace, tally: WindowTally, now: number): Pace {
  if (isWorthwhile(tally)) return pace.misses === 0 ? pace : { ...pace, misses: 0 };
  const plainMs = Math.min(firstPlainMs * 2 ** Math.min(pace.misses, 20), longestPlainMs);
  return { ...pace, plainUntil: now + plainMs, misses: pace.misses + 1 };
}
