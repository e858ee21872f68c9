/**
 * The settings under which batches run: those of somebody who gives way. Put back when the job ends, however it ends;
 * if the process dies, the session and its settings are gone.
 */
import type { Session } from '../session.ts';
import type { BackfillPolicy } from './batch-size.ts';

const lockTimeoutMs = 200; // below deadlock_timeout (1 s): when we and a client wait for each other, we give up first
const leastStatementTimeoutMs = 5_000; // a batch of one row may meet a slow trigger
const statementTimeoutFactor = 4; // a batch that takes four times its target is halved, not waited for

/** Belong to the login: under another role the batch could not write its checkpoint. */
const notForBatches: ReadonlySet<string> = new Set(['role', 'session_authorization']);

export async function inQuietSession<T>(
  session: Session,
  policy: BackfillPolicy,
  stepSettings: Readonly<Record<string, string>>,
  migration: string,
  work: () => Promise<T>,
): Promise<T> {
  const own = Object.entries(stepSettings).filter(([name]) => !notForBatches.has(name.toLowerCase()));
  try {
    const name = `onward/backfill/${migration}`;
    await set(session, [...Object.entries(batchSettings(policy)), ['application_name', name], ...own]);
    return await work();
  } finally {
    await session.resetSettings().catch(() => undefined); // fails only when the connection is gone
  }
}

/** For the count at the end, which reads the whole table, takes as long as it takes, and blocks nobody. */
export async function withReadingSettings<T>(
  session: Session,
  policy: BackfillPolicy,
  work: () => Promise<T>,
): Promise<T> {
  await set(session, [
    ['enable_seqscan', 'on'],
    ['statement_timeout', '0'],
  ]);
  const result = await work();
  await set(session, Object.entries(batchSettings(policy)));
  return result;
}

function batchSettings(policy: BackfillPolicy): Readonly<Record<string, string>> {
  return {
    lock_timeout: `${lockTimeoutMs}ms`,
    statement_timeout: `${Math.max(leastStatementTimeoutMs, policy.targetMs * statementTimeoutFactor)}ms`,
    // In any other level a batch that waited for the job's row would fail instead of seeing what has become of it.
    default_transaction_isolation: 'read committed',
    row_security: 'off', // rows that a policy hides from us are an error, not rows that need nothing
    plan_cache_mode: 'force_custom_plan',
    // The planner must take the key's index even where a table was never analysed: its estimate would be a full scan.
    enable_seqscan: 'off',
    jit: 'off', // compiling costs more than a batch
    extra_float_digits: '1', // keys of a float type survive their text
  };
}

async function set(session: Session, settings: readonly (readonly [string, string])[]): Promise<void> {
  const calls = settings.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, false)`);
  await session.query(`select ${calls.join(', ')}`, settings.flat());
}
