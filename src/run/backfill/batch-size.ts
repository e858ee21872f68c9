/**
 * The control law of a backfill: how many rows the next batch looks at. Pure.
 *
 * A batch of n rows takes `fixed + n × c` milliseconds. Both are estimated from sums in which the past counts for less
 * and less, so that one odd batch does not throw the size off: `fixed` by a line through the batches, as long as their
 * sizes differ enough to draw one, `c` by the ratio of what is left. The size aims at the target time; it grows by half
 * at most, because the next rows may be more expensive, and is halved at once when a batch ran into a timeout, a lock or
 * a deadlock; then it does not grow for some batches.
 *
 * Without the fixed part the law would shrink the batches to one row wherever a batch costs more than the target before
 * it has touched a row (a slow statement trigger, a commit that waits for a distant standby), and would not end this
 * year. There, the fixed cost is paid for by as much work again.
 */

const usualRowsPerChunk = 100_000; // a second of work: enough for windows of passes, little to take over

export type BackfillPolicy = {
  /** How long a batch should take: as long as another client's write to one of its rows waits. */
  readonly targetMs: number;
  readonly firstBatchSize: number;
  readonly largestBatchSize: number;
  /** Between two batches, beyond what the migration asks for. */
  readonly pauseMs: number;
  /** A row that cannot be changed stops the job, or is noted and left out. Null: as the job has it. */
  readonly onError: 'stop' | 'quarantine' | null;
  /** Before anything else, tries the rows that were noted again. */
  readonly retry: boolean;
  /** Sessions that work on one job in this process, at most. */
  readonly workers: number;
  /** One more only while that is faster, or all of them from the start. */
  readonly growth: 'while_faster' | 'at_once';
  readonly rowsPerChunk: number;
  /** Over each window of a table, where they make updates cheaper; 1 for none. */
  readonly passes: number;
  /** Only tables of at least so many blocks are gone over in passes. */
  readonly passesFromBlocks: number;
  /** How long a job that the server had no room for is left alone before it is tried again. */
  readonly probeMs: number;
};

export const defaultBackfillPolicy: BackfillPolicy = {
  // Where a commit costs 6 ms (a distant disk), batches of 250 ms spend 2 % on it; an application feels 800 ms.
  targetMs: 250,
  firstBatchSize: 500, // some milliseconds on the slowest tables: a size to measure with
  largestBatchSize: 50_000, // beyond it batches only get more violent, not faster
  pauseMs: 0,
  onError: null,
  retry: false,
  workers: 1,
  growth: 'while_faster',
  rowsPerChunk: usualRowsPerChunk,
  passes: 6, // 70 % of the rows HOT; with 4 it is 62 % and a tenth more log, with 8 73 % and more processor time
  passesFromBlocks: 1_000, // 8 MB: below, nobody minds how a table grows
  probeMs: 60_000,
};

export type BatchSize = {
  /** Rows that the next batch looks at. */
  readonly size: number;
  /** For how many batches more it does not grow. */
  readonly calm: number;
  /** What a batch costs whatever its size. */
  readonly fixedMs: number;
  /** Decayed sums over the batches: their number, rows, milliseconds, and the products that a line needs. */
  readonly sums: Sums;
};

type Sums = {
  readonly count: number;
  readonly rows: number;
  readonly ms: number;
  readonly rowsRows: number;
  readonly rowsMs: number;
};

const noSums: Sums = { count: 0, rows: 0, ms: 0, rowsRows: 0, rowsMs: 0 };

const decay = 0.75; // weight of the past: after four batches an odd one counts for a third
const largestGrowth = 1.5;
const calmBatches = 4; // after a failure: whoever was in the way is likely to be there again
const leastSpread = 0.05; // variance of the sizes ÷ their mean squared: below it a line is drawn through noise
const leastMsPerRow = 1e-5; // 100 million rows a second: a batch faster than the clock says "fast", not "infinitely fast"

export function firstBatchSize(policy: BackfillPolicy, wanted: number | null): BatchSize {
  return { size: clamp(wanted ?? policy.firstBatchSize, policy), calm: 0, fixedMs: 0, sums: noSums };
}

/** After a batch of `rows` rows that took `ms` milliseconds; of fewer rows than wanted where no more were there. */
export function afterBatch(
  before: BatchSize,
  batch: { readonly rows: number; readonly ms: number },
  policy: BackfillPolicy,
): BatchSize {
  const sums = addBatch(before.sums, batch);
  const fixedMs = Math.min(fixedCost(sums) ?? before.fixedMs, sums.ms / sums.count);
  const msPerRow = Math.max((sums.ms - fixedMs * sums.count) / Math.max(sums.rows, 1), leastMsPerRow);
  const targetMs = Math.max(policy.targetMs, 2 * fixedMs);
  const wanted = (targetMs - fixedMs) / msPerRow;
  const most = before.calm > 0 ? before.size : Math.max(before.size, batch.rows * largestGrowth);
  return { size: clamp(Math.min(wanted, most), policy), calm: Math.max(0, before.calm - 1), fixedMs, sums };
}

/** After a timeout, a lock that was not granted, or a deadlock. The sums start anew: what they say was too optimistic. */
export function afterFailure(before: BatchSize, policy: BackfillPolicy): BatchSize {
  return { size: clamp(before.size / 2, policy), calm: calmBatches, fixedMs: 0, sums: noSums };
}

function addBatch(sums: Sums, { rows, ms }: { readonly rows: number; readonly ms: number }): Sums {
  return {
    count: sums.count * decay + 1,
    rows: sums.rows * decay + rows,
    ms: sums.ms * decay + ms,
    rowsRows: sums.rowsRows * decay + rows * rows,
    rowsMs: sums.rowsMs * decay + rows * ms,
  };
}

/** Where the line through the batches meets zero rows; null when their sizes are too much alike to draw one. */
function fixedCost({ count, rows, ms, rowsRows, rowsMs }: Sums): number | null {
  const spread = count * rowsRows - rows * rows;
  if (rows === 0 || spread < leastSpread * rows * rows) return null;
  const slope = Math.max(0, (count * rowsMs - rows * ms) / spread);
  return Math.max(0, (ms - slope * rows) / count);
}

function clamp(size: number, policy: BackfillPolicy): number {
  return Math.max(1, Math.min(Math.floor(size), policy.largestBatchSize));
}
