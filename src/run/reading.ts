/**
 * A session without the lease, for as long as some work takes. One that only reads is content with a standby; one that
 * writes may change only what anybody may: what a person wants of a backfill.
 */
import { systemClock } from './clock.ts';
import { interruption, throwIfInterrupted } from './interruption.ts';
import { defaultLedgerSchema } from './ledger/tables.ts';
import { clearError } from './server-error.ts';
import { openSession, type Session } from './session.ts';

export type DatabaseOptions = {
  readonly databaseUrl: string;
  /** Schema of the ledger: `onward` when absent. */
  readonly schema?: string;
  /** As pg_stat_activity shows it: `onward` when absent. */
  readonly applicationName?: string;
  /** Aborting it cancels the running statement, and INTERRUPTED is thrown. */
  readonly signal?: AbortSignal;
};

export async function reading<T>(options: DatabaseOptions, work: Work<T>): Promise<T> {
  return inSession(options, true, work);
}

export async function writing<T>(options: DatabaseOptions, work: Work<T>): Promise<T> {
  return inSession(options, false, work);
}

type Work<T> = (session: Session, schema: string) => Promise<T>;

async function inSession<T>(options: DatabaseOptions, readOnly: boolean, work: Work<T>): Promise<T> {
  const signal = options.signal ?? new AbortController().signal;
  throwIfInterrupted(signal);
  const session = await openSession({
    url: options.databaseUrl,
    applicationName: options.applicationName ?? 'onward',
    clock: systemClock,
    readOnly,
  });
  // What runs is cancelled, whoever sent it, which ends the work; between two statements the next one is not sent.
  const cancel = (): void => void session.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const interruptible: Session = {
    ...session,
    query: async (...asked) => {
      throwIfInterrupted(signal);
      return session.query(...asked);
    },
  };
  try {
    return await work(interruptible, options.schema ?? defaultLedgerSchema);
  } catch (error) {
    throw signal.aborted ? interruption(signal, error) : clearError(error);
  } finally {
    signal.removeEventListener('abort', cancel);
    await session.close();
  }
}
