/**
 * The rows that could not be changed, where the job goes on without them: noted with their keys in the transaction that
 * moves the cursor past them, listed at the end, and tried again once a person has corrected them.
 *
 * By the key where the table has one, whatever the chunk is made of: a row that a person corrects moves to another place.
 * Of a table without one only the place can be told, and another sweep looks at all of its rows again.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { join, literal, qualified, sql } from '../../sql/template.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { tables } from '../ledger/ledger.ts';
import type { FrozenValue, JobKey } from '../ledger/backfill-tables.ts';
import type { Session } from '../session.ts';
import { classifyFailure } from './batch-outcome.ts';
import { changeOneSql, keyAtSql, retrySql, rowsOfBlockSql } from './batch-statements.ts';
import { batchingKeys, chooseKey } from './batching-key.ts';
import { isJob, type Held } from './chunk-lease.ts';
import { positionSql, type NextPosition } from './position.ts';
import type { Stretch } from './stretches.ts';
import { noteEvent, type Worker } from './workplace.ts';

const mostNoted = 100; // more than that is no odd row: the statement does not fit the data

type Noted = { readonly columns: readonly string[]; readonly key: readonly string[]; readonly cause: unknown };

/** And the chunk is at `next`. False when it is not ours any more: nothing was noted then. */
export async function quarantineRow(
  worker: Worker,
  held: Held,
  stretch: Stretch,
  next: NextPosition,
  cause: unknown,
): Promise<boolean> {
  const { session, schema, key } = worker;
  const { chunk } = held;
  const chunks = qualified({ schema, name: 'backfill_chunk' });
  const own = sql`${isJob(key)} and ordinal = ${literal(chunk.ordinal)} and lease_token = ${literal(held.token)}::uuid
    and status = 'running'`;
  const noted: Noted[] = [];
  let changed = 0;
  const isOurs = await session.transaction(async () => {
    const { rowCount } = await session.query(sql`select from ${chunks} where ${own} for no key update`.text);
    if (rowCount === 0) return false;
    const found: Noted[] = [];
    if (chunk.kind === 'key') found.push({ columns: chunk.columns, key: stretch.cursor, cause });
    else changed = await changeBlock(worker, held, stretch, found);
    for (const row of found) {
      const { rowCount: added } = await session.query(noteSql(schema, key, chunk, row));
      if (added > 0) noted.push(row);
    }
    await session.query(
      sql`update ${chunks} set ${positionSql(next)}, rows_done = rows_done + ${literal(changed)},
          rows_scanned = rows_scanned + ${literal(stretch.rows)} where ${own}`.text,
    );
    return true;
  });
  if (!isOurs) return false;
  for (const row of noted) {
    const told = { table: chunk.table, key: keyText(row), message: messageOf(row.cause) };
    worker.onEvent({ kind: 'backfill_quarantined', ...worker.name, ...told });
    await noteEvent(worker, 'quarantined', chunk.ordinal, told);
  }
  await worker.tally.add(session, { changed, scanned: stretch.rows, size: stretch.rows });
  const problem = await tooManyRejected(worker);
  if (problem !== null) throw problem;
  return true;
}

/** In the transaction that moves the cursor past the row. */
export async function noteRejected(
  { session, schema, key }: Pick<Worker, 'session' | 'schema' | 'key'>,
  chunk: Held['chunk'],
  row: Noted,
): Promise<void> {
  await session.query(noteSql(schema, key, chunk, row));
}

export async function tooManyRejected({ session, schema, key, run }: Worker): Promise<MigrateError | null> {
  const { length } = await readQuarantine(session, schema, key);
  return length > mostNoted ? tooMany(key.migration, run.table, length) : null;
}

/** The rows of one block, one by one; answers how many were changed. */
async function changeBlock(worker: Worker, { chunk }: Held, stretch: Stretch, noted: Noted[]): Promise<number> {
  const { session, run, once } = worker;
  const block = 'from' in stretch.span ? stretch.span.from : 0;
  const key = await keyOf(session, run, chunk.table);
  let changed = 0;
  const { rows } = await session.query<{ ctid: string }>(rowsOfBlockSql(run, chunk, block));
  for (const { ctid } of rows) {
    await session.query('savepoint onward_row');
    try {
      const done = await session.query<{ changed: string }>(changeOneSql(run, once, chunk, ctid));
      changed += Number(done.rows[0]?.changed ?? '0');
    } catch (error) {
      if (classifyFailure(sqlstateOf(error)) !== 'poison') throw error;
      await session.query('rollback to savepoint onward_row');
      const found = key === null ? null : await session.query<{ key: string[] }>(keyAtSql(chunk.table, key, ctid));
      const values = found?.rows[0]?.key;
      noted.push(
        key === null || values === undefined
          ? { columns: ['ctid'], key: [ctid], cause: error }
          : { columns: key.columns, key: values, cause: error },
      );
    }
  }
  return changed;
}

