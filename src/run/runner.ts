/**
 * A runner: a session that holds the lease on an installed ledger. All verbs that change something take one.
 *
 * `withRunner` always lets go of what it took. If the process dies instead, the backend ends, and with it the lease.
 */
import { systemClock, type Clock } from './clock.ts';
import { defaultBackfillPolicy, type BackfillPolicy } from './backfill/batch-size.ts';
import type { ThrottleOptions } from './backfill/signals/throttle.ts';
import type { Connection } from './connection/connection.ts';
import { acquireLease, defaultLeaseWaitMs, releaseLease } from './lease.ts';
import { installLedger } from './ledger/install.ts';
import type { Ledger } from './ledger/ledger.ts';
import { upgradeLedger } from './ledger/upgrade.ts';
import { defaultLedgerSchema, ledgerFormatVersion } from './ledger/tables.ts';
import { defaultLockPolicy, type LockPolicy } from './locks/lock-policy.ts';
import type { OnEvent } from './run-event.ts';
import { clearError } from './server-error.ts';
import { openSession, type Session } from './session.ts';

export type Runner = {
  readonly session: Session;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly locks: LockPolicy;
  readonly backfill: BackfillPolicy;
  readonly throttle: ThrottleOptions;
  /** Another connection to the same database; its application_name ends in `/<purpose>`. The caller ends it. */
  connect(purpose: string): Promise<Connection>;
  /** Another session on the same database; its application_name ends in `/<purpose>`. The caller closes it. */
  open(purpose: string): Promise<Session>;
};

export type RunnerOptions = {
  readonly url: string;
  readonly clock?: Clock;
  readonly onEvent?: OnEvent;
  /** Its reason (`SIGINT` or `SIGTERM`) decides the error that is thrown when it aborts. */
  readonly signal?: AbortSignal;
  /** Schema of the ledger. */
  readonly schema?: string;
  /** As pg_stat_activity shows it. */
  readonly applicationName?: string;
  /** How long to wait for another runner that is at work. */
  readonly waitForLeaseMs?: number;
  /** Of a lease whose session this process has lost. */
  readonly lostLease?: string | null;
  /** For how long one step may try to get its locks. */
  readonly lockBudgetMs?: number;
  readonly locks?: Partial<LockPolicy>;
  readonly backfill?: Partial<BackfillPolicy>;
  readonly throttle?: ThrottleOptions;
};

export async function withRunner<T>(options: RunnerOptions, work: (runner: Runner) => Promise<T>): Promise<T> {
  const clock = options.clock ?? systemClock;
  const schema = options.schema ?? defaultLedgerSchema;
  const applicationName = options.applicationName ?? 'onward';
  const signal = options.signal ?? new AbortController().signal;
  const onEvent = options.onEvent ?? (() => undefined);
  const session = await openSession({ url: options.url, applicationName, clock });
  try {
    const format = await installLedger(session, schema, clock);
    const waitMs = options.waitForLeaseMs ?? defaultLeaseWaitMs;
    const lostToken = options.lostLease ?? null;
    const ledger = await acquireLease(session, { schema, applicationName, clock, signal, onEvent, waitMs, lostToken });
    try {
      if (format < ledgerFormatVersion) await upgradeLedger(ledger, clock);
      return await work({
        session,
        ledger,
        clock,
        signal,
        onEvent,
        locks: {
          ...defaultLockPolicy,
          ...options.locks,
          ...(options.lockBudgetMs === undefined ? {} : { budgetMs: options.lockBudgetMs }),
        },
        backfill: { ...defaultBackfillPolicy, ...options.backfill },
        throttle: options.throttle ?? {},
        connect: (purpose) => session.connectAgain(`${applicationName}/${purpose}`),
        open: (purpose) => session.openAgain(`${applicationName}/${purpose}`),
      });
    } finally {
      await releaseLease(ledger);
    }
  } catch (error) {
    throw clearError(error);
  } finally {
    await session.close();
  }
}
