/**
 * How far a chunk is, and what one more stretch of it makes of that. Pure, and the only place that decides it: whoever
 * moves a chunk (a batch, a row that is left out) says so by `positionAfter`, and writes it by `positionSql` in the
 * transaction of the rows.
 */
import { join, literal, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';

export type Position = Pick<ChunkRecord, 'cursor'>;

export type NextPosition = Position & {
  /** Nothing of the chunk is left. */
  readonly isDone: boolean;
};

/** For how long a worker has a chunk after each of its batches; a longer batch is protected by its row lock. */
export const leaseSeconds = 15;

export function positionOf({ cursor }: ChunkRecord): Position {
  return { cursor };
}

export function positionAfter(stretch: { readonly cursor: readonly string[]; readonly isLast: boolean }): NextPosition {
  return { cursor: stretch.cursor, isDone: stretch.isLast };
}

/** What an UPDATE of the chunk's row sets: the position, and the lease, renewed or ended with the chunk. */
export function positionSql({ cursor, isDone }: NextPosition): SqlFragment {
  return sql`cursor = ${key(cursor)}, updated_at = clock_timestamp(), ${isDone ? doneChunk : renewedLease}`;
}

const renewedLease = raw(`lease_until = clock_timestamp() + interval '${leaseSeconds} s'`);
const doneChunk = raw(
  `status = 'done', lease_owner = null, lease_token = null, lease_until = null, finished_at = clock_timestamp(), last_error = null`,
);

function key(values: readonly string[] | null): SqlFragment {
  return values === null ? raw('null') : sql`array[${join(values.map((value) => literal(value)))}]::text[]`;
}
