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
import { qualifiedName } from '../../sql/identifier.ts';
import type { BackfillOptions, BackfillStatus, BackfillWish, FrozenValue, JobKey } from '../ledger/backfill-tables.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import { isDateOrTime } from './batching-key.ts';
import { passCondition, type Pass } from './interleaving.ts';
import { positionSql, type NextPosition } from './position.ts';

/** What statements need to know of a chunk. */
export type ChunkShape = Pick<ChunkRecord, 'table' | 'kind' | 'columns' | 'types' | 'upper' | 'fileNode'>;

/** Rows after `after` (from the start when null) up to and including `upTo`. */
export type KeySpan = {
  readonly after: readonly string[] | null;
  readonly upTo: readonly string[];
  /** Only the row of the key `upTo`. */
  readonly exactly?: true;
  /** Only the rows of this pass; all of them when absent. */
  readonly pass?: Pass;
};

/** Blocks from `from` up to, not including, `to`. */
export type BlockSpan = { readonly from: number; readonly to: number; readonly pass?: Pass };

/** The greatest key of the table. */
export function greatestKeySql(table: QualifiedName, columns: readonly string[], types: readonly string[]): string {
  const order = columns.map((column) => sql`${identifier(column)} desc`);
  return sql`select ${keyTexts(columns, types)} from only ${qualified(table)} order by ${join(order)} limit 1`.text;
}

