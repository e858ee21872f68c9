/**
 * Writes the ledger. Every write happens in a transaction whose first statement is the fence: it finds the lease with
 * our token and locks its row until the transaction ends, so that a runner which lost the lease changes nothing, and
 * nobody takes the lease while one of our transactions is still open on the server.
 */
import { sql } from 'kysely';
import { MigrateError } from '../../errors.ts';
import { onwardVersion } from '../../onward-version.ts';
import type { PlannedMigration } from '../../plan/plan.ts';
import { isRetryable, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { Session } from '../session.ts';
import type { LedgerTables, MigrationStatus, RecordedError } from './tables.ts';
import type { Kysely } from 'kysely';

export type Ledger = {
  readonly session: Session;
  readonly schema: string;
  /** Of the lease under which we run. */
  readonly token: string;
};

export function tables(ledger: Pick<Ledger, 'session' | 'schema'>): Kysely<LedgerTables> {
  return ledger.session.kysely.withSchema(ledger.schema);
}

export const clockTimestamp = sql<Date>`clock_timestamp()`;

/** First statement of every transaction that writes. Throws LEASE_LOST. */
export async function fence(ledger: Ledger): Promise<void> {
  const held = await tables(ledger)
    .updateTable('lease')
    .set({ heartbeat_at: clockTimestamp })
    .where('token', '=', ledger.token)
    .executeTakeFirst();
  if (held.numUpdatedRows === 0n) throw leaseLost();
}

function leaseLost(): MigrateError {
  return new MigrateError('LEASE_LOST', 'Another runner has taken over the lease: this one must not write any more.', {
    hint: 'Look at `migrate status` before running again. Nothing that this run had not finished was kept.',
  });
}

const mostTries = 5; // each one means that somebody else got further; backups and people lock these tables, few do often

/** A transaction of ledger writes alone: it is tried again when it loses a lock or a race, so `work` may run several times. */
export async function fenced<T>(ledger: Ledger, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ledger.session.transaction(async () => {
        await fence(ledger);
        return work();
      });
    } catch (error) {
      if (tries === mostTries || !isRetryable(sqlstateOf(error))) throw error;
    }
  }
}

/** Enters a migration with all its steps. One that was rolled back, or of which nothing was done yet, is replaced. */
export async function enterMigration(ledger: Ledger, planned: PlannedMigration): Promise<void> {
  await fenced(ledger, async () => {
    const db = tables(ledger);
    await db.deleteFrom('migration').where('name', '=', planned.name).execute();
    await db
      .insertInto('migration')
      .values({
        name: planned.name,
        checksum: planned.checksum,
        status: 'expanding',
        plan: JSON.stringify(planned),
        onward_version: onwardVersion,
      })
      .execute();
    if (planned.steps.length === 0) return;
    await db
      .insertInto('step')
      .values(
        planned.steps.map((step, index) => ({
          migration: planned.name,
          id: step.id,
          position: index + 1,
          phase: step.phase,
          title: step.title,
        })),
      )
      .execute();
  });
}

/** To be called inside a fenced transaction. */
export async function writeMigrationStatus(ledger: Ledger, name: string, status: MigrationStatus): Promise<void> {
  await tables(ledger)
    .updateTable('migration')
    .set({
      status,
      ...(status === 'expanded' ? { expanded_at: clockTimestamp } : {}),
      ...(status === 'backfilled' ? { backfilled_at: clockTimestamp } : {}),
      ...(status === 'done' || status === 'rolled_back' ? { finished_at: clockTimestamp } : { finished_at: null }),
    })
    .where('name', '=', name)
    .execute();
}

/** Intent: after a crash a step that is `running` may have been done in part, one that is `pending` was not begun. */
export async function recordStepStarted(ledger: Ledger, migration: string, step: string): Promise<void> {
  await fenced(ledger, async () => {
    await tables(ledger)
      .updateTable('step')
      .set((value) => ({
        status: 'running',
        attempts: value('attempts', '+', 1),
        started_at: clockTimestamp,
        finished_at: null,
      }))
      .where('migration', '=', migration)
      .where('id', '=', step)
      .execute();
  });
}

/** To be called inside a fenced transaction: the step's own one wherever it has one. */
export async function writeStepDone(ledger: Ledger, migration: string, step: string): Promise<void> {
  await tables(ledger)
    .updateTable('step')
    .set({ status: 'done', finished_at: clockTimestamp, last_error: null })
    .where('migration', '=', migration)
    .where('id', '=', step)
    .execute();
}

/** The step ended, and it was not done. Its error is kept for `status`. */
export async function recordStepFailed(
  ledger: Ledger,
  migration: string,
  step: string,
  error: Omit<RecordedError, 'at'>,
  status: 'pending' | 'running' | 'undoing',
): Promise<void> {
  await fenced(ledger, async () => {
    await tables(ledger)
      .updateTable('step')
      .set({ status, finished_at: clockTimestamp, last_error: recordedError(error) })
      .where('migration', '=', migration)
      .where('id', '=', step)
      .execute();
  });
}

/** With the server's time, whatever our own clock says. */
export function recordedError(error: Omit<RecordedError, 'at'>) {
  return sql<string>`${JSON.stringify(error)}::jsonb || jsonb_build_object('at', to_jsonb(clock_timestamp()))`;
}

/** To be called inside a fenced transaction: that of the undo action. */
export async function writeUndone(
  ledger: Ledger,
  migration: string,
  step: string,
  undoneActions: number,
  finished: boolean,
): Promise<void> {
  await tables(ledger)
    .updateTable('step')
    .set({
      status: finished ? 'undone' : 'undoing',
      undone_actions: undoneActions,
      finished_at: clockTimestamp,
      last_error: null,
    })
    .where('migration', '=', migration)
    .where('id', '=', step)
    .execute();
}
