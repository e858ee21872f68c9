/**
 * Interleaved passes: a window of the table is gone over k times, and each pass changes another k-th of the rows of every
 * page, in transactions of its own. Pure.
 *
 * One UPDATE over packed pages finds no room in any of them: each new row goes to a new page, and into every index.
 * Between two passes the server prunes a page as soon as somebody reads it, so the next k-th of its rows finds the room of
 * the last k-th, stays on the page, and needs no entry in any index (a heap-only tuple: HOT). That makes a third less
 * write-ahead log, half the growth of the table, and is faster although the window is read k times.
 * https://www.postgresql.org/docs/current/storage-hot.html
 *
 * The pass of a row is decided by what the job does not change, its key, so that each row is in exactly one pass, whoever
 * asks and whenever. A row of a block has no such thing but its place, where a client may put another version of it any
 * time; there the last pass takes whatever is still wrong, which the guard tells.
 */
import { identifier, join, literal, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import type { ChunkShape } from './batch-statements.ts';

export type Pass = {
  /** From 0. */
  readonly number: number;
  readonly of: number;
};

/** More than the gap that another worker's snapshot (one batch) keeps pages from being pruned after a pass. */
const batchesPerWindow = 8;
const windowBlocks = 8_192; // 64 MB: it stays in the smallest of caches from one pass to the next

/** How many rows a window is to hold. */
export function rowsOfWindow(rowsPerBlock: number): number {
  return Math.max(1, Math.round(windowBlocks * rowsPerBlock));
}

/** Of how many rows a stretch is a batch that changes `size` rows in each pass. */
export function rowsOfStretch(size: number, passes: number, windowRows: number): number {
  return Math.max(1, Math.min(size * passes, Math.ceil(windowRows / batchesPerWindow)));
}

/** What a pass over `rows` rows counts for: over all passes, each row once. */
export function shareOf(rows: number, { number, of }: Pass): number {
  return Math.floor((rows * (number + 1)) / of) - Math.floor((rows * number) / of);
}

/** Whether the job may be gone over in passes, as far as it depends on the job alone. */
export function isFitForPasses({ command, beside, insert }: BackfillRun): boolean {
  const readsOthers = beside !== undefined && beside.from.length + beside.with.length > 0; // it would read them k times
  return command === 'update' && insert === undefined && !readsOthers;
}

const integers: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint']);

/** A key that is not one integer is divided by its hash. */
export function isHashed({ kind, types }: Pick<ChunkShape, 'kind' | 'types'>): boolean {
  return kind === 'key' && !(types.length === 1 && integers.has(types[0] ?? ''));
}

/** The rows of a pass; null when all rows are meant. */
export function passCondition(
  range: Pick<ChunkShape, 'kind' | 'columns' | 'types'>,
  alias: SqlFragment,
  pass: Pass,
): SqlFragment | null {
  if (range.kind === 'block' && pass.number === pass.of - 1) return null;
  return sql`abs(${divided(range, alias)} % ${literal(pass.of)}) = ${literal(pass.number)}`;
}

function divided(range: Pick<ChunkShape, 'kind' | 'columns' | 'types'>, alias: SqlFragment): SqlFragment {
  if (range.kind === 'block') return raw('hashtid(ctid)');
  const columns = join(range.columns.map((column) => sql`${alias}.${identifier(column)}`));
  return isHashed(range) ? sql`hash_record_extended(row(${columns}), 0)` : columns;
}

/** What the passes over a window have come to, as far as one worker has seen them. */
export type WindowTally = {
  readonly rows: number;
  readonly changed: number;
  /** As the server counts: row versions written, and those of them that are HOT. */
  readonly updated: number;
  readonly hot: number;
  /** Of the first pass alone. */
  readonly firstUpdated: number;
  readonly firstHot: number;
};

export const emptyTally: WindowTally = { rows: 0, changed: 0, updated: 0, hot: 0, firstUpdated: 0, firstHot: 0 };

export type PassCounts = Pick<WindowTally, 'rows' | 'changed' | 'updated' | 'hot'>;

export function tallied(before: WindowTally, pass: number, batch: PassCounts): WindowTally {
  return {
    rows: before.rows + batch.rows,
    changed: before.changed + batch.changed,
    updated: before.updated + batch.updated,
    hot: before.hot + batch.hot,
    firstUpdated: before.firstUpdated + (pass === 0 ? batch.updated : 0),
    firstHot: before.firstHot + (pass === 0 ? batch.hot : 0),
  };
}

const leastHot = 0.2; // below it something keeps the pages from being pruned: an old snapshot, a trigger's own column
const leastChanged = 0.1; // of the rows: below it the passes only read
const roomAlready = 0.5; // of the first pass: the pages have room for the new rows as it is

/** Whether passes are worth their reading, by how they went over the last window. */
export function isWorthwhile(tally: WindowTally): boolean {
  if (tally.changed < tally.rows * leastChanged) return false;
  if (tally.updated === 0) return true; // the server does not count (track_counts)
  return tally.hot >= tally.updated * leastHot && tally.firstHot <= tally.firstUpdated * roomAlready;
}
