/**
 * How much a step has to do, from the sizes that a live database tells: for the person who decides when to run it, and
 * whether the disk has room. Guesses, rounded where they are shown. Without a live database there are none.
 *
 * Disk and WAL are told as the most that is likely: every row of a backfill leaves its old version until vacuum has
 * passed, and the first change of a page after a checkpoint writes all of it.
 */
import { columnOf, resolveName, resolveTable, tableNamed } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName, Table } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { tablesIn } from '../operations/pieces/query-names.ts';
import type { StepRun } from '../operations/step-draft.ts';
import { indexBytes, rowOverheadBytes, typeWidthBytes } from '../postgres/storage.ts';
import { parseStatements } from '../sql/parse.ts';

export type StepEstimate = {
  /** Of the tables that it reads, writes or indexes, all together. */
  readonly rows: number;
  readonly bytes: number;
  /** How many batches, when it is a backfill. */
  readonly batches: number | null;
  readonly takes: 'an instant' | 'seconds' | 'minutes' | 'hours' | 'days';
  /** Disk that is in use when it is done, or until vacuum has passed, beyond what was before. */
  readonly extraBytes: number;
  readonly walBytes: number;
};

export type PlanEstimate = Pick<StepEstimate, 'extraBytes' | 'walBytes'>;

// What an ordinary machine does, to tell seconds from hours: measured with the backfill's own benchmarks and a laptop's disk.
const rowsFilledPerSecond = 20_000;
const rowsIndexedPerSecond = 500_000;
const bytesReadPerSecond = 200_000_000;
const bytesWrittenPerSecond = 50_000_000;
/** A batch takes a tenth of a second by default. */
const rowsInBatch = rowsFilledPerSecond / 10;
const largestBatch = 50_000;

export type StepWork = {
  readonly run: StepRun;
  readonly rewrites: readonly QualifiedName[];
  readonly scans: readonly QualifiedName[];
  /** The step's changes, each with the schema that it meets. */
  readonly changes: readonly { readonly change: Change; readonly catalog: Catalog }[];
  /** The schema before the step. */
  readonly catalog: Catalog;
};

/** Null when there is nothing to tell: the step takes milliseconds whatever the tables hold, or nobody knows their sizes. */
export function estimateStep(work: StepWork): StepEstimate | null {
  if (work.run.kind === 'backfill') return backfillEstimate(work.run, work.catalog);
  const rewritten = sizesOf(work.rewrites, work.catalog);
  const scanned = sizesOf(
    work.run.kind === 'gate' ? counted(work.run.countSql, work.catalog) : work.scans,
    work.catalog,
  );
  const built = work.changes.flatMap(({ change, catalog }) => builtIndex(change, catalog) ?? []);
  const touched = [
    ...new Map([...rewritten, ...scanned, ...built.map(({ table }) => table)].map((t) => [t.name, t])).values(),
  ];
  if (touched.every(({ bytes }) => bytes === 0)) return null;
  const indexes = sum(built.map(({ bytes }) => bytes));
  const anew = sum(rewritten.map(({ bytes }) => bytes));
  const read = sum(touched.map(({ heapBytes }) => heapBytes));
  const seconds =
    read / bytesReadPerSecond +
    anew / bytesWrittenPerSecond +
    sum(built.map(({ table }) => table.rows)) / rowsIndexedPerSecond;
  return {
    rows: sum(touched.map(({ rows }) => rows)),
    bytes: sum(touched.map(({ bytes }) => bytes)),
    batches: null,
    takes: takes(seconds),
    extraBytes: anew + indexes,
    walBytes: anew + indexes,
  };
}

/** What the whole plan needs. */
export function totalEstimate(estimates: readonly (StepEstimate | null)[]): PlanEstimate | null {
  const known = estimates.flatMap((estimate) => estimate ?? []);
  if (known.length === 0) return null;
  return {
    extraBytes: sum(known.map(({ extraBytes }) => extraBytes)),
    walBytes: sum(known.map(({ walBytes }) => walBytes)),
  };
}

