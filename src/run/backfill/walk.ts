/**
 * Where a backfill stands, and which stretch comes next. The state is that of the ledger row, kept beside it in memory
 * so that it need not be read again after each batch: the batch itself checks that the row is still ours.
 */
import type { BackfillRecord, ChunkRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import { batchEndSql, rowsLeftSql, type BlockSpan, type KeySpan } from './batch-statements.ts';

export type Position = {
  readonly ranges: readonly ChunkRecord[];
  readonly range: number;
  readonly cursor: readonly string[] | null;
  readonly sweep: number;
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
};

/** The next batch. */
export type Stretch = {
  readonly span: KeySpan | BlockSpan;
  /** Where the cursor stands after it. */
  readonly cursor: readonly string[];
  /** Rows (of a key range) or blocks in it. */
  readonly units: number;
  /** Rows that it looks at; an estimate for blocks. */
  readonly rows: number;
};

export function positionOf(record: BackfillRecord, ranges: readonly ChunkRecord[]): Position {
  const { sweep, rowsDone, rowsScanned, estimate } = record;
  const open = ranges.findIndex((chunk) => chunk.status !== 'done');
  const range = open === -1 ? ranges.length : open;
  return { ranges, range, cursor: ranges[range]?.cursor ?? null, sweep, rowsDone, rowsScanned, estimate };
}

/** How many units of the range are about `rows` rows. */
export function unitsFor(position: Position, range: ChunkRecord, rows: number): number {
  return range.kind === 'key' ? rows : Math.max(1, Math.floor(rows / rowsPerBlock(position)));
}

/**
 * Null when the range is walked to its end. `rewritten`: VACUUM FULL, CLUSTER or the like has put the rows into other
 * blocks since the range was frozen.
 */
export async function nextStretch(
  session: Session,
  position: Position,
  range: ChunkRecord,
  units: number,
): Promise<Stretch | null | 'rewritten'> {
  return range.kind === 'key'
    ? nextKeys(session, range, position.cursor, units)
    : nextBlocks(session, range, position, units);
}

async function nextKeys(
  session: Session,
  range: ChunkRecord,
  after: readonly string[] | null,
  rows: number,
): Promise<Stretch | null> {
  const { upper } = range;
  if (isSameKey(after, upper)) return null;
  const end = await session.query<{ key: string[] }>(batchEndSql(range, after, rows));
  const key = end.rows[0]?.key;
  if (key !== undefined) return { span: { after, upTo: key }, cursor: key, units: rows, rows };
  const left = await session.query<{ rows: string }>(rowsLeftSql(range, after));
  const count = Number(left.rows[0]?.rows ?? '0');
  if (count === 0) return null;
  return { span: { after, upTo: upper }, cursor: upper, units: count, rows: count };
}

async function nextBlocks(
  session: Session,
  range: ChunkRecord,
  position: Position,
  blocks: number,
): Promise<Stretch | null | 'rewritten'> {
  if (await isRewritten(session, range)) return 'rewritten';
  const from = position.cursor?.[0] === undefined ? 0 : Number(position.cursor[0]);
  const end = Number(range.upper[0]);
  if (from >= end) return null;
  const to = Math.min(from + blocks, end);
  const units = to - from;
  return { span: { from, to }, cursor: [String(to)], units, rows: Math.ceil(units * rowsPerBlock(position)) };
}

async function isRewritten(session: Session, range: ChunkRecord): Promise<boolean> {
  const { rows } = await session.query<{ node: string | null }>(
    `select pg_relation_filenode(c.oid)::text as node from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [range.table.schema, range.table.name],
  );
  return rows[0]?.node !== range.fileNode;
}

const usualRowsPerBlock = 40; // rows of 200 bytes; only until the estimate says better

function rowsPerBlock(position: Position): number {
  const blocks = position.ranges.reduce((sum, range) => sum + (range.kind === 'block' ? Number(range.upper[0]) : 0), 0);
  if (blocks === 0 || position.estimate === 0) return usualRowsPerBlock;
  return Math.max(1, position.estimate / blocks);
}

function isSameKey(a: readonly string[] | null, b: readonly string[]): boolean {
  return a !== null && a.length === b.length && a.every((value, index) => value === b[index]);
}