type Key = { readonly columns: readonly string[]; readonly types: readonly string[] };

async function keyOf(session: Session, run: BackfillRun, table: QualifiedName): Promise<Key | null> {
  const keys = await batchingKeys(session, qualifiedName(table));
  const key = chooseKey(keys, new Set(run.set.map(({ column }) => column)));
  if (key === null) return null;
  return { columns: key.columns.map(({ name }) => name), types: key.columns.map(({ type }) => type) };
}

/** Once: the last pass over a block meets again what an earlier one has noted. */
function noteSql(schema: string, key: JobKey, chunk: Held['chunk'], { columns, key: values, cause }: Noted): string {
  const list = (texts: readonly string[]) => sql`array[${join(texts.map((text) => literal(text)))}]::text[]`;
  const quarantine = qualified({ schema, name: 'backfill_quarantine' });
  return sql`insert into ${quarantine}
      (migration, step, purpose, ordinal, table_schema, table_name, columns, key, sqlstate, message)
    select ${literal(key.migration)}, ${literal(key.step)}, ${literal(key.purpose)}, ${literal(chunk.ordinal)},
      ${literal(chunk.table.schema)}, ${literal(chunk.table.name)}, ${list(columns)}, ${list(values)},
      ${literal(sqlstateOf(cause) ?? '')}, ${literal(messageOf(cause))}
    where not exists (select from ${quarantine} where ${isJob(key)} and ordinal = ${literal(chunk.ordinal)}
      and columns = ${list(columns)} and key = ${list(values)} and resolved_at is null)`.text;
}

/** A row that was left out, by its key. */
export type QuarantinedKey = {
  readonly table: QualifiedName;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  readonly sqlstate: string;
  readonly message: string;
  readonly at: Date;
};

export type QuarantinedRow = QuarantinedKey & { readonly position: string; readonly ordinal: number };

/** Those that nobody has corrected yet. */
export async function readQuarantine(
  session: Session,
  schema: string,
  key: JobKey,
): Promise<readonly QuarantinedRow[]> {
  const rows = await tables({ session, schema })
    .selectFrom('backfill_quarantine')
    .selectAll()
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose)
    .where('resolved_at', 'is', null)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({
    position: row.position,
    ordinal: row.ordinal,
    table: { schema: row.table_schema, name: row.table_name },
    columns: row.columns,
    key: row.key,
    sqlstate: row.sqlstate,
    message: row.message,
    at: row.at,
  }));
}

/**
 * Tries the noted rows again, each in a statement of its own. Those that still fail stay noted. Answers whether some
 * could only be told by their place, so that another sweep has to look for them.
 */
export async function retryQuarantine(
  session: Session,
  schema: string,
  job: JobKey,
  run: BackfillRun,
  once: readonly FrozenValue[],
): Promise<{ readonly needsSweep: boolean }> {
  let needsSweep = false;
  for (const row of await readQuarantine(session, schema, job)) {
    const key = row.columns[0] === 'ctid' ? null : await keyOf(session, run, row.table);
    if (key === null || key.columns.join(' ') !== row.columns.join(' ')) {
      needsSweep = true;
      await session.query(
        sql`update ${qualified({ schema, name: 'backfill_quarantine' })} set resolved_at = clock_timestamp()
          where position = ${literal(row.position)}::bigint and ${isJob(job)}`.text,
      );
      continue;
    }
    const range = { table: row.table, kind: 'key' as const, ...key, upper: row.key, fileNode: null };
    try {
      await session.query(retrySql({ schema, job }, row.position, row.ordinal, run, once, range, row.key));
    } catch (error) {
      if (classifyFailure(sqlstateOf(error)) !== 'poison') throw error;
    }
  }
  return { needsSweep };
}

function keyText({ columns, key }: Pick<QuarantinedRow, 'columns' | 'key'>): string {
  return columns.map((column, index) => `${column} = ${key[index] ?? ''}`).join(', ');
}

function tooMany(migration: string, table: QualifiedName, count: number): MigrateError {
  return new MigrateError(
    'BACKFILL_FAILED',
    `${migration}: ${count} rows of ${qualifiedName(table)} could not be changed: that is not a few odd rows.`,
    {
      hint: `They are listed by: migrate backfill status ${migration}\nCorrect them, then run: migrate backfill retry ${migration}`,
      details: { migration, table, count },
    },
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
