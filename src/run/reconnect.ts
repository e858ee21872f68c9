/**
 * Runs a verb again when its connection is lost: a server that restarts or fails over is back in a minute, and a
 * backfill of hours must not need a person for that. The ledger says where to go on; the lease of the lost session ends
 * with it. Whoever was never connected is told at once.
 */
import { throwIfInterrupted } from './interruption.ts';
import { systemClock } from './clock.ts';
import { backoffMs, isConnectionTrouble } from './backfill/pool.ts';
import { withRunner, type Runner, type RunnerOptions } from './runner.ts';
import type { VerbResult } from './verbs/result.ts';

const budgetMs = 3_600_000; // an hour without a server is for a person

export async function reconnecting(
  options: RunnerOptions,
  work: (runner: Runner) => Promise<VerbResult>,
): Promise<VerbResult> {
  const clock = options.clock ?? systemClock;
  const signal = options.signal ?? new AbortController().signal;
  let wasConnected = false;
  let failures = 0;
  let since = clock.now();
  for (;;) {
    throwIfInterrupted(signal);
    let error: unknown;
    let result: VerbResult | null = null;
    try {
      result = await withRunner(options, async (runner) => {
        wasConnected = true;
        failures = 0;
        return work(runner);
      });
      ({ error } = result);
    } catch (thrown) {
      error = thrown;
    }
    if (!wasConnected || !isConnectionTrouble(error)) {
      if (result !== null) return result;
      throw error;
    }
    failures += 1;
    if (failures === 1) since = clock.now();
    if (clock.now() - since >= budgetMs) {
      if (result !== null) return result;
      throw error;
    }
    const nextTryInMs = backoffMs(failures, clock.random());
    options.onEvent?.({
      kind: 'reconnecting',
      message: error instanceof Error ? error.message : String(error),
      nextTryInMs,
    });
    await clock.sleep(nextTryInMs, signal);
  }
}
