/**
 * `migrate backfill workers`: takes part in the backfills that a runner leads, without the lease, from any number of
 * processes. Such a worker only claims chunks of jobs that run; what becomes of a job is for its runner to say.
 */
import { defaultBackfillPolicy, type BackfillPolicy } from '../backfill/batch-size.ts';
import { openWorkplace, policyFor } from '../backfill/open-workplace.ts';
import { inQuietSession } from '../backfill/quiet-session.ts';
import { performStatement } from '../backfill/perform-statement.ts';
import { isConnectionTrouble, backoffMs, runPool } from '../backfill/pool.ts';
import { isPassing } from '../backfill/patience.ts';
import { listen, makeWake, pollMs } from '../backfill/wake.ts';
import { systemClock, type Clock } from '../clock.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { readBackfills, type BackfillRecord } from '../ledger/backfill-records.ts';
import { lookForLedger } from '../ledger/install.ts';
import { defaultLedgerSchema, ledgerFormatVersion } from '../ledger/tables.ts';
import { defaultLockPolicy } from '../locks/lock-policy.ts';
import type { RunnerOptions } from '../runner.ts';
import { openSession, type Session } from '../session.ts';

export type WorkersOptions = Pick<
  RunnerOptions,
  'url' | 'clock' | 'onEvent' | 'signal' | 'schema' | 'applicationName' | 'locks' | 'backfill' | 'throttle'
> & {
  /** Only the backfills of these migrations. */
  readonly names?: readonly string[];
  /** When to end: as soon as there is nothing to do, or only when interrupted. */
  readonly until: 'idle' | 'interrupted';
};

type Setting = {
  readonly options: WorkersOptions;
  readonly schema: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly policy: BackfillPolicy;
};

/** Jobs that are under way: one that is paused or held goes on by and by. */
const openStatuses: ReadonlySet<BackfillRecord['status']> = new Set(['pending', 'running', 'paused', 'held']);

export async function workOnBackfills(options: WorkersOptions): Promise<void> {
  const setting: Setting = {
    options,
    schema: options.schema ?? defaultLedgerSchema,
    clock: options.clock ?? systemClock,
    signal: options.signal ?? new AbortController().signal,
    policy: { ...defaultBackfillPolicy, ...options.backfill },
  };
  for (let failures = 0; ;) {
    throwIfInterrupted(setting.signal);
    let session: Session | null = null;
    try {
      session = await openSession({
        url: options.url,
        applicationName: nameOf(setting, 'worker'),
        clock: setting.clock,
      });
      failures = 0;
      return await workIn(setting, session);
    } catch (error) {
      // Where no connection was ever made, the person is told at once.
      const isTrouble = isConnectionTrouble(error) || isPassing(error);
      if (!isTrouble || (session === null && failures === 0)) throw error;
      failures += 1;
      const nextTryInMs = backoffMs(failures, setting.clock.random());
      const message = error instanceof Error ? error.message : String(error);
      options.onEvent?.({ kind: 'reconnecting', message, nextTryInMs });
      await setting.clock.sleep(nextTryInMs, setting.signal);
    } finally {
      await session?.close();
    }
  }
}

function nameOf({ options }: Setting, purpose: string): string {
  return `${options.applicationName ?? 'onward'}/${purpose}`;
}

async function workIn(setting: Setting, session: Session): Promise<void> {
  const { options, schema, signal } = setting;
  const wake = makeWake(setting.clock);
  await listen(session, wake);
  for (;;) {
    throwIfInterrupted(signal);
    const ledger = await lookForLedger(session, schema);
    const isReadable = ledger.kind === 'installed' && ledger.version === ledgerFormatVersion;
    const all = isReadable ? await readBackfills(session, schema) : [];
    const jobs = all.filter(
      ({ migration, status, work }) =>
        openStatuses.has(status) && options.names?.includes(migration) !== false && work?.function === undefined,
    );
    if (jobs.length === 0 && options.until === 'idle') return;
    const job = jobs.find(({ status, desired, work }) => status === 'running' && desired === 'run' && work !== null);
    if (job !== undefined) await workOn(setting, session, job);
    // Its runner has to see that the chunks are done, or has to cut them anew.
    await wake.sleep(pollMs, signal);
  }
}

async function workOn(setting: Setting, session: Session, record: BackfillRecord): Promise<void> {
  const { options, schema, clock, signal } = setting;
  const { work, migration } = record;
  if (work === null) return;
  const policy = policyFor(setting.policy, work);
  const place = openWorkplace({
    schema,
    record,
    work,
    policy,
    locks: { ...defaultLockPolicy, ...options.locks },
    clock,
    signal,
    onEvent: options.onEvent ?? (() => undefined),
    connect: (of) => session.connectAgain(nameOf(setting, of)),
    throttle: options.throttle ?? {},
    perform: performStatement,
  });
  try {
    await inQuietSession(session, policy, work.settings, migration, async () => {
      await listen(session, place.wake);
      await runPool(place, session, (of) => session.openAgain(nameOf(setting, of)));
    });
  } finally {
    await place.throttle.stop();
  }
}
