/**
 * The statements of a backfill. Pure: names, expressions and numbers in, SQL out.
 *
 * A batch is one statement, and so one transaction and one round trip. Its three parts: `onward_own` finds the
 * chunk's row with our token and locks it, `onward_changed` changes the rows of the range if there is such a row, and
 * `onward_checkpoint` moves the cursor. So rows and cursor are committed together; a worker that lost its lease changes
 * nothing; and while a dead worker's last batch is still running on the server, its successor does not get the chunk.
 *
 * FOR NO KEY UPDATE, because foreign keys point at nothing here and nobody else has to wait. The order of the index is
 * the order in which rows are locked.
 */
import { identifier, join, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import type { FrozenValue, JobKey } from '../ledger/backfill-tables.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import { isDateOrTime } from './batching-key.ts';

/** What statements need to know of a chunk. */
export type ChunkShape = Pick<ChunkRecord, 'table' | 'kind' | 'columns' | 'types' | 'upper'>;

/** Rows after `after` (from the start when null) up to and including `upTo`. */
export type KeySpan = { readonly after: readonly string[] | null; readonly upTo: readonly string[] };

/** Blocks from `from` up to, not including, `to`. */
export type BlockSpan = { readonly from: number; readonly to: number };

/** The greatest key of the table. */
export function greatestKeySql(table: QualifiedName, columns: readonly string[], types: readonly string[]): string {
  const order = columns.map((column) => sql`${identifier(column)} desc`);
  return sql`select ${keyTexts(columns, types)} from only ${qualified(table)} order by ${join(order)} limit 1`.text;
}

/** The key of the `size`-th row after the cursor; no row when fewer are left. */
export function batchEndSql(range: ChunkShape, after: readonly string[] | null, size: number): string {
  const { upper: upTo } = range;
  const order = range.columns.map((column) => identifier(column));
  return sql`select ${keyTexts(range.columns, range.types)} from only ${qualified(range.table)}
    where ${withinKeys(range, { after, upTo }, null)} order by ${join(order)} offset ${literal(size - 1)} limit 1`.text;
}

/** How many rows are left between the cursor and the frozen bound. */
export function rowsLeftSql(range: ChunkShape, after: readonly string[] | null): string {
  const { upper: upTo } = range;
  return sql`select count(*)::text as rows from only ${qualified(range.table)}
    where ${withinKeys(range, { after, upTo }, null)}`.text;
}

export type Checkpoint = {
  readonly cursor: readonly string[];
  readonly rowsScanned: number;
  readonly batchSize: number;
};

/** What a batch belongs to: the chunk's row is its fence. */
export type Fence = {
  readonly schema: string;
  readonly job: JobKey;
  readonly ordinal: number;
  /** Of the chunk's lease. */
  readonly token: string;
};

/** One batch; answers with `changed` and `owned` as text. */
export function batchSql(
  fence: Fence,
  run: BackfillRun,
  once: readonly FrozenValue[],
  range: ChunkShape,
  span: KeySpan | BlockSpan,
  checkpoint: Checkpoint,
): string {
  const chunkRow = chunkRowOf(fence);
  const chunks = qualified({ schema: fence.schema, name: 'backfill_chunk' });
  return sql`with onward_own as materialized (
    select 1 from ${chunks} where ${chunkRow} for no key update
  ),${onceSql(once)}${rowsOfBatch(run, range, span)} onward_changed as (
    ${changeSql(run, range, span, isOurs)} returning 1
  ), onward_checkpoint as (
    update ${chunks} set cursor = ${textArray(checkpoint.cursor)},
      rows_done = rows_done + (select count(*) from onward_changed),
      rows_scanned = rows_scanned + ${literal(checkpoint.rowsScanned)},
      batch_size = ${literal(checkpoint.batchSize)}, updated_at = clock_timestamp()
    where ${chunkRow} and exists (select from onward_own) returning 1
  )
  select (select count(*) from onward_changed)::text as changed, (select count(*) from onward_checkpoint)::text as owned`
    .text;
}

function chunkRowOf({ job, ordinal, token }: Fence): SqlFragment {
  return sql`migration = ${literal(job.migration)} and step = ${literal(job.step)} and purpose = ${literal(job.purpose)}
      and ordinal = ${literal(ordinal)} and lease_token = ${literal(token)}::uuid and status = 'running'`;
}

/** The change alone, of one row: to find out which row of a block cannot be changed. */
export function changeOneSql(run: BackfillRun, range: ChunkShape, ctid: string): string {
  return changeSql(run, range, null, sql`ctid = ${literal(ctid)}::tid`).text;
}

/** The rows of a block that the job means. */
export function rowsOfBlockSql(run: BackfillRun, range: ChunkShape, block: number): string {
  const conditions = [withinBlocks({ from: block, to: block + 1 }), ...meant(run)];
  return sql`select ctid::text as ctid from only ${target(run, range.table)} where ${join(conditions, ' and ')}`.text;
}

/** Rows of the whole table that are still not right. */
export function verifySql(run: BackfillRun, verify: string): string {
  return sql`select count(*)::text as rows from ${target(run, run.table)} where (${raw(verify)})`.text;
}

const isOurs = sql`exists (select from onward_own)`;

/** What was worked out at the start. */
function onceSql(once: readonly FrozenValue[]): SqlFragment {
  if (once.length === 0) return raw('');
  const values = once.map(
    ({ column, type, value }) => sql`${literal(value)}::text::${raw(type)} as ${identifier(column)}`,
  );
  return sql` onward_once as (select ${join(values)}),`;
}

/** What an INSERT reads in place of its table. */
function rowsOfBatch(run: BackfillRun, range: ChunkShape, span: KeySpan | BlockSpan): SqlFragment {
  if (run.insert === undefined) return raw('');
  const columns = join(run.insert.columns.map((column) => identifier(column)));
  return sql` onward_rows as (
    select ${columns} from only ${target(run, range.table)} where ${withinSpan(run, range, span)} and ${isOurs}
  ),`;
}

function changeSql(
  run: BackfillRun,
  range: ChunkShape,
  span: KeySpan | BlockSpan | null,
  also: SqlFragment,
): SqlFragment {
  const within = span === null ? [] : [withinSpan(run, range, span)];
  const where = join([...within, ...meant(run), also], ' and ');
  const { insert, beside } = run;
  if (insert !== undefined) return raw(insert.ofBatch);
  const table = target(run, range.table);
  const queries = beside === undefined || beside.with.length === 0 ? raw('') : sql`with ${list(beside.with)} `;
  const others = beside === undefined || beside.from.length === 0 ? null : list(beside.from);
  if (run.command === 'delete') {
    const using = others === null ? raw('') : sql` using ${others}`;
    return sql`${queries}delete from only ${table}${using} where ${where}`;
  }
  const set = run.set.map(({ column, expression }) => sql`${identifier(column)} = ${raw(expression)}`);
  const from = others === null ? raw('') : sql` from ${others}`;
  return sql`${queries}update only ${table} set ${join(set)}${from} where ${where}`;
}

function list(parts: readonly string[]): SqlFragment {
  return join(parts.map((part) => raw(part)));
}

function meant(run: BackfillRun): readonly SqlFragment[] {
  return [run.where, run.guard].filter((text) => text !== null).map((text) => sql`(${raw(text)})`);
}

/** A leaf is named as the root is: the expressions may say `users.email`. */
function target(run: BackfillRun, table: QualifiedName): SqlFragment {
  const isRoot = table.schema === run.table.schema && table.name === run.table.name;
  if (run.alias === null && isRoot) return qualified(table);
  return sql`${qualified(table)} as ${identifier(run.alias ?? run.table.name)}`;
}

function withinSpan(run: BackfillRun, range: ChunkShape, span: KeySpan | BlockSpan): SqlFragment {
  if (range.kind === 'block') return 'from' in span ? withinBlocks(span) : raw('false');
  return 'upTo' in span ? withinKeys(range, span, identifier(run.alias ?? run.table.name)) : raw('false');
}

function withinBlocks(span: BlockSpan): SqlFragment {
  return sql`ctid >= ${literal(`(${span.from},0)`)}::tid and ctid < ${literal(`(${span.to},0)`)}::tid`;
}

function withinKeys(range: ChunkShape, span: KeySpan, alias: SqlFragment | null): SqlFragment {
  const columns = range.columns.map((column) =>
    alias === null ? identifier(column) : sql`${alias}.${identifier(column)}`,
  );
  const row = (values: readonly string[]): SqlFragment =>
    rowOf(values.map((value, index) => sql`${literal(value)}::text::${raw(range.types[index] ?? 'text')}`));
  const upper = sql`${rowOf(columns)} <= ${row(span.upTo)}`;
  return span.after === null ? upper : sql`${rowOf(columns)} > ${row(span.after)} and ${upper}`;
}

/** One column is compared as itself: a row of one is not the same to the planner. */
function rowOf(parts: readonly SqlFragment[]): SqlFragment {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : sql`(${join(parts)})`;
}

function keyTexts(columns: readonly string[], types: readonly string[]): SqlFragment {
  const texts = columns.map((column, index) =>
    isDateOrTime(types[index] ?? '') ? sql`to_jsonb(${identifier(column)}) #>> '{}'` : sql`${identifier(column)}::text`,
  );
  return sql`array[${join(texts)}] as key`;
}

function textArray(values: readonly string[]): SqlFragment {
  return sql`array[${join(values.map((value) => literal(value)))}]::text[]`;
}
