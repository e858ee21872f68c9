/**
 * The ledger rows of a person's own backfill. It belongs to no plan and no migration, so nobody needs the lease for it, and
 * nobody leads it: every process that runs it may begin it, pause it, and end it, each by one statement that changes the
 * row only from the state in which that is right. Two that begin it at once collide on its key, and one of them takes part.
 */
import { sql } from 'kysely';
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { quoteIdentifier } from '../../sql/identifier.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { freezeChunks } from '../backfill/chunking.ts';
import { findJob, insertChunks } from '../backfill/job.ts';
import { readMigrationSummaries } from '../ledger/records.ts';
import { functionPurpose, type BackfillStatus, type BackfillWork, type JobKey } from '../ledger/backfill-tables.ts';
import { recordedError, tables } from '../ledger/ledger.ts';
import type { RecordedError } from '../ledger/tables.ts';
import type { BackfillRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import type { BackfillDefinition } from './define-backfill.ts';
import { mostRowsOfRate } from './rate.ts';

/** What to do about a run that another version of the function has begun. */
export type NewVersion = 'refuse' | 'continue' | 'restart';

export type Place = { readonly session: Session; readonly schema: string };

export function jobKeyOf({ name }: BackfillDefinition): JobKey {
  return { migration: name, step: functionPurpose, purpose: functionPurpose };
}

/** The job as it stands, made when there is none; `begin` false: only one that there is. */
export async function openFunctionJob(
  place: Place,
  definition: BackfillDefinition,
  wishes: {
    readonly rowsPerChunk: number;
    readonly onError: 'stop' | 'quarantine' | null;
    readonly newVersion: NewVersion;
    readonly begin: boolean;
  },
): Promise<{ readonly record: BackfillRecord; readonly work: BackfillWork }> {
  const key = jobKeyOf(definition);
  let known = await findJob(place.session, place.schema, key);
  if (known !== null && known.work?.function?.hash !== definition.hash) {
    if (wishes.newVersion === 'refuse') throw otherVersion(definition, known);
    if (wishes.newVersion === 'restart') {
      await remove(place, key);
      known = null;
    }
  }
  if (known === null && !wishes.begin) throw notBegun(definition);
  const table = known?.work?.run.table ?? (await tableOf(place.session, definition));
  const work = workOf(definition, table);
  if (known === null) {
    await refuseNameOfMigration(place, definition);
    await begin(place, key, work, wishes);
  } else if (known.status !== 'done') {
    const options = wishes.onError === null ? known.options : { ...known.options, onError: wishes.onError };
    await place.session.transaction(async () => {
      await jobRow(place, key)
        .set({ work: JSON.stringify(work), options: JSON.stringify(options) })
        .execute();
      await jobRow(place, key).where('status', '=', 'failed').set({ status: 'running', updated_at: now }).execute();
      await chunkRows(place, key).where('status', '=', 'failed').set({ status: 'pending', attempts: 0 }).execute();
    });
  }
  const record = await findJob(place.session, place.schema, key);
  if (record === null) throw new MigrateError('INTERNAL', `The backfill ${definition.name} vanished.`);
  return { record, work };
}

function workOf(definition: BackfillDefinition, table: QualifiedName): BackfillWork {
  const { version, hash, batchSize, rateLimit, where } = definition;
  const most = rateLimit === null ? null : mostRowsOfRate(rateLimit);
  const run: BackfillRun = {
    kind: 'backfill',
    table,
    alias: null,
    command: 'update',
    set: [], // what the function changes is its own
    where,
    guard: null,
    verify: null,
    batchSize: most === null || batchSize === null ? (batchSize ?? most) : Math.min(most, batchSize),
    pauseMs: null,
  };
  const title = `Give the rows of ${table.name} to a function (version ${version})`;
  return { title, run, settings: {}, function: { version, hash } };
}

async function begin(
  place: Place,
  key: JobKey,
  work: BackfillWork,
  { rowsPerChunk, onError }: { readonly rowsPerChunk: number; readonly onError: 'stop' | 'quarantine' | null },
): Promise<void> {
  const { chunks, estimate } = await freezeChunks(place.session, work.run, rowsPerChunk);
  try {
    // If we die before this commits, the next run cuts anew: no row has been touched yet.
    await place.session.transaction(async () => {
      await tables(place)
        .insertInto('backfill')
        .values({
          ...key,
          status: 'running',
          work: JSON.stringify(work),
          options: JSON.stringify(onError === null ? {} : { onError }),
          estimate,
        })
        .execute();
      await insertChunks(place, key, 1, chunks);
    });
  } catch (error) {
    if (sqlstateOf(error) !== sqlstate.uniqueViolation) throw error; // another process has begun it: we take part
  }
}

/** Nobody works on it while it goes: its rows are locked, and who has one of its chunks finds it gone. */
async function remove(place: Place, key: JobKey): Promise<void> {
  await tables(place)
    .deleteFrom('backfill')
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose)
    .execute();
}

