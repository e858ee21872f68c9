/**
 * The backfills of a database for people and dashboards: how far each is, who works on it, what holds it up and since
 * when, and the rows that were left out. Reads the ledger and the list of sessions; needs no lease, changes nothing.
 */
import { sql } from 'kysely';
import type { QualifiedName } from '../../catalog/model.ts';
import { percentOf } from '../backfill/progress.ts';
import type { QuarantinedKey } from '../backfill/quarantine.ts';
import { readBackfills, type BackfillRecord } from '../ledger/backfill-records.ts';
import type { BackfillStatus, BackfillTables, BackfillWish, JobKey, ThrottledBy } from '../ledger/backfill-tables.ts';
import { lookForLedger } from '../ledger/install.ts';
import { ledgerFormatVersion, type RecordedError } from '../ledger/tables.ts';
import type { Session } from '../session.ts';
import type { ReplicaLag } from './replicas.ts';
import { refuseUnknownNames } from './unknown-names.ts';
import { remainingTime, type RemainingTime } from './remaining-time.ts';

export type BackfillWorker = {
  readonly host: string;
  readonly process: number;
  readonly backendPid: number;
  readonly state: BackfillTables['backfill_worker']['state'];
  /** Why it does not work; null while it does. */
  readonly reason: string | null;
  /** The signal that makes it wait, with what was measured, and since when; null while none does. */
  readonly throttle: (ThrottledBy & { readonly since: Date }) | null;
  readonly rowsPerSecond: number | null;
  readonly batchMs: number | null;
  readonly batchSize: number | null;
  readonly startedAt: Date;
  readonly seenAt: Date;
  /** Null for one that looks for work. */
  readonly job: JobKey | null;
};

export type BackfillJobStatus = JobKey & {
  readonly title: string;
  readonly table: QualifiedName | null;
  readonly status: BackfillStatus;
  readonly desired: BackfillWish;
  /** 0…100; 100 only for one that has verified itself. */
  readonly percent: number;
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
  readonly sweep: number;
  /** Of the present sweep. */
  readonly chunks: { readonly total: number; readonly done: number; readonly running: number; readonly failed: number };
  /** Of all its workers together; 0 while nobody works. */
  readonly rowsPerSecond: number;
  /** Null while it stands still. */
  readonly remaining: RemainingTime | null;
  readonly batchSize: number | null;
  /** Of the worker that is slowest. */
  readonly batchMs: number | null;
  readonly nice: number;
  readonly targetMs: number | null;
  readonly maxWorkers: number | null;
  /** What makes it slower or holds it up, and since when, by the server's clock; null when nothing does. */
  readonly heldUp: {
    readonly by: string;
    readonly since: Date | null;
    /** Of the worker that has waited for longest, where it is a signal. */
    readonly throttle: ThrottledBy | null;
  } | null;
  readonly holdUntil: Date | null;
  readonly workers: readonly BackfillWorker[];
  /** Rows that were left out and that nobody has corrected yet: how many, and the first of them. */
  readonly quarantine: { readonly count: number; readonly first: readonly QuarantinedKey[] };
  readonly lastError: RecordedError | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
};

export type BackfillReport = {
  /** By the server's clock. */
  readonly at: Date;
  readonly backfills: readonly BackfillJobStatus[];
  /** All of them, also those that look for work. */
  readonly workers: readonly BackfillWorker[];
  /** The standbys, as far as our role may see them. */
  readonly replicas: readonly ReplicaLag[];
};

const silenceMs = 10_000; // a batch takes a fraction of a second, and each leaves its time
const keysShown = 20; // of the rows that were left out: more is for a query on the ledger

