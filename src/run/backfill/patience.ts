/**
 * What a backfill does between its batches (freezing the bounds, claiming a chunk, the last count) meets what a batch may
 * meet: a lock, an administrator who cancels a statement, a server that has no room. It gives way and comes back, within
 * the same budget; for room it waits as long as it takes. Each piece of such work can be repeated as a whole.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { OnEvent, StepName } from '../run-event.ts';
import type { Clock } from '../clock.ts';
import type { LockPolicy } from '../locks/lock-policy.ts';
import type { BackfillPolicy } from './batch-size.ts';
import { batchFailed, rowsLocked } from './backfill-error.ts';
import { classifyFailure, pauseAfterFailure } from './batch-outcome.ts';

export type Patience = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly locks: LockPolicy;
  readonly onEvent: OnEvent;
  readonly policy: Pick<BackfillPolicy, 'probeMs'>;
};

const calmMs = 10_000; // a failure after so long without one is the first of its row

export async function patiently<T>(
  { clock, signal, locks, onEvent, policy }: Patience,
  name: StepName,
  run: BackfillRun,
  work: () => Promise<T>,
): Promise<T> {
  let row = { since: clock.now(), last: clock.now(), failures: 0 };
  for (;;) {
    throwIfInterrupted(signal);
    try {
      return await work();
    } catch (error) {
      const code = sqlstateOf(error);
      if (error instanceof MigrateError || code === null) throw error;
      const failure = classifyFailure(code);
      const now = clock.now();
      if (now - row.last >= calmMs) row = { since: now, last: now, failures: 0 };
      row = { ...row, last: now, failures: row.failures + 1 };
      if (failure === 'hold') {
        // The ledger may be as full as everything else, so this is told here alone.
        onEvent({ kind: 'backfill_held', ...name, reason: reasonOf(error), probeMs: policy.probeMs });
        await clock.sleep(policy.probeMs, signal);
        continue;
      }
      const waitedMs = now - row.since;
      if (!isPassing(error) || waitedMs >= locks.budgetMs) {
        if (code === sqlstate.lockNotAvailable) throw rowsLocked(name, run.table, waitedMs, [], error);
        throw batchFailed(name, run.table, failure, error);
      }
      await clock.sleep(pauseAfterFailure(row.failures, clock.random()), signal);
    }
  }
}

/**
 * Whether the same may work in a moment: somebody was in the way, an administrator has cancelled the statement, or the
 * server has run out of something.
 */
export function isPassing(error: unknown): boolean {
  const code = sqlstateOf(error);
  if (error instanceof MigrateError || code === null) return false;
  const failure = classifyFailure(code);
  return failure === 'retry' || failure === 'halve' || failure === 'hold';
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