/** Changes the status, if it is one of those; answers whether it did. */
export async function moveStatus(
  place: Place,
  key: JobKey,
  from: readonly BackfillStatus[],
  to: BackfillStatus,
  error: Omit<RecordedError, 'at'> | null = null,
): Promise<boolean> {
  const moved = await jobRow(place, key)
    .where('status', 'in', from)
    .set({
      status: to,
      updated_at: now,
      hold_until: null,
      hold_reason: null,
      ...(error === null ? {} : { last_error: recordedError(error) }),
    })
    .executeTakeFirst();
  return moved.numUpdatedRows > 0n;
}

/** An interrupted process leaves the job to the others; the last one says that nobody works on it. */
export async function leaveJob(place: Place, key: JobKey): Promise<void> {
  const others = sql<boolean>`exists (select from ${sql.id(place.schema, 'backfill_worker')} as worker
    join pg_catalog.pg_stat_activity as backend on backend.pid = worker.backend_pid
     and coalesce(backend.backend_start = worker.backend_start, true)
   where worker.migration = ${key.migration} and worker.purpose = ${key.purpose})`;
  await jobRow(place, key)
    .where('status', '=', 'running')
    .where(sql<boolean>`not ${others}`)
    .set({ status: 'paused', updated_at: now })
    .execute();
}

/** Once all of its chunks are done and no row is left out. False when that is not so, or somebody else was first. */
export async function finishFunctionJob(place: Place, key: JobKey): Promise<boolean> {
  const ofJob = sql`migration = ${key.migration} and step = ${key.step} and purpose = ${key.purpose}`;
  const done = await jobRow(place, key)
    .where('status', '=', 'running')
    .where(
      sql<boolean>`not exists (select from ${sql.id(place.schema, 'backfill_chunk')} where ${ofJob} and status <> 'done')
        and not exists (select from ${sql.id(place.schema, 'backfill_quarantine')} where ${ofJob} and resolved_at is null)`,
    )
    .set({ status: 'done', updated_at: now, finished_at: now, hold_until: null, hold_reason: null, last_error: null })
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

async function tableOf(session: Session, { name, table }: BackfillDefinition): Promise<QualifiedName> {
  const text = table.split('.').map(quoteIdentifier).join('.');
  const { rows } = await session.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = to_regclass($1)`,
    [text],
  );
  const [found] = rows;
  if (found !== undefined) return found;
  throw new MigrateError('BAD_USAGE', `${name}: there is no table ${table} in database "${session.database}".`, {
    hint: 'Write it with its schema, like app.users, if the search path does not find it.',
  });
}

async function refuseNameOfMigration({ session, schema }: Place, { name }: BackfillDefinition): Promise<void> {
  const migrations = await readMigrationSummaries(session, schema);
  if (!migrations.some((migration) => migration.name === name)) return;
  throw new MigrateError('BAD_USAGE', `A migration is called ${name} too: give the backfill another name.`);
}

function otherVersion({ name, version }: BackfillDefinition, known: BackfillRecord): MigrateError {
  const before = known.work?.function?.version ?? 'unknown';
  const what = before === version ? 'with another table, other columns or another condition' : `by version ${before}`;
  const state = known.status === 'done' ? 'was done' : 'was begun';
  return new MigrateError('PLAN_STALE', `${name} ${state} ${what} of its function; this is version ${version}.`, {
    hint: [
      'Choose what that means for the rows that are done already:',
      '  --new-version restart   this version is for all rows, from the first one',
      '  --new-version continue  this version is for the rows that are left',
    ].join('\n'),
    details: { name, version, begunBy: before, status: known.status },
  });
}

function notBegun({ name }: BackfillDefinition): MigrateError {
  return new MigrateError('NOTHING_TO_DO', `Nobody has begun the backfill ${name}.`, {
    hint: 'Begin it with: migrate backfill run <its file>',
  });
}

const now = sql<Date>`clock_timestamp()`;

function jobRow(place: Place, key: JobKey) {
  return tables(place)
    .updateTable('backfill')
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose);
}

function chunkRows(place: Place, key: JobKey) {
  return tables(place)
    .updateTable('backfill_chunk')
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose);
}
