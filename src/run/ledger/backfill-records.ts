/** Reads the backfills of the ledger into plain records. Nothing here writes. */
import { sql, type Selectable } from 'kysely';
import type { QualifiedName } from '../../catalog/model.ts';
import type { Session } from '../session.ts';
import type {
  BackfillOptions,
  BackfillStatus,
  BackfillTables,
  BackfillWish,
  BackfillWork,
  ChunkKind,
  ChunkStatus,
  FrozenValue,
  JobKey,
} from './backfill-tables.ts';
import type { RecordedError } from './tables.ts';

export type BackfillRecord = JobKey & {
  readonly status: BackfillStatus;
  readonly desired: BackfillWish;
  readonly work: BackfillWork | null;
  readonly once: readonly FrozenValue[];
  readonly options: BackfillOptions;
  readonly maxWorkers: number | null;
  readonly targetMs: number | null;
  readonly nice: number;
  readonly sweep: number;
  /** Of all chunks together. */
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
  /** Of the chunk that moved last. */
  readonly batchSize: number | null;
  readonly holdUntil: Date | null;
  /** By the server's clock: it is not yet time to try again. */
  readonly isHeld: boolean;
  readonly holdReason: string | null;
  readonly lastError: RecordedError | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
};

export type ChunkRecord = {
  readonly ordinal: number;
  readonly sweep: number;
  readonly table: QualifiedName;
  readonly kind: ChunkKind;
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly lower: readonly string[] | null;
  readonly upper: readonly string[];
  readonly fileNode: string | null;
  readonly cursor: readonly string[] | null;
  readonly windowFrom: readonly string[] | null;
  readonly windowTo: readonly string[] | null;
  readonly pass: number;
  readonly status: ChunkStatus;
  readonly attempts: number;
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
  readonly batchSize: number | null;
  readonly lastError: RecordedError | null;
};

export async function readBackfills(
  session: Session,
  schema: string,
  migration?: string,
): Promise<readonly BackfillRecord[]> {
  const db = session.kysely.withSchema(schema);
  let query = db
    .selectFrom('backfill as job')
    .selectAll('job')
    .leftJoinLateral(
      (builder) =>
        builder
          .selectFrom('backfill_chunk as chunk')
          .whereRef('chunk.migration', '=', 'job.migration')
          .whereRef('chunk.step', '=', 'job.step')
          .whereRef('chunk.purpose', '=', 'job.purpose')
          .select([
            sql<string>`coalesce(sum(chunk.rows_done), 0)`.as('rows_done'),
            sql<string>`coalesce(sum(chunk.rows_scanned), 0)`.as('rows_scanned'),
            sql<number | null>`(array_agg(chunk.batch_size order by chunk.updated_at desc nulls last))[1]`.as(
              'batch_size',
            ),
            sql<Date | null>`max(chunk.updated_at)`.as('moved_at'),
          ])
          .as('chunks'),
      (join) => join.onTrue(),
    )
    .select(['chunks.rows_done', 'chunks.rows_scanned', 'chunks.batch_size', 'chunks.moved_at'])
    .select(sql<boolean>`coalesce(job.hold_until > clock_timestamp(), false)`.as('is_held'))
    .orderBy('job.started_at');
  if (migration !== undefined) query = query.where('job.migration', '=', migration);
  const rows = await query.execute();
  return rows.map((row) => ({
    migration: row.migration,
    step: row.step,
    purpose: row.purpose,
    status: row.status,
    desired: row.desired,
    work: row.work,
    once: row.once,
    options: row.options,
    maxWorkers: row.max_workers,
    targetMs: row.target_ms,
    nice: row.nice,
    sweep: row.sweep,
    // Counts of rows stay far below 2^53: 9 × 10^15 rows do not fit on any server.
    rowsDone: Number(row.rows_done ?? 0),
    rowsScanned: Number(row.rows_scanned ?? 0),
    estimate: Number(row.estimate),
    batchSize: row.batch_size,
    holdUntil: row.hold_until,
    isHeld: row.is_held,
    holdReason: row.hold_reason,
    lastError: row.last_error,
    startedAt: row.started_at,
    updatedAt: row.moved_at !== null && row.moved_at > row.updated_at ? row.moved_at : row.updated_at,
    finishedAt: row.finished_at,
  }));
}

/** The chunks of one job's present sweep, in order, without those that others stand for. */
export async function readChunks(
  session: Session,
  schema: string,
  job: JobKey,
  sweep: number,
): Promise<readonly ChunkRecord[]> {
  const rows = await session.kysely
    .withSchema(schema)
    .selectFrom('backfill_chunk')
    .selectAll()
    .where('migration', '=', job.migration)
    .where('step', '=', job.step)
    .where('purpose', '=', job.purpose)
    .where('sweep', '=', sweep)
    .where('status', '<>', 'replaced')
    .orderBy('ordinal')
    .execute();
  return rows.map(chunkFrom);
}

export type ChunkRow = Selectable<BackfillTables['backfill_chunk']>;

export function chunkFrom(row: ChunkRow): ChunkRecord {
  return {
    ordinal: row.ordinal,
    sweep: row.sweep,
    table: { schema: row.table_schema, name: row.table_name },
    kind: row.kind,
    columns: row.columns,
    types: row.types,
    lower: row.lower,
    upper: row.upper,
    fileNode: row.file_node,
    cursor: row.cursor,
    windowFrom: row.window_from,
    windowTo: row.window_to,
    pass: row.pass,
    status: row.status,
    attempts: row.attempts,
    rowsDone: Number(row.rows_done),
    rowsScanned: Number(row.rows_scanned),
    estimate: Number(row.estimate),
    batchSize: row.batch_size,
    lastError: row.last_error,
  };
}
