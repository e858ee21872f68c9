/**
 * The ledger rows of a backfill, as the runner that leads it writes them: made when it begins, changed with its status,
 * and ended together with its step. Every write is fenced by the runner's lease; the chunks, which workers without a
 * lease write, are fenced by their own (chunk-lease.ts).
 */
import { sql } from 'kysely';
import { MigrateError } from '../../errors.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import { readBackfills, readChunks, type BackfillRecord, type ChunkRecord } from '../ledger/backfill-records.ts';
import type { BackfillOptions, BackfillStatus, BackfillWork, JobKey } from '../ledger/backfill-tables.ts';
import { fenced, recordedError, tables, type Ledger } from '../ledger/ledger.ts';
import type { RecordedError } from '../ledger/tables.ts';
import type { Session } from '../session.ts';
import type { BackfillPolicy } from './batch-size.ts';
import { freezeChunks, type NewChunk } from './chunking.ts';
import { workOutOnce } from './once-values.ts';

/** What a run asks for; what it leaves open stays as the job has it. */
export type JobWishes = Pick<BackfillPolicy, 'rowsPerChunk' | 'onError' | 'passes' | 'passesFromBlocks'>;

/** The job as it stands, made when there is none. What had failed is tried again. */
export async function openJob(
  ledger: Ledger,
  key: JobKey,
  work: BackfillWork,
  wishes: JobWishes,
): Promise<BackfillRecord> {
  const { session } = ledger;
  const options: BackfillOptions = wishes.onError === null ? {} : { onError: wishes.onError };
  const known = await findJob(session, ledger.schema, key);
  if (known === null) {
    const interleaved = { passes: wishes.passes, fromBlocks: wishes.passesFromBlocks };
    const { chunks, estimate, passes } = await freezeChunks(session, work.run, wishes.rowsPerChunk, interleaved);
    const once = await workOutOnce(session, work.run);
    // If we die before this commits, the next run freezes anew: no row has been touched yet.
    await fenced(ledger, async () => {
      await tables(ledger)
        .insertInto('backfill')
        .values({
          ...key,
          status: 'running',
          work: JSON.stringify(work),
          once: JSON.stringify(once),
          options: JSON.stringify(passes > 1 ? { ...options, passes } : options),
          estimate,
        })
        .execute();
      await insertChunks(ledger, key, 1, chunks);
    });
  } else if (known.status !== 'done') {
    await fenced(ledger, async () => {
      await jobRow(ledger, key)
        .set({ work: JSON.stringify(work), options: JSON.stringify({ ...known.options, ...options }), updated_at: now })
        .execute();
      if (known.status === 'failed') await jobRow(ledger, key).set({ status: 'running' }).execute();
      await chunkRows(ledger, key)
        .where('status', '=', 'failed')
        .set({ status: 'pending', attempts: 0, not_before: null })
        .execute();
    });
  }
  const record = await findJob(session, ledger.schema, key);
  if (record === null) {
    throw new MigrateError('INTERNAL', `The backfill of ${key.migration} vanished from ${ledger.schema}.`);
  }
  return record;
}

export async function findJob(session: Session, schema: string, key: JobKey): Promise<BackfillRecord | null> {
  const jobs = await readBackfills(session, schema, key.migration);
  return jobs.find((job) => job.step === key.step && job.purpose === key.purpose) ?? null;
}

/** Another sweep: chunks of its own. */
export async function enterSweep(
  ledger: Ledger,
  key: JobKey,
  sweep: number,
  chunks: readonly NewChunk[],
): Promise<void> {
  await fenced(ledger, async () => {
    await jobRow(ledger, key).set({ sweep, updated_at: now }).execute();
    await insertChunks(ledger, key, sweep, chunks);
  });
}

/**
 * The blocks of a table mean other rows since it was written anew: its chunks make way for new ones. The update waits for
 * batches that are still running in them.
 */
export async function replaceChunks(
  ledger: Ledger,
  key: JobKey,
  sweep: number,
  table: QualifiedName,
  chunks: readonly NewChunk[],
): Promise<void> {
  await fenced(ledger, async () => {
    await chunkRows(ledger, key)
      .where('sweep', '=', sweep)
      .where('table_schema', '=', table.schema)
      .where('table_name', '=', table.name)
      .set({ status: 'replaced', lease_token: null, lease_owner: null, lease_until: null, finished_at: now })
      .execute();
    await insertChunks(ledger, key, sweep, chunks);
  });
}

/** The chunks of the present sweep whose table has been written anew since they were cut. */
export async function rewrittenTables(ledger: Ledger, key: JobKey, sweep: number): Promise<readonly QualifiedName[]> {
  const chunks = await readChunks(ledger.session, ledger.schema, key, sweep);
  const found = new Map<string, QualifiedName>();
  for (const { table, fileNode } of distinctTables(chunks)) {
    const { rows } = await ledger.session.query<{ node: string | null }>(
      `select pg_relation_filenode(c.oid)::text as node from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2`,
      [table.schema, table.name],
    );
    if (rows[0]?.node !== fileNode) found.set(JSON.stringify(table), table);
  }
  return [...found.values()];
}

function distinctTables(chunks: readonly ChunkRecord[]): readonly ChunkRecord[] {
  const seen = new Map(
    chunks.filter(({ kind }) => kind === 'block').map((chunk) => [JSON.stringify(chunk.table), chunk]),
  );
  return [...seen.values()];
}

/** The job and its step are done together. */
export async function finishJob(ledger: Ledger, key: JobKey, recordStep: () => Promise<void>): Promise<void> {
  await fenced(ledger, async () => {
    await jobRow(ledger, key)
      .set({ status: 'done', updated_at: now, finished_at: now, hold_until: null, hold_reason: null, last_error: null })
      .execute();
    await recordStep();
  });
}

/** What the job does from here on; `error` is what `status` shows of it. */
export async function setStatus(
  ledger: Ledger,
  key: JobKey,
  status: BackfillStatus,
  error: Omit<RecordedError, 'at'> | null = null,
): Promise<void> {
  await fenced(ledger, async () => {
    await jobRow(ledger, key)
      .set({
        status,
        updated_at: now,
        hold_until: null,
        hold_reason: null,
        ...(error === null ? {} : { last_error: recordedError(error) }),
      })
      .execute();
  });
}

/**
 * Ends the work on all backfills of a migration: what is taken back must not be filled at the same time. Waits for the
 * batches that are running, and lets no other begin.
 */
export async function endWork(ledger: Ledger, migration: string): Promise<void> {
  await fenced(ledger, async () => {
    const db = tables(ledger);
    await db
      .updateTable('backfill')
      .where('migration', '=', migration)
      .where('status', 'not in', ['done', 'cancelled'])
      .set({ status: 'cancelled', updated_at: now })
      .execute();
    await db
      .updateTable('backfill_chunk')
      .where('migration', '=', migration)
      .where('status', '=', 'running')
      .set({ status: 'pending', lease_token: null, lease_owner: null, lease_until: null })
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

export async function insertChunks(
  ledger: Pick<Ledger, 'session' | 'schema'>,
  key: JobKey,
  sweep: number,
  chunks: readonly NewChunk[],
): Promise<void> {
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
        estimate: Math.round(chunk.estimate),
      })),
    )
    .execute();
}
