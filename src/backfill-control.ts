/**
 * The backfills of a database from outside, as a part of the library: look at them, pause, resume, cancel and throttle
 * them, from any process and without the right to run. The workers follow within a second.
 */
import { systemClock } from './run/clock.ts';
import type { BackfillJobStatus, BackfillReport } from './run/backfill-control/read-backfills.ts';
import type {
  BackfillLook,
  DatabaseLook,
  DatabaseReport,
  WatchOptions,
} from './run/backfill-control/watch-backfills.ts';
import type { ThrottleWish, Wished } from './run/backfill-control/wishes.ts';
import type { DatabaseOptions } from './run/reading.ts';

export type { BackfillWorker } from './run/backfill-control/read-backfills.ts';
export type { QuarantinedKey } from './run/backfill/quarantine.ts';
export type { RemainingTime } from './run/backfill-control/remaining-time.ts';
export type { ReplicaLag } from './run/backfill-control/replicas.ts';
export type { MigrationAtAGlance } from './run/backfill-control/migrations-at-a-glance.ts';
export type { DatabaseLook, DatabaseReport };
export type { BackfillJobStatus, BackfillLook, BackfillReport, ThrottleWish, WatchOptions, Wished };

/** Which backfills: those of the named migrations; all that are not done when absent. */
type BackfillSelection = DatabaseOptions & { readonly names?: readonly string[] };

/**
 * How far every backfill is, who works on it, and what holds it up. Changes nothing and needs no lease.
 *
 * @example
 * ```ts
 * import { backfillStatus } from 'onward';
 *
 * const { backfills } = await backfillStatus({ databaseUrl: 'postgres://localhost/shop' });
 * for (const { migration, percent, heldUp } of backfills) console.log(migration, percent, heldUp?.by ?? 'goes on');
 * ```
 */
export async function backfillStatus(input: BackfillSelection): Promise<BackfillReport> {
  const { readBackfillReport } = await import('./run/backfill-control/read-backfills.ts');
  const { reading } = await import('./run/reading.ts');
  const { makeReplicaReader } = await import('./run/backfill-control/replicas.ts');
  const readReplicas = makeReplicaReader();
  return reading(input, async (session, schema) =>
    readBackfillReport(session, schema, {
      names: input.names,
      replicas: await readReplicas(session, systemClock.now()),
    }),
  );
}

/**
 * The same again and again, with the speed and the time that is left as they are measured. A connection that breaks is one
 * look that failed; an error at the first look is thrown.
 *
 * @example
 * ```ts
 * import { watchBackfills } from 'onward';
 *
 * const signal = AbortSignal.timeout(60_000);
 * for await (const look of watchBackfills({ databaseUrl: 'postgres://localhost/shop', signal })) {
 *   if (look.kind === 'seen') console.log(look.backfills.map(({ rowsPerSecond }) => rowsPerSecond));
 * }
 * ```
 */
export async function* watchBackfills(
  options: WatchOptions & { readonly names?: readonly string[] },
): AsyncGenerator<BackfillLook, void> {
  const watching = await import('./run/backfill-control/watch-backfills.ts');
  yield* watching.watchBackfills(options, systemClock);
}

/**
 * Everything that a page about a database shows, again and again: every migration with its phase, the backfills, the
 * standbys, and who runs.
 *
 * @example
 * ```ts
 * import { watchDatabase } from 'onward';
 *
 * const signal = AbortSignal.timeout(60_000);
 * for await (const look of watchDatabase({ databaseUrl: 'postgres://localhost/shop', signal })) {
 *   if (look.kind === 'seen') console.log(look.replicas.map(({ name, lagMs }) => `${name}: ${lagMs} ms behind`));
 * }
 * ```
 */
export async function* watchDatabase(options: WatchOptions): AsyncGenerator<DatabaseLook, void> {
  const watching = await import('./run/backfill-control/watch-backfills.ts');
  yield* watching.watchDatabase(options, systemClock);
}

/**
 * Pauses backfills, between two batches and so without an open transaction. They stay paused until somebody resumes them.
 *
 * @example
 * ```ts
 * import { pauseBackfill } from 'onward';
 *
 * await pauseBackfill({ databaseUrl: 'postgres://localhost/shop', names: ['0007_require_phone'] });
 * ```
 */
export async function pauseBackfill(input: BackfillSelection): Promise<readonly Wished[]> {
  return wishing('pause', input);
}

/**
 * Lets backfills go on that were paused, cancelled or held.
 *
 * @example
 * ```ts
 * import { resumeBackfill } from 'onward';
 *
 * await resumeBackfill({ databaseUrl: 'postgres://localhost/shop' });
 * ```
 */
export async function resumeBackfill(input: BackfillSelection): Promise<readonly Wished[]> {
  return wishing('resume', input);
}

/**
 * Ends backfills where they stand. The rows that are filled stay filled; contract waits until it was resumed and is done.
 *
 * @example
 * ```ts
 * import { cancelBackfill } from 'onward';
 *
 * await cancelBackfill({ databaseUrl: 'postgres://localhost/shop', names: ['0007_require_phone'] });
 * ```
 */
export async function cancelBackfill(input: BackfillSelection): Promise<readonly Wished[]> {
  return wishing('cancel', input);
}

/**
 * Makes backfills slower or faster while they run.
 *
 * @example
 * ```ts
 * import { throttleBackfill } from 'onward';
 *
 * await throttleBackfill({ databaseUrl: 'postgres://localhost/shop', nice: 2, maxWorkers: 1 });
 * ```
 */
export async function throttleBackfill(input: BackfillSelection & ThrottleWish): Promise<readonly Wished[]> {
  const { nice, targetMs, maxWorkers } = input;
  return wishing('throttle', input, {
    ...(nice === undefined ? {} : { nice }),
    ...(targetMs === undefined ? {} : { targetMs }),
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
  });
}

async function wishing(
  verb: 'pause' | 'resume' | 'cancel' | 'throttle',
  input: BackfillSelection,
  throttle: ThrottleWish = {},
): Promise<readonly Wished[]> {
  const { wish } = await import('./run/backfill-control/wishes.ts');
  const { writing } = await import('./run/reading.ts');
  return writing(input, (session, schema) => wish(session, schema, verb, input.names, throttle));
}
