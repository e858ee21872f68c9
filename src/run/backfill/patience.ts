/**
 * What a backfill does between its batches (freezing the bounds, the last count) reads the table as well, and may meet a
 * lock like a batch does: it gives way and comes back, within the same budget. Each piece of such work can be repeated
 * as a whole.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { StepName } from '../run-event.ts';
import type { Clock } from '../clock.ts';
import type { LockPolicy } from '../locks/lock-policy.ts';
import { batchFailed, rowsLocked } from './backfill-error.ts';
import { classifyFailure, pauseAfterFailure } from './batch-outcome.ts';

export async function patiently<T>(
  { clock, signal, locks }: { readonly clock: Clock; readonly signal: AbortSignal; readonly locks: LockPolicy },
  name: StepName,
  run: BackfillRun,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = clock.now();
  for (let failures = 1; ; failures += 1) {
    throwIfInterrupted(signal);
    try {
      return await work();
    } catch (error) {
      const code = sqlstateOf(error);
      if (error instanceof MigrateError || code === null) throw error;
      const failure = classifyFailure(code);
      const waitedMs = clock.now() - startedAt;
      if (failure !== 'retry' || waitedMs >= locks.budgetMs) {
        if (code === sqlstate.lockNotAvailable) throw rowsLocked(name, run.table, waitedMs, [], error);
        throw batchFailed(name, run.table, failure, error);
      }
      await clock.sleep(pauseAfterFailure(failures, clock.random()), signal);
    }
  }
}
