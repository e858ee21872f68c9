/**
 * Runs a verb again when its connection is lost: a server that restarts or fails over is back in a minute, and neither a
 * backfill of hours nor a deploy must need a person for that. It is what a person would do, and is told to do:
 * the same verb again goes on from the ledger. A transaction whose commit was not answered is known from its ledger row,
 * a concurrent statement is looked for on the server, and what can be told by neither (CALL, DO outside a transaction) is
 * an error of its own, which ends the verb.
 *
 * The lease of the lost session ends with it; where the server has not noticed the loss, that session is ended. Whoever
 * was never connected is told at once.
 */
import { MigrateError } from '../errors.ts';
import { throwIfInterrupted } from './interruption.ts';
import { systemClock } from './clock.ts';
import { backoffMs, isConnectionTrouble } from './backfill/pool.ts';
import { readMigrationSummaries, type MigrationSummary } from './ledger/records.ts';
import { withRunner, type Runner, type RunnerOptions } from './runner.ts';
import type { MigrationResult, VerbResult } from './verbs/result.ts';

/** For how long there may be no server, in milliseconds. */
const budgetsMs = {
  backfill: 3_600_000, // it runs through the night; an hour without a server is for a person
  verb: 300_000, // somebody waits for it; a restart or a failover takes a minute or two
};

export type ReconnectBudget = keyof typeof budgetsMs;

export async function reconnecting(
  options: RunnerOptions,
  budget: ReconnectBudget,
  work: (runner: Runner) => Promise<VerbResult>,
): Promise<VerbResult> {
  const clock = options.clock ?? systemClock;
  const signal = options.signal ?? new AbortController().signal;
  let lostLease: string | null = null;
  let wasConnected = false;
  let before: VerbResult | null = null;
  let failures = 0;
  let since = clock.now();
  for (;;) {
    throwIfInterrupted(signal);
    let error: unknown;
    let result: VerbResult | null = null;
    try {
      result = await withRunner({ ...options, lostLease }, async (runner) => {
        lostLease = runner.ledger.token;
        failures = 0;
        const done = await work(runner);
        if (before === null) return done;
        return together(before, done, await readMigrationSummaries(runner.session, runner.ledger.schema));
      });
      ({ error } = result);
    } catch (thrown) {
      error = thrown;
    }
    wasConnected ||= lostLease !== null || (error instanceof MigrateError && error.code === 'CONNECTION_LOST');
    const isOver = failures > 0 && clock.now() - since >= budgetsMs[budget];
    if (!wasConnected || !isConnectionTrouble(error) || isOver) {
      if (result !== null) return result;
      throw error;
    }
    before = result ?? before;
    failures += 1;
    if (failures === 1) since = clock.now();
    const nextTryInMs = backoffMs(failures, clock.random());
    options.onEvent?.({
      kind: 'reconnecting',
      message: error instanceof Error ? error.message : String(error),
      nextTryInMs,
    });
    await clock.sleep(nextTryInMs, signal);
  }
}

/** What two runs of a verb have done, one after the other. */
function together(first: VerbResult, second: VerbResult, now: readonly MigrationSummary[]): VerbResult {
  const begun = new Map(
    first.migrations.filter(({ outcome }) => outcome === 'done' || outcome === 'failed').map((one) => [one.name, one]),
  );
  const migrations = second.migrations.map((result): MigrationResult => {
    const earlier = begun.get(result.name);
    begun.delete(result.name);
    if (earlier === undefined) return result;
    const outcome = result.outcome === 'unchanged' ? 'done' : result.outcome;
    return { ...result, outcome, steps: [...earlier.steps, ...result.steps] };
  });
  // The second run found nothing more to do for these: what was lost was the answer to their last commit.
  const finished = [...begun.values()].map((result): MigrationResult => {
    const status = now.find(({ name }) => name === result.name)?.status ?? result.status;
    return { ...result, outcome: 'done', status };
  });
  return { ...second, migrations: [...finished, ...migrations] };
}
