/** A session that only reads, for as long as some work takes: a standby is good enough, and no lease is needed. */
import { systemClock } from './clock.ts';
import { defaultLedgerSchema } from './ledger/tables.ts';
import { openSession, type Session } from './session.ts';

export type DatabaseOptions = {
  readonly databaseUrl: string;
  /** Schema of the ledger: `onward` when absent. */
  readonly schema?: string;
  /** As pg_stat_activity shows it: `onward` when absent. */
  readonly applicationName?: string;
};

export async function reading<T>(
  options: DatabaseOptions,
  work: (session: Session, schema: string) => Promise<T>,
): Promise<T> {
  const session = await openSession({
    url: options.databaseUrl,
    applicationName: options.applicationName ?? 'onward',
    clock: systemClock,
    readOnly: true,
  });
  try {
    return await work(session, options.schema ?? defaultLedgerSchema);
  } finally {
    await session.close();
  }
}
