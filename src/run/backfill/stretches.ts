/**
 * Which stretch of a chunk comes next. The cursor is that of the chunk's ledger row, kept beside it in memory so that it
 * need not be read again after each batch: the batch itself checks that the chunk is still ours.
 */
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import type { Position } from './position.ts';
import { batchEndSql, rowsLeftSql, type BlockSpan, type KeySpan } from './batch-statements.ts';

/** The next batch. */
export type Stretch = {
  readonly span: KeySpan | BlockSpan;
  /** Where the cursor stands after it. */
  readonly cursor: readonly string[];
  /** Rows (of a key range) or blocks in it. */
  readonly units: number;
  /** Rows that it looks at; an estimate for blocks. */
  readonly rows: number;
  /** Nothing is left after it. */
  readonly isLast: boolean;
};

/** How many units of the chunk are about `rows` rows. */
export function unitsFor(chunk: ChunkRecord, rows: number): number {
  return chunk.kind === 'key' ? rows : Math.max(1, Math.floor(rows / rowsPerBlock(chunk)));
}

export async function nextStretch(
  session: Session,
  chunk: ChunkRecord,
  { cursor }: Position,
  units: number,
): Promise<Stretch> {
  return chunk.kind === 'key'
    ? nextKeys(session, chunk, cursor ?? chunk.lower, units)
    : nextBlocks(chunk, cursor, units);
}

async function nextKeys(
  session: Session,
  chunk: ChunkRecord,
  after: readonly string[] | null,
  rows: number,
): Promise<Stretch> {
  const { upper } = chunk;
  const end = await session.query<{ key: string[] }>(batchEndSql(chunk, after, rows));
  const key = end.rows[0]?.key;
  if (key !== undefined) {
    return { span: { after, upTo: key }, cursor: key, units: rows, rows, isLast: isSameKey(key, upper) };
  }
  const left = await session.query<{ rows: string }>(rowsLeftSql(chunk, after));
  const count = Number(left.rows[0]?.rows ?? '0');
  return { span: { after, upTo: upper }, cursor: upper, units: count, rows: count, isLast: true };
}

function nextBlocks(chunk: ChunkRecord, cursor: readonly string[] | null, blocks: number): Stretch {
  const from = Number((cursor ?? chunk.lower)?.[0] ?? '0');
  const end = Number(chunk.upper[0]);
  const to = Math.min(from + blocks, end);
  const units = Math.max(0, to - from);
  const rows = Math.ceil(units * rowsPerBlock(chunk));
  return { span: { from, to }, cursor: [String(to)], units, rows, isLast: to >= end };
}

const usualRowsPerBlock = 40; // rows of 200 bytes; only until the estimate says better

function rowsPerBlock(chunk: ChunkRecord): number {
  const blocks = Number(chunk.upper[0]) - Number(chunk.lower?.[0] ?? '0');
  if (blocks <= 0 || chunk.estimate === 0) return usualRowsPerBlock;
  return Math.max(1, chunk.estimate / blocks);
}

function isSameKey(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