/** About `count - 1` keys that cut the table into as many stretches of rows, in order, from a sample of `percent` %. */
export function keyCutsSql(
  table: QualifiedName,
  key: {
    readonly columns: readonly string[];
    readonly types: readonly string[];
    readonly last: readonly string[];
    readonly count: number;
  },
  percent: number,
): string {
  const columns = join(key.columns.map((column) => identifier(column)));
  const { columns: sides, row } = keyParts(key, null);
  const count = literal(key.count);
  return sql`select ${keyTexts(key.columns, key.types)} from (
      select ${columns}, row_number() over (order by ${columns}) as onward_n, count(*) over () as onward_rows
        from only ${qualified(table)} tablesample system (${literal(percent)}) repeatable (0)
       where ${sides} < ${row(key.last)}
    ) as sample
    where onward_n * ${count} / onward_rows > (onward_n - 1) * ${count} / onward_rows and onward_n < onward_rows
    order by onward_n`.text;
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
  /** Where the chunk is after the batch. */
  readonly next: NextPosition;
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

/** What a batch answers: rows changed and chunks owned (one or none) as text, and what the job is to do from here on. */
export type BatchReply = {
  readonly changed: string;
  readonly owned: string;
  /** Of a pass: the row versions that it wrote, and those of them that are HOT, as the server counts. */
  readonly updated?: string;
  readonly hot?: string;
  readonly job: JobState;
};

export type JobState = {
  readonly status: BackfillStatus;
  readonly desired: BackfillWish;
  readonly target_ms: number | null;
  readonly nice: number;
  readonly options: BackfillOptions;
};

/** One batch; without a span only the end of its chunk: where no rows are left, the change is not even tried. */
export function batchSql(
  fence: Fence,
  run: BackfillRun,
  once: readonly FrozenValue[],
  range: ChunkShape,
  span: KeySpan | BlockSpan | null,
  checkpoint: Checkpoint,
): string {
  const chunkRow = chunkRowOf(fence);
  const chunks = qualified({ schema: fence.schema, name: 'backfill_chunk' });
  const counts = span?.pass === undefined ? [] : [hotCount('hot', range), hotCount('updated', range)];
  return sql`with onward_own as materialized (
    select ${join([raw('1'), ...counts.map(({ now, name }) => sql`${now} as ${name}`)])} from ${chunks} where ${chunkRow}${sameFile(range)} for no key update
  ),${span === null ? raw('') : sql`${onceSql(once)}${rowsOfBatch(run, range, span)}`} onward_changed as (
    ${span === null ? raw('select 1 where false') : sql`${changeSql(run, range, span, isOurs)} returning 1`}
  ), onward_checkpoint as (
    update ${chunks} set ${positionSql(checkpoint.next)},
      rows_done = rows_done + (select count(*) from onward_changed),
      rows_scanned = rows_scanned + ${literal(checkpoint.rowsScanned)}, batch_size = ${literal(checkpoint.batchSize)}
    where ${chunkRow} and exists (select from onward_own) returning 1
  )
  select (select count(*) from onward_changed)::text as changed, (select count(*) from onward_checkpoint)::text as owned,
    ${join(
      counts.map(({ since }) => sql`${since}, `),
      '',
    )}(select to_jsonb(job) from (${jobStateSql(fence)}) as job) as job`.text;
}

/**
 * The server's own counters of this session. They go on over several transactions (until it hands them on, between two of
 * them), so what counts is how much they have grown since before the change.
 */
function hotCount(what: 'hot' | 'updated', { table }: ChunkShape) {
  const counter = raw(what === 'hot' ? 'pg_stat_get_xact_tuples_hot_updated' : 'pg_stat_get_xact_tuples_updated');
  const name = raw(what);
  const now = sql`${counter}(${literal(qualifiedName(table))}::regclass)`;
  const since = sql`(case when (select count(*) from onward_changed) >= 0
      then ${now} - (select ${name} from onward_own) end)::text as ${name}`;
  return { name, now, since };
}

function jobStateSql({ schema, job }: Pick<Fence, 'schema' | 'job'>): SqlFragment {
  return sql`select status, desired, target_ms, nice, options from ${qualified({ schema, name: 'backfill' })}
      where migration = ${literal(job.migration)} and step = ${literal(job.step)} and purpose = ${literal(job.purpose)}`;
}

/**
 * A rewrite of the table has put the rows into other blocks. The statement holds its lock on the table before this is
 * evaluated, so no rewrite can come between the two.
 */
function sameFile(range: ChunkShape): SqlFragment {
  if (range.fileNode === null) return raw('');
  return sql` and pg_relation_filenode(${literal(qualifiedName(range.table))}::regclass) = ${literal(range.fileNode)}::oid`;
}

function chunkRowOf({ job, ordinal, token }: Fence): SqlFragment {
  return sql`migration = ${literal(job.migration)} and step = ${literal(job.step)} and purpose = ${literal(job.purpose)}
      and ordinal = ${literal(ordinal)} and lease_token = ${literal(token)}::uuid and status = 'running'`;
}

/** The change alone, of one row of a block. */
export function changeOneSql(run: BackfillRun, once: readonly FrozenValue[], range: ChunkShape, ctid: string): string {
  const change = changeSql(run, range, null, sql`ctid = ${literal(ctid)}::tid`);
  return sql`with${onceSql(once)} onward_changed as (${change} returning 1)
    select count(*)::text as changed from onward_changed`.text;
}

/** The rows of a stretch for a person's function, each with its key as text; `columns` null: all. */
export function functionRowsSql(
  run: BackfillRun,
  range: ChunkShape,
  span: KeySpan,
  { columns, lock }: { readonly columns: readonly string[] | null; readonly lock: boolean },
): string {
  const order = join(range.columns.map((column) => identifier(column)));
  const wanted = columns === null ? raw('*') : join(columns.map((column) => identifier(column)));
  const where = join([withinSpan(run, range, span), ...meant(run)], ' and ');
  return sql`select ${wanted}, ${keyTexts(range.columns, range.types, 'onward_key')} from only ${target(run, range.table)}
    where ${where} order by ${order}${raw(lock ? ' for no key update' : '')}`.text;
}

/** The key of the row at a place. */
export function keyAtSql(table: QualifiedName, key: Pick<ChunkShape, 'columns' | 'types'>, ctid: string): string {
  return sql`select ${keyTexts(key.columns, key.types)} from only ${qualified(table)}
    where ctid = ${literal(ctid)}::tid`.text;
}

/**
 * Another try for a row that could not be changed, by its key: changed, counted and taken from the list in one statement,
 * whoever else tries the same.
 */
export function retrySql(
  { schema, job }: Pick<Fence, 'schema' | 'job'>,
  position: string,
  ordinal: number,
  run: BackfillRun,
  once: readonly FrozenValue[],
  range: ChunkShape,
  key: readonly string[],
): string {
  const noted = qualified({ schema, name: 'backfill_quarantine' });
  const isRow = sql`position = ${literal(position)}::bigint and resolved_at is null and migration = ${literal(job.migration)}
      and step = ${literal(job.step)} and purpose = ${literal(job.purpose)}`;
  const span: KeySpan = { exactly: true, after: null, upTo: key };
  return sql`with onward_own as materialized (
    select 1 from ${noted} where ${isRow} for no key update
  ),${onceSql(once)}${rowsOfBatch(run, range, span)} onward_changed as (
    ${changeSql(run, range, span, isOurs)} returning 1
  ), onward_resolved as (
    update ${noted} set resolved_at = clock_timestamp() where ${isRow} and exists (select from onward_own) returning 1
  ), onward_counted as (
    update ${qualified({ schema, name: 'backfill_chunk' })}
       set rows_done = rows_done + (select count(*) from onward_changed)
     where migration = ${literal(job.migration)} and step = ${literal(job.step)} and purpose = ${literal(job.purpose)}
       and ordinal = ${literal(ordinal)} and exists (select from onward_own) returning 1
  )
  select (select count(*) from onward_changed)::text as changed, (select count(*) from onward_resolved)::text as resolved,
    (select count(*) from onward_counted)::text as counted`.text;
}

/** The rows of a block that the job means. */
export function rowsOfBlockSql(run: BackfillRun, range: ChunkShape, block: number): string {
  const conditions = [withinBlocks({ from: block, to: block + 1 }), ...meant(run)];
  return sql`select ctid::text as ctid from only ${target(run, range.table)} where ${join(conditions, ' and ')}`.text;
}

/** Rows of one stretch of a table that are still not right; of all of it without a chunk. */
export function verifySql(
  run: BackfillRun,
  verify: string,
  table: QualifiedName,
  within: { readonly chunk: ChunkShape; readonly span: OpenSpan } | null,
): string {
  const bounds = within === null ? [] : openBounds(run, within.chunk, within.span);
  const where = join([...bounds, sql`(${raw(verify)})`], ' and ');
  return sql`select count(*)::text as rows from only ${target(run, table)} where ${where}`.text;
}

/** After `after`, up to and including `upTo`; either may be open. Of blocks: from `after`, up to before `upTo`. */
export type OpenSpan = { readonly after: readonly string[] | null; readonly upTo: readonly string[] | null };

function openBounds(run: BackfillRun, chunk: ChunkShape, { after, upTo }: OpenSpan): readonly SqlFragment[] {
  if (chunk.kind === 'block') {
    const place = (block: readonly string[]): SqlFragment => sql`${literal(`(${block[0] ?? '0'},0)`)}::tid`;
    return [
      ...(after === null ? [] : [sql`ctid >= ${place(after)}`]),
      ...(upTo === null ? [] : [sql`ctid < ${place(upTo)}`]),
    ];
  }
  const { columns, row } = keyParts(chunk, identifier(run.alias ?? run.table.name));
  return [
    ...(after === null ? [] : [sql`${columns} > ${row(after)}`]),
    ...(upTo === null ? [] : [sql`${columns} <= ${row(upTo)}`]),
  ];
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
  const alias = identifier(run.alias ?? run.table.name);
  const pass = span.pass === undefined ? null : passCondition(range, alias, span.pass);
  return join(pass === null ? [ends(range, span, alias)] : [ends(range, span, alias), pass], ' and ');
}

function ends(range: ChunkShape, span: KeySpan | BlockSpan, alias: SqlFragment): SqlFragment {
  if (range.kind === 'block') return 'from' in span ? withinBlocks(span) : raw('false');
  return 'upTo' in span ? withinKeys(range, span, alias) : raw('false');
}

function withinBlocks(span: BlockSpan): SqlFragment {
  return sql`ctid >= ${literal(`(${span.from},0)`)}::tid and ctid < ${literal(`(${span.to},0)`)}::tid`;
}

function withinKeys(range: ChunkShape, span: KeySpan, alias: SqlFragment | null): SqlFragment {
  const { columns, row } = keyParts(range, alias);
  if (span.exactly === true) return sql`${columns} = ${row(span.upTo)}`;
  const upper = sql`${columns} <= ${row(span.upTo)}`;
  return span.after === null ? upper : sql`${columns} > ${row(span.after)} and ${upper}`;
}

/** The key as the two sides of a comparison. */
function keyParts(
  { columns, types }: Pick<ChunkShape, 'columns' | 'types'>,
  alias: SqlFragment | null,
): { readonly columns: SqlFragment; readonly row: (values: readonly string[]) => SqlFragment } {
  const names = columns.map((column) => (alias === null ? identifier(column) : sql`${alias}.${identifier(column)}`));
  return {
    columns: rowOf(names),
    row: (values) => rowOf(values.map((value, index) => sql`${literal(value)}::text::${raw(types[index] ?? 'text')}`)),
  };
}

/** One column is compared as itself: a row of one is not the same to the planner. */
function rowOf(parts: readonly SqlFragment[]): SqlFragment {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : sql`(${join(parts)})`;
}

function keyTexts(columns: readonly string[], types: readonly string[], name = 'key'): SqlFragment {
  const texts = columns.map((column, index) =>
    isDateOrTime(types[index] ?? '') ? sql`to_jsonb(${identifier(column)}) #>> '{}'` : sql`${identifier(column)}::text`,
  );
  return sql`array[${join(texts)}] as ${identifier(name)}`;
}
