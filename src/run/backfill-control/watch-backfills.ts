/**
 * A database again and again, over one session that is opened anew when it breaks. Here the speeds are measured, which a
 * single look cannot: of each backfill over the last seconds and minutes, and of the standbys.
 */
import { MigrateError } from '../../errors.ts';
import type { Clock } from '../clock.ts';
import { readLeaseHolder } from '../lease.ts';
import { lookForLedger } from '../ledger/install.ts';
import { defaultLedgerSchema } from '../ledger/tables.ts';
import type { DatabaseOptions } from '../reading.ts';
import type { LeaseHolder } from '../run-event.ts';
import { clearError } from '../server-error.ts';
import { openSession, type Session } from '../session.ts';
import { readMigrationsAtAGlance, type MigrationAtAGlance } from './migrations-at-a-glance.ts';
import { readBackfillReport, type BackfillJobStatus, type BackfillReport } from './read-backfills.ts';
import { addSample, remainingTime, speeds, type Sample } from './remaining-time.ts';
import { makeReplicaReader } from './replicas.ts';

export type WatchOptions = DatabaseOptions & {
  /** 1 s when absent. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
};

/** One look: what was seen, or why nothing was. */
type Look<T> = ({ readonly kind: 'seen' } & T) | { readonly kind: 'failed'; readonly error: MigrateError };

export type BackfillLook = Look<BackfillReport>;

export type DatabaseReport = BackfillReport & {
  readonly migrations: readonly MigrationAtAGlance[];
  /** Who runs at this moment. */
  readonly holder: LeaseHolder | null;
};

export type DatabaseLook = Look<DatabaseReport>;

const usualIntervalMs = 1_000;

export function watchBackfills(
  options: WatchOptions & { readonly names?: readonly string[] },
  clock: Clock,
): AsyncGenerator<BackfillLook, void> {
  const measure = makeMeter();
  const readReplicas = makeReplicaReader();
  return watch(options, clock, async (session, schema) =>
    measure(
      await readBackfillReport(session, schema, {
        names: options.names,
        replicas: await readReplicas(session, clock.now()),
      }),
    ),
  );
}

export function watchDatabase(options: WatchOptions, clock: Clock): AsyncGenerator<DatabaseLook, void> {
  const measure = makeMeter();
  const readReplicas = makeReplicaReader();
  return watch(options, clock, async (session, schema) => {
    const report = measure(
      await readBackfillReport(session, schema, { replicas: await readReplicas(session, clock.now()) }),
    );
    const isInstalled = (await lookForLedger(session, schema)).kind === 'installed';
    return {
      ...report,
      migrations: isInstalled ? await readMigrationsAtAGlance(session, schema) : [],
      holder: isInstalled ? await readLeaseHolder(session, schema) : null,
    };
  });
}

/** Ends when the signal aborts. An error at the first look is thrown: it is the caller's settings that are wrong. */
async function* watch<T>(
  options: WatchOptions,
  clock: Clock,
  read: (session: Session, schema: string) => Promise<T>,
): AsyncGenerator<Look<T>, void> {
  const signal = options.signal ?? new AbortController().signal;
  const schema = options.schema ?? defaultLedgerSchema;
  const everyMs = options.everyMs ?? usualIntervalMs;
  let session: Session | null = null;
  let isFirst = true;
  try {
    while (!signal.aborted) {
      const startedAt = clock.now();
      let look: Look<T>;
      try {
        session ??= await openSession({
          url: options.databaseUrl,
          applicationName: options.applicationName ?? 'onward/watch',
          clock,
          readOnly: true,
        });
        look = { kind: 'seen', ...(await read(session, schema)) };
      } catch (error) {
        await session?.close();
        session = null;
        const failure = isFirst ? null : whatFailed(error);
        if (failure === null) throw error;
        look = { kind: 'failed', error: failure };
      }
      isFirst = false;
      if (signal.aborted) return;
      yield look;
      await clock.sleep(Math.max(0, everyMs - (clock.now() - startedAt)), signal);
    }
  } finally {
    await session?.close();
  }
}

/** Null for what is our own fault. A statement that the server ended or refused may work the next time. */
function whatFailed(error: unknown): MigrateError | null {
  const clear = clearError(error);
  return clear instanceof MigrateError ? clear : null;
}

const fewSamples = 6; // the speed that is shown is that of the last seconds

/** Remembers the samples of each backfill, and puts what they say into the report. */
function makeMeter(): (report: BackfillReport) => BackfillReport {
  let samples: ReadonlyMap<string, readonly Sample[]> = new Map();
  return (report) => {
    const at = report.at.getTime();
    const next = new Map<string, readonly Sample[]>();
    const backfills = report.backfills.map((job): BackfillJobStatus => {
      const id = JSON.stringify([job.migration, job.step, job.purpose]);
      const own = addSample(samples.get(id) ?? [], { at, rows: job.rowsScanned });
      next.set(id, own);
      const measured = speeds(own);
      if (measured.length === 0) return job;
      const isMoving = job.status === 'running' && job.desired === 'run';
      const left = Math.max(job.estimate - job.rowsScanned, 0);
      return {
        ...job,
        rowsPerSecond: isMoving ? (speeds(own.slice(-fewSamples))[0] ?? 0) : 0,
        remaining: isMoving ? remainingTime(left, measured) : null,
      };
    });
    samples = next; // of jobs that are gone nothing is kept
    return { ...report, backfills };
  };
}
