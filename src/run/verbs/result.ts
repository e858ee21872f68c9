/**
 * What a verb has to say at its end: what was done, what failed, what was not run. The first failure ends the verb, so
 * there is one error at most; it is returned and not thrown, because the rest of the result matters as much.
 *
 * Thrown, and not returned, are only errors that come before anything was changed, and interruptions.
 */
import { MigrateError } from '../../errors.ts';
import { isInterruption } from '../interruption.ts';
import type { MigrationRecord } from '../ledger/records.ts';
import type { MigrationStatus } from '../ledger/tables.ts';
import type { Verb } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { clearError } from '../server-error.ts';
import { advance } from '../steps/advance.ts';

export type MigrationOutcome =
  /** The verb did all it had to do. */
  | 'done'
  /** There was nothing to do. */
  | 'unchanged'
  | 'failed'
  /** An earlier migration failed. */
  | 'not_run'
  /** Needs the contract of an earlier migration first: `waitsFor`. */
  | 'waiting';

export type MigrationResult = {
  readonly name: string;
  readonly outcome: MigrationOutcome;
  /** In the ledger, after the verb; null when it is not in it. */
  readonly status: MigrationStatus | null;
  /** Titles of the steps that this run did (or took back), in order. */
  readonly steps: readonly string[];
  readonly waitsFor: string | null;
};

export type VerbResult = {
  readonly verb: Verb | 'up';
  readonly migrations: readonly MigrationResult[];
  readonly error: MigrateError | null;
};

/** Advances one migration after the other; the first failure leaves the rest not run. */
export async function advanceAll(
  runner: Runner,
  verb: Verb,
  migrations: readonly Pick<MigrationRecord, 'name' | 'status'>[],
): Promise<VerbResult> {
  const results: MigrationResult[] = [];
  let error: MigrateError | null = null;
  for (const { name, status } of migrations) {
    if (error !== null) {
      results.push({ name, outcome: 'not_run', status, steps: [], waitsFor: null });
      continue;
    }
    const { result, failure } = await advanceOne(runner, verb, name, status);
    results.push(result);
    error = failure;
  }
  return { verb, migrations: results, error };
}

/** One migration, with its failure beside what it did before. Interruptions are thrown. */
export async function advanceOne(
  runner: Runner,
  verb: Verb,
  name: string,
  before: MigrationStatus,
): Promise<{ readonly result: MigrationResult; readonly failure: MigrateError | null }> {
  const steps: string[] = [];
  runner.onEvent({ kind: 'migration_started', migration: name, verb, resumed: isResumed(verb, before) });
  try {
    const status = await advance(runner, name, verb, (title) => steps.push(title));
    const outcome = status === before && steps.length === 0 ? 'unchanged' : 'done';
    return { result: { name, outcome, status, steps, waitsFor: null }, failure: null };
  } catch (error) {
    if (isInterruption(error)) throw error;
    const failure = failureOf(clearError(error));
    // As it was read last: the ledger may not be reachable any more.
    return { result: { name, outcome: 'failed', status: before, steps, waitsFor: null }, failure };
  }
}

function failureOf(error: unknown): MigrateError {
  if (error instanceof MigrateError) return error;
  return new MigrateError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}

function isResumed(verb: Verb, before: MigrationStatus): boolean {
  return verb === 'rollback' ? before === 'rolling_back' : before !== startOf[verb];
}

/** The status in which a verb that was never interrupted finds a migration; a rollback starts from any. */
const startOf: { readonly [V in Exclude<Verb, 'rollback'>]: MigrationStatus } = {
  expand: 'expanding',
  backfill: 'expanded',
  contract: 'backfilled',
};
