/**
 * The ledger rows of a backfill: made when it begins, claimed by each run that goes on with it, and ended together with
 * its step.
 */
import { sql } from 'kysely';
import { MigrateError } from '../../errors.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { BackfillWork, JobKey } from '../ledger/backfill-tables.ts';
import { fenced, recordedError, tables, type Ledger } from '../ledger/ledger.ts';
import { readBackfills, readChunks, type BackfillRecord, type ChunkRecord } from '../ledger/backfill-records.ts';
import type { RecordedError } from '../ledger/tables.ts';
import { freezeChunks, workOutOnce, type NewChunk } from './ranges.ts';
import type { BackfillJob } from './run-backfill.ts';

type Claimed = { readonly record: BackfillRecord; readonly chunks: readonly ChunkRecord[] };

/**
 * The job as it stands, its chunks claimed with our token: from here on a batch of an older runner changes nothing. The
 * claim waits for the row lock of such a batch while it is still running on the server, and then sees its cursor.
 */
export async function claimJob(ledger: Ledger, key: JobKey, job: BackfillJob): Promise<Claimed> {
  const { session, schema, token } = ledger;
  const { run, settings } = job;
  const work: BackfillWork = { title: job.name.title, run, settings };
  const known = await findJob(ledger, key);
  if (known === null) {
    const { chunks, estimate } = await freezeChunks(session, run);
    const once = await workOutOnce(session, run);
    // If we die before this commits, the next run freezes anew: no row has been touched yet.
    await fenced(ledger, async () => {
      const values = { ...key, status: 'running' as const, work: JSON.stringify(work), once: JSON.stringify(once) };
      await tables(ledger)
        .insertInto('backfill')
        .values({ ...values, estimate })
        .execute();
      await insertChunks(ledger, key, 1, chunks);
    });
  } else if (known.status !== 'done') {
    await fenced(ledger, async () => {
      await jobRow(ledger, key)
        .set({ status: 'running', work: JSON.stringify(work), updated_at: now })
        .execute();
      await openChunks(ledger, key).set({ status: 'running', lease_token: token }).execute();
    });
  }
  const record = await findJob(ledger, key);
  if (record === null) throw new MigrateError('INTERNAL', `The backfill of ${key.migration} vanished from ${schema}.`);
  return { record, chunks: await readChunks(session, schema, key, record.sweep) };
}

async function findJob(ledger: Ledger, key: JobKey): Promise<BackfillRecord | null> {
  const jobs = await readBackfills(ledger.session, ledger.schema, key.migration);
  return jobs.find((job) => job.step === key.step && job.purpose === key.purpose) ?? null;
}

/** Another sweep: chunks of its own. */
export async function enterSweep(
  ledger: Ledger,
  key: JobKey,
  sweep: number,
  chunks: readonly NewChunk[],
): Promise<readonly ChunkRecord[]> {
  await fenced(ledger, async () => {
    await jobRow(ledger, key).set({ sweep, updated_at: now }).execute();
    await insertChunks(ledger, key, sweep, chunks);
  });
  return readChunks(ledger.session, ledger.schema, key, sweep);
}

/** The blocks of the table mean other rows now: its chunks make way for new ones. */
export async function replaceChunks(
  ledger: Ledger,
  key: JobKey,
  sweep: number,
  table: QualifiedName,
  chunks: readonly NewChunk[],
): Promise<readonly ChunkRecord[]> {
  await fenced(ledger, async () => {
    await chunkRows(ledger, key)
      .where('sweep', '=', sweep)
      .where('table_schema', '=', table.schema)
      .where('table_name', '=', table.name)
      .set({ status: 'replaced', lease_token: null, finished_at: now })
      .execute();
    await insertChunks(ledger, key, sweep, chunks);
  });
  return readChunks(ledger.session, ledger.schema, key, sweep);
}

export async function finishChunk(ledger: Ledger, key: JobKey, ordinal: number): Promise<void> {
  await fenced(ledger, async () => {
    await chunkRows(ledger, key)
      .where('ordinal', '=', ordinal)
      .set({ status: 'done', lease_token: null, finished_at: now, last_error: null })
      .execute();
  });
}

/** The job and its step are done together. */
export async function finishJob(ledger: Ledger, key: JobKey, recordStep: () => Promise<void>): Promise<void> {
  await fenced(ledger, async () => {
    await jobRow(ledger, key).set({ status: 'done', updated_at: now, finished_at: now, last_error: null }).execute();
    await recordStep();
  });
}

export async function stopJob(
  ledger: Ledger,
  key: JobKey,
  status: 'paused' | 'failed',
  error: Omit<RecordedError, 'at'>,
): Promise<void> {
  await fenced(ledger, async () => {
    await jobRow(ledger, key)
      .set({ status, updated_at: now, last_error: recordedError(error) })
      .execute();
  });
}

const now = sql<Date>`clock_timestamp()`;

function jobRow(ledger: Ledger, key: JobKey) {
  return tables(ledger)
    .updateTable('backfill')
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose);
}

function chunkRows(ledger: Ledger, key: JobKey) {
  return tables(ledger)
    .updateTable('backfill_chunk')
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose);
}

function openChunks(ledger: Ledger, key: JobKey) {
  return chunkRows(ledger, key).where('status', 'in', ['pending', 'running', 'failed']);
}

async function insertChunks(ledger: Ledger, key: JobKey, sweep: number, chunks: readonly NewChunk[]): Promise<void> {
  if (chunks.length === 0) return;
  const db = tables(ledger);
  const { last } = await db
    .selectFrom('backfill_chunk')
    .select((builder) => builder.fn.coalesce(builder.fn.max('ordinal'), sql<number>`0`).as('last'))
    .where('migration', '=', key.migration)
    .where('step', '=', key.step)
    .where('purpose', '=', key.purpose)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('backfill_chunk')
    .values(
      chunks.map((chunk, index) => ({
        ...key,
        ordinal: last + index + 1,
        sweep,
        table_schema: chunk.table.schema,
        table_name: chunk.table.name,
        kind: chunk.kind,
        columns: chunk.columns,
        types: chunk.types,
        lower: chunk.lower,
        upper: chunk.upper,
        file_node: chunk.fileNode,
        estimate: chunk.estimate,
        status: 'running' as const,
        lease_token: ledger.token,
      })),
    )
    .execute();
}