export async function readBackfillReport(
  session: Session,
  schema: string,
  { names, replicas }: { readonly names?: readonly string[] | undefined; readonly replicas: readonly ReplicaLag[] },
): Promise<BackfillReport> {
  const { rows } = await session.query<{ at: Date }>('select clock_timestamp() as at');
  const at = rows[0]?.at ?? new Date(0);
  const ledger = await lookForLedger(session, schema);
  if (ledger.kind === 'missing' || ledger.version < ledgerFormatVersion)
    return { at, backfills: [], workers: [], replicas };
  await refuseUnknownNames(session, schema, names);
  const all = await readBackfills(session, schema);
  const jobs = all.filter(({ migration }) => names === undefined || names.includes(migration));
  const workers = await readWorkers(session, schema);
  const chunks = await readChunkCounts(session, schema);
  const pauses = await readLastPauses(session, schema);
  const quarantine = await readQuarantine(session, schema);
  const backfills = jobs.map((job) => {
    const own = workers.filter((worker) => worker.job !== null && isSame(worker.job, job));
    const since = pauses.find((pause) => isSame(pause, job))?.at ?? null;
    return jobStatus(at, job, own, {
      chunks: chunks.filter((chunk) => isSame(chunk, job) && chunk.sweep === job.sweep),
      quarantine: quarantine.filter((one) => isSame(one, job)),
      pausedAt: since,
    });
  });
  return { at, backfills, workers, replicas };
}

type Beside = {
  readonly chunks: readonly ChunkCount[];
  readonly quarantine: readonly Quarantined[];
  readonly pausedAt: Date | null;
};

function jobStatus(
  at: Date,
  job: BackfillRecord,
  workers: readonly BackfillWorker[],
  beside: Beside,
): BackfillJobStatus {
  const rowsPerSecond = workers.reduce((sum, worker) => sum + (worker.rowsPerSecond ?? 0), 0);
  const lifeMs = at.getTime() - job.startedAt.getTime();
  const overall = lifeMs > 0 ? (job.rowsScanned * 1_000) / lifeMs : 0;
  const left = Math.max(job.estimate - job.rowsScanned, 0);
  // One that was killed still says that it runs.
  const isAlive = workers.length > 0 || at.getTime() - job.updatedAt.getTime() < silenceMs;
  const isMoving = job.status === 'running' && job.desired === 'run' && isAlive;
  const count = (...wanted: readonly string[]): number =>
    beside.chunks.reduce((sum, chunk) => sum + (wanted.includes(chunk.status) ? chunk.count : 0), 0);
  const batchTimes = workers.flatMap(({ batchMs }) => (batchMs === null ? [] : [batchMs]));
  return {
    migration: job.migration,
    step: job.step,
    purpose: job.purpose,
    title: job.work?.title ?? job.step,
    table: job.work?.run.table ?? null,
    status: job.status,
    desired: job.desired,
    percent: percentOf(job, job.status === 'done'),
    rowsDone: job.rowsDone,
    rowsScanned: job.rowsScanned,
    estimate: job.estimate,
    sweep: job.sweep,
    chunks: {
      total: count('pending', 'running', 'done', 'failed'),
      done: count('done'),
      running: count('running'),
      failed: count('failed'),
    },
    rowsPerSecond,
    remaining: isMoving ? remainingTime(left, [rowsPerSecond, overall]) : null,
    batchSize: job.batchSize,
    batchMs: batchTimes.length === 0 ? null : Math.max(...batchTimes),
    nice: job.nice,
    targetMs: job.targetMs,
    maxWorkers: job.maxWorkers,
    heldUp: heldUp(job, workers, beside.pausedAt),
    holdUntil: job.holdUntil,
    workers,
    quarantine: {
      count: beside.quarantine[0]?.count ?? 0,
      first: beside.quarantine.map(({ row }) => row),
    },
    lastError: job.lastError,
    startedAt: job.startedAt,
    updatedAt: job.updatedAt,
    finishedAt: job.finishedAt,
  };
}

function heldUp(
  job: BackfillRecord,
  workers: readonly BackfillWorker[],
  pausedAt: Date | null,
): BackfillJobStatus['heldUp'] {
  if (job.status === 'done' || job.status === 'cancelled') return null;
  const since = pausedAt ?? job.updatedAt;
  if (job.desired === 'pause') return { by: 'paused by a person', since, throttle: null };
  if (job.desired === 'cancel') return { by: 'cancelled by a person', since, throttle: null };
  if (job.status === 'held') return { by: job.holdReason ?? 'the server has no room', since, throttle: null };
  const throttled = workers
    .flatMap(({ throttle }) => (throttle === null ? [] : [throttle]))
    .toSorted((one, other) => one.since.getTime() - other.since.getTime());
  const [longest] = throttled;
  if (longest === undefined) return null;
  const { since: throttledSince, ...throttle } = longest;
  return { by: throttledText(throttle), since: throttledSince, throttle };
}

