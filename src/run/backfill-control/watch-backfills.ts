/**
 * The backfills of a database again and again, over one session that is opened anew when it breaks. Here the speeds are
 * measured, which a single look cannot: of each backfill over the last seconds and minutes.
 */
import { MigrateError } from '../../errors.ts';
import type { Clock } from '../clock.ts';
import { defaultLedgerSchema } from '../ledger/tables.ts';
import type { DatabaseOptions } from '../reading.ts';
import { openSession, type Session } from '../session.ts';
import { readBackfillReport, type BackfillJobStatus, type BackfillReport } from './read-backfills.ts';
import { addSample, remainingTime, speeds, type Sample } from './remaining-time.ts';

export type WatchOptions = DatabaseOptions & {
  readonly names?: readonly string[];
  /** 1 s when absent. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
};

/** One look: what was seen, or why nothing was. */
export type BackfillLook =
  ({ readonly kind: 'seen' } & BackfillReport) | { readonly kind: 'failed'; readonly error: MigrateError };

const usualIntervalMs = 1_000;

/** Ends when the signal aborts. An error at the first look is thrown: it is the caller's settings that are wrong. */
export async function* watchBackfills(options: WatchOptions, clock: Clock): AsyncGenerator<BackfillLook, void> {
  const signal = options.signal ?? new AbortController().signal;
  const schema = options.schema ?? defaultLedgerSchema;
  const everyMs = options.everyMs ?? usualIntervalMs;
  const measure = makeMeter();
  let session: Session | null = null;
  let isFirst = true;
  try {
    while (!signal.aborted) {
      const startedAt = clock.now();
      let look: BackfillLook;
      try {
        session ??= await openSession({
          url: options.databaseUrl,
          applicationName: options.applicationName ?? 'onward/watch',
          clock,
          readOnly: true,
        });
        const report = await readBackfillReport(session, schema, options.names);
        look = { kind: 'seen', ...measure(report) };
      } catch (error) {
        await session?.close();
        session = null;
        if (isFirst || !(error instanceof MigrateError)) throw error;
        look = { kind: 'failed', error };
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

const fewSamples = 6; // the speed that is shown is that of the last seconds
