/**
 * Which stretch of a chunk comes next. The position is that of the chunk's ledger row, kept beside it in memory so that it
 * need not be read again after each batch: the batch itself checks that the chunk is still ours.
 */
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import type { Cuts } from './cuts.ts';
import { shareOf, type Pass } from './interleaving.ts';
import type { Position, Window } from './position.ts';
import { batchEndSql, rowsLeftSql, type BlockSpan, type KeySpan } from './batch-statements.ts';

/** The next batch. */
export type Stretch = {
  readonly span: KeySpan | BlockSpan;
  /** Where the cursor stands after it. */
  readonly cursor: readonly string[];
  /** Rows (of a key range) or blocks in it. */
  readonly units: number;
  /** Rows that it looks at, an estimate for blocks; in a pass that pass's part of them. */
  readonly rows: number;
  /** Nothing of its window is left after it; of its chunk, where there is no window. */
  readonly isLast: boolean;
  readonly window: Window | null;
};

/** How many units of the chunk are about `rows` rows. */
export function unitsFor(chunk: ChunkRecord, rows: number): number {
  return chunk.kind === 'key' ? rows : Math.max(1, Math.floor(rows / rowsPerBlock(chunk)));
}

const restOfChunk = 1.5; // windows: what is left is one window, rather than a window and a small one

/** The next window of a chunk that is at the cursor; about `rows` rows long, of `left` that are left. */
export async function openWindow(
  session: Session,
  chunk: ChunkRecord,
  { cursor }: Position,
  rows: number,
  left: number,
): Promise<Window> {
  const from = cursor ?? chunk.lower;
  const rest: Window = { from, to: chunk.upper, rows: Math.max(1, left), isLast: true };
  if (left <= rows * restOfChunk) return rest;
  if (chunk.kind === 'block') {
    const to = Number(from?.[0] ?? '0') + unitsFor(chunk, rows);
    return to >= Number(chunk.upper[0]) ? rest : { from, to: [String(to)], rows, isLast: false };
  }
  const end = await session.query<{ key: string[] }>(batchEndSql(chunk, from, rows));
  const to = end.rows[0]?.key;
  return to === undefined || isSameKey(to, chunk.upper) ? rest : { from, to, rows, isLast: false };
}

/** The window that the ledger says a chunk is in. */
export function windowAt(chunk: ChunkRecord): Window | null {
  const { windowFrom: from, windowTo: to, estimate, upper } = chunk;
  return to === null ? null : { from, to, rows: Math.max(1, estimate), isLast: isSameKey(to, upper) };
}

export async function nextStretch(
  session: Session,
  chunk: ChunkRecord,
  { cursor }: Position,
  units: number,
  within: {
    readonly window: Window;
    readonly pass: Pass;
    /** Null where the number of rows has to be exact. */
    readonly cuts: Cuts | null;
  } | null,
): Promise<Stretch> {
  const upper = within?.window.to ?? chunk.upper;
  const after = cursor ?? chunk.lower;
  const known = chunk.kind === 'key' ? (within?.cuts?.next(after, units) ?? null) : null;
  const part: Part =
    known !== null
      ? { ...known, span: { after, upTo: known.cursor }, rows: known.units }
      : chunk.kind === 'key'
        ? await nextKeys(session, { ...chunk, upper }, after, units)
        : nextBlocks(chunk, after, Number(upper[0]), units);
  if (within === null) return { ...part, window: null };
  const { window, pass, cuts } = within;
  if (pass.number === 0) cuts?.note(after, part);
  return { ...part, rows: shareOf(part.rows, pass), window, span: { ...part.span, pass } };
}

type Part = Omit<Stretch, 'window'>;

async function nextKeys(
  session: Session,
  chunk: ChunkRecord,
  after: readonly string[] | null,
  rows: number,
): Promise<Part> {
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

function nextBlocks(chunk: ChunkRecord, after: readonly string[] | null, end: number, blocks: number): Part {
  const from = Number(after?.[0] ?? '0');
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
