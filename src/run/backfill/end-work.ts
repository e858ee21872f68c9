/** Before a migration is taken back: nobody may fill what is being emptied. */
import { isRetryable, sqlstateOf } from '../../postgres/sqlstate.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Runner } from '../runner.ts';
import { pauseAfterFailure } from './batch-outcome.ts';
import { endWork } from './job.ts';
import { notify } from './wake.ts';

/** Ends the work of all workers on the migration's backfills; waits for batches that are running. */
export async function endBackfills(runner: Runner, migration: string): Promise<void> {
  const { clock, signal, ledger, locks } = runner;
  const startedAt = clock.now();
  for (let failures = 1; ; failures += 1) {
    throwIfInterrupted(signal);
    try {
      await endWork(ledger, migration);
      return await notify(ledger.session);
    } catch (error) {
      if (!isRetryable(sqlstateOf(error)) || clock.now() - startedAt >= locks.budgetMs) throw error;
      await clock.sleep(pauseAfterFailure(failures, clock.random()), signal);
    }
  }
}