/** `throttled by replicaLag = 3200 ms (limit 2000), standby-1`. */
function throttledText({ signal, state, value, limit, unit, about }: ThrottledBy): string {
  const amount = value === null ? state : `${Number(value.toPrecision(6))}${unit === '' ? '' : ` ${unit}`}`;
  return `throttled by ${signal} = ${amount}${limit === null ? '' : ` (limit ${limit})`}${about === null ? '' : `, ${about}`}`;
}

function isSame(one: JobKey, other: JobKey): boolean {
  return one.migration === other.migration && one.step === other.step && one.purpose === other.purpose;
}

/** Those whose session is there; of one whose start our role may not see, the pid counts. */
async function readWorkers(session: Session, schema: string): Promise<readonly BackfillWorker[]> {
  const rows = await session.kysely
    .withSchema(schema)
    .selectFrom('backfill_worker as worker')
    .selectAll('worker')
    .where(
      sql<boolean>`exists (select from pg_catalog.pg_stat_activity as backend where backend.pid = worker.backend_pid
        and coalesce(backend.backend_start = worker.backend_start, true))`,
    )
    .orderBy('worker.started_at')
    .execute();
  return rows.map((row) => ({
    host: row.host,
    process: row.process,
    backendPid: row.backend_pid,
    state: row.state,
    reason: row.reason,
    throttle:
      row.throttle === null || row.throttled_since === null ? null : { ...row.throttle, since: row.throttled_since },
    rowsPerSecond: row.rows_per_second,
    batchMs: row.batch_ms,
    batchSize: row.batch_size,
    startedAt: row.started_at,
    seenAt: row.seen_at,
    job:
      row.migration === null || row.step === null || row.purpose === null
        ? null
        : { migration: row.migration, step: row.step, purpose: row.purpose },
  }));
}

type ChunkCount = JobKey & { readonly sweep: number; readonly status: string; readonly count: number };

async function readChunkCounts(session: Session, schema: string): Promise<readonly ChunkCount[]> {
  const rows = await session.kysely
    .withSchema(schema)
    .selectFrom('backfill_chunk')
    .select(['migration', 'step', 'purpose', 'sweep', 'status', sql<string>`count(*)`.as('count')])
    .groupBy(['migration', 'step', 'purpose', 'sweep', 'status'])
    .execute();
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** When each job was last paused by a person, or held by the engine. */
async function readLastPauses(session: Session, schema: string): Promise<readonly (JobKey & { readonly at: Date })[]> {
  return session.kysely
    .withSchema(schema)
    .selectFrom('backfill_event')
    .select(['migration', 'step', 'purpose', sql<Date>`max(at)`.as('at')])
    .where('kind', 'in', ['wished_pause', 'wished_cancel', 'held'])
    .groupBy(['migration', 'step', 'purpose'])
    .execute();
}

/** One of the first rows, and how many its job has. */
type Quarantined = JobKey & { readonly row: QuarantinedKey; readonly count: number };

async function readQuarantine(session: Session, schema: string): Promise<readonly Quarantined[]> {
  const { rows } = await sql<{
    migration: string;
    step: string;
    purpose: string;
    table_schema: string;
    table_name: string;
    columns: readonly string[];
    key: readonly string[];
    sqlstate: string;
    message: string;
    at: Date;
    count: string;
  }>`select * from (
      select quarantined.*, count(*) over job as count, row_number() over (job order by position) as number
        from ${sql.id(schema, 'backfill_quarantine')} as quarantined where resolved_at is null
      window job as (partition by migration, step, purpose)
    ) as numbered where number <= ${keysShown} order by position`.execute(session.kysely);
  return rows.map((row) => ({
    migration: row.migration,
    step: row.step,
    purpose: row.purpose,
    row: {
      table: { schema: row.table_schema, name: row.table_name },
      columns: row.columns,
      key: row.key,
      sqlstate: row.sqlstate,
      message: row.message,
      at: row.at,
    },
    count: Number(row.count),
  }));
}
