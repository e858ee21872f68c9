/**
 * Frees the lease for a person who asks why nothing can run: says who holds it, and lets go of it only when the holder's
 * session is gone, or is ended here on request.
 *
 * There is no way to take the lease from a session that lives: a statement of it may still be running, and the next
 * runner would run the same step beside it.
 */
import { MigrateError } from '../errors.ts';
import { sqlstate, sqlstateOf } from '../postgres/sqlstate.ts';
import { systemClock } from './clock.ts';
import { clearLease, endHolder, readLease, type Lease } from './lease.ts';
import { lookForLedger } from './ledger/install.ts';
import { writing, type DatabaseOptions } from './reading.ts';

export type UnlockOptions = DatabaseOptions & {
  /** Ends the holder's session when it is still there. */
  readonly terminate?: boolean;
  /** Asked before a session that lives is ended; false leaves everything as it is. */
  readonly confirm?: (lease: Lease) => Promise<boolean>;
};

export type Unlocked = {
  /** `free`: nobody held it; `cleared`: its holder was gone; `ended`: its holder was ended here; `left`: a person said no. */
  readonly outcome: 'free' | 'cleared' | 'ended' | 'left';
  readonly lease: Lease | null;
};

/** Throws LEASE_HELD while the holder's session is there and may not be ended. */
export async function unlockDatabase(options: UnlockOptions): Promise<Unlocked> {
  return writing(options, async (session, schema) => {
    const { kind } = await lookForLedger(session, schema);
    const lease = kind === 'installed' ? await readLease(session, schema) : null;
    if (lease === null) return { outcome: 'free', lease };
    if (!lease.alive) {
      await clearLease(session, schema);
      return { outcome: 'cleared', lease };
    }
    if (options.terminate !== true) throw stillAtWork(lease);
    if (options.confirm !== undefined && !(await options.confirm(lease))) return { outcome: 'left', lease };
    const gone = await endHolder(session, schema, systemClock, options.signal).catch((error: unknown) => {
      throw sqlstateOf(error) === sqlstate.insufficientPrivilege ? mayNotEnd(session.role, lease, error) : error;
    });
    if (!gone || !(await clearLease(session, schema))) throw stillAtWork(lease);
    return { outcome: 'ended', lease };
  });
}

function stillAtWork(lease: Lease): MigrateError {
  const { holder } = lease;
  const doing = [lease.state, lease.query].filter((part) => part !== null && part !== '').join(': ');
  const lines = [
    `The lease is held by a session that is still there: ${holder.application}, process ${holder.process} on ${holder.host}, database session ${holder.backendPid}, since ${holder.acquiredAt.toISOString()}.`,
    ...(doing === '' ? [] : [`It is ${doing}`]),
  ];
  return new MigrateError('LEASE_HELD', lines.join('\n'), {
    hint: [
      'Wait until it has finished, stop it there, or end its session: migrate unlock --terminate',
      'What it has not committed is rolled back; the next run goes on from what the ledger says.',
    ].join('\n'),
    details: { lease },
  });
}

function mayNotEnd(role: string, lease: Lease, cause: unknown): MigrateError {
  return new MigrateError('PERMISSION_DENIED', `Role "${role}" may not end session ${lease.holder.backendPid}.`, {
    hint: `Run this as the role that runs migrations, or as one with pg_signal_backend: SELECT pg_terminate_backend(${lease.holder.backendPid});`,
    details: { lease },
    cause,
  });
}