function backfillEstimate(run: Extract<StepRun, { readonly kind: 'backfill' }>, catalog: Catalog): StepEstimate | null {
  const [size] = sizesOf([run.table], catalog);
  if (size === undefined || size.bytes === 0) return null;
  const { rows, bytes, heapBytes } = size;
  const inBatch = Math.min(run.batchSize ?? rowsInBatch, largestBatch);
  const batches = Math.ceil(rows / inBatch);
  const seconds = rows / rowsFilledPerSecond + (batches * (run.pauseMs ?? 0)) / 1000;
  // A deleted row leaves nothing; an updated one a second version of itself and of its index entries.
  const written = run.command === 'delete' ? 0 : bytes;
  return {
    rows,
    bytes,
    batches,
    takes: takes(seconds),
    extraBytes: written,
    walBytes: written + heapBytes,
  };
}

/** The tables that a gate counts in. */
function counted(countSql: string, catalog: Catalog): readonly QualifiedName[] {
  return tablesIn(parseStatements(countSql).map(({ node }) => node)).map((name) => resolveName(catalog, name));
}

type Size = { readonly name: string; readonly rows: number; readonly bytes: number; readonly heapBytes: number };

function sizesOf(names: readonly QualifiedName[], catalog: Catalog): readonly Size[] {
  return names.flatMap((name) => {
    const table = tableNamed(catalog, name);
    return table === null ? [] : (sizeOf(table) ?? []);
  });
}

function sizeOf({ schema, name, estimate }: Table): Size | null {
  if (estimate === null) return null;
  const { rows, bytes, heapBytes = bytes } = estimate;
  return { name: JSON.stringify([schema, name]), rows, bytes, heapBytes };
}

/** The index that the change builds on rows that are there. */
function builtIndex(change: Change, catalog: Catalog): { readonly table: Size; readonly bytes: number } | null {
  const built = indexOf(change);
  const table = 'table' in change && change.table !== null ? resolveTable(catalog, change.table) : null;
  if (built === null || table === null) return null;
  const size = sizeOf(table);
  if (size === null) return null;
  const keyBytes = sum(built.columns.map((column) => columnWidthBytes(table, column)));
  const { rows, heapBytes } = size;
  const bytes = indexBytes(built.method, { rows, keyBytes, heapBytes });
  // GIN and the like share what is equal: the table itself is the best guess at the most that it can be.
  return { table: size, bytes: bytes ?? heapBytes };
}

/** Null stands for an expression. */
type BuiltIndex = { readonly method: string; readonly columns: readonly (string | null)[] };

function indexOf(change: Change): BuiltIndex | null {
  if (change.kind === 'create_index')
    return { method: change.method, columns: [...change.keys.map(({ column }) => column), ...change.include] };
  if (change.kind === 'add_unique' && change.constraint.usingIndex === null)
    return { method: 'btree', columns: [...change.constraint.columns, ...change.constraint.include] };
  return null;
}

/** A value that is not there yet, or whose type says nothing about its width, has the one that is left for it. */
function columnWidthBytes(table: Table, name: string | null): number {
  const column = name === null ? null : columnOf(table, name);
  const fixed = column === null ? null : typeWidthBytes(column.type);
  return fixed ?? variableWidthBytes(table);
}

const usualWidthBytes = 32; // what the server's planner takes for a value of unknown length (get_typavgwidth)
const widestBytes = 2000; // larger ones are stored outside the row (TOAST)

/** What a row holds beyond its fixed columns, shared evenly by the others. */
function variableWidthBytes(table: Table): number {
  const size = sizeOf(table);
  const widths = table.columns.map(({ type }) => typeWidthBytes(type));
  const variable = widths.filter((width) => width === null).length;
  if (size === null || size.rows === 0 || variable === 0) return usualWidthBytes;
  const row = size.heapBytes / size.rows - rowOverheadBytes - sum(widths.map((width) => width ?? 0));
  return Math.min(widestBytes, Math.max(4, row / variable));
}

function takes(seconds: number): StepEstimate['takes'] {
  if (seconds < 1) return 'an instant';
  if (seconds < 60) return 'seconds';
  if (seconds < 3_600) return 'minutes';
  return seconds < 86_400 ? 'hours' : 'days';
}

function sum(numbers: readonly number[]): number {
  return Math.round(numbers.reduce((total, number) => total + number, 0));
}
