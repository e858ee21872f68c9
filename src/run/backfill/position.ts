/**
 * How far a chunk is, and what one more stretch of it makes of that. Pure, and the only place that decides it: whoever
 * moves a chunk (a batch, a row that is left out) says so by `positionAfter`, and writes it by `positionSql` in the
 * transaction of the rows.
 *
 * Without passes the cursor goes from the chunk's start to its end. With passes (interleaving.ts) it goes through a window
 * once for each of them, and then into the next window. A window's ends are written with its first stretch, so that
 * whoever goes on with the chunk meets the same rows in the same pass.
 */
import { join, literal, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';

export type Position = Pick<ChunkRecord, 'cursor' | 'windowFrom' | 'windowTo' | 'pass'>;

export type NextPosition = Position & {
  /** Nothing of the chunk is left. */
  readonly isDone: boolean;
};

type Key = readonly string[];

/** The part of a chunk that is gone over several times. */
export type Window = {
  /** The last key before it (null: from the table's start), or its first block. */
  readonly from: Key | null;
  /** Its last key, or the first block after it. */
  readonly to: Key;
  /** About how many rows it holds. */
  readonly rows: number;
  /** The chunk ends with it. */
  readonly isLast: boolean;
};

/** For how long a worker has a chunk after each of its batches; a longer batch is protected by its row lock. */
export const leaseSeconds = 15;

export function positionOf({ cursor, windowFrom, windowTo, pass }: Position): Position {
  return { cursor, windowFrom, windowTo, pass };
}

/** `stretch.isLast`: the last one of its window, or of its chunk where there is no window. */
export function positionAfter(
  { pass }: Pick<Position, 'pass'>,
  stretch: { readonly cursor: Key; readonly isLast: boolean; readonly window: Window | null },
  passes: number,
): NextPosition {
  const { cursor, isLast, window } = stretch;
  if (window === null) return { ...noWindow, cursor, isDone: isLast };
  const inWindow = { windowFrom: window.from, windowTo: window.to, isDone: false };
  if (!isLast) return { ...inWindow, cursor, pass };
  if (pass + 1 < passes) return { ...inWindow, cursor: window.from, pass: pass + 1 };
  return { ...noWindow, cursor: window.to, isDone: window.isLast };
}

const noWindow = { windowFrom: null, windowTo: null, pass: 0 } as const;

/** What an UPDATE of the chunk's row sets: the position, and the lease, renewed or ended with the chunk. */
export function positionSql({ cursor, windowFrom, windowTo, pass, isDone }: NextPosition): SqlFragment {
  return sql`cursor = ${texts(cursor)}, window_from = ${texts(windowFrom)}, window_to = ${texts(windowTo)},
    pass = ${literal(pass)}, updated_at = clock_timestamp(), ${isDone ? doneChunk : renewedLease}`;
}

const renewedLease = raw(`lease_until = clock_timestamp() + interval '${leaseSeconds} s'`);
const doneChunk = raw(
  `status = 'done', lease_owner = null, lease_token = null, lease_until = null, finished_at = clock_timestamp(), last_error = null`,
);

function texts(key: Key | null): SqlFragment {
  return key === null ? raw('null') : sql`array[${join(key.map((value) => literal(value)))}]::text[]`;
}
