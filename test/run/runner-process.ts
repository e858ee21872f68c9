/**
 * A runner in a process of its own, for tests that kill it: runs one verb on a plan, and writes each event as a line of
 * JSON. One argument, JSON.
 */
import process from 'node:process';
import type { Plan } from '../../src/plan/plan.ts';
import type { Verb } from '../../src/run/run-event.ts';
import { backfillMigrations } from '../../src/run/verbs/backfill.ts';
import { contractMigrations } from '../../src/run/verbs/contract.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { rollbackMigrations } from '../../src/run/verbs/rollback.ts';
import { withRunner, type Runner, type RunnerOptions } from '../../src/run/runner.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';

type RunnerTask = {
  readonly url: string;
  readonly verb: Verb;
  readonly plan: Plan;
  readonly options: Pick<RunnerOptions, 'waitForLeaseMs'>;
};

const { url, verb, plan, options }: RunnerTask = JSON.parse(process.argv[2] ?? '');
const verbs: { readonly [V in Verb]: (runner: Runner) => Promise<VerbResult> } = {
  expand: (runner) => expandMigrations(runner, plan, { backfill: false }),
  backfill: (runner) => backfillMigrations(runner),
  contract: (runner) => contractMigrations(runner),
  rollback: (runner) => rollbackMigrations(runner),
};
const onEvent = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const result = await withRunner({ url, ...options, onEvent }, verbs[verb]);
if (result.error !== null) throw result.error;
