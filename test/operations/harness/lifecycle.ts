/** A case's migrations, planned on the live schema and run by the real runner. */
import { fingerprint } from '../../../src/catalog/diff.ts';
import type { Catalog } from '../../../src/catalog/model.ts';
import { planMigrations, type PlanOutcome } from '../../../src/plan/planner.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { readMigrationSummaries } from '../../../src/run/ledger/records.ts';
import type { OnEvent } from '../../../src/run/run-event.ts';
import { withRunner, type Runner, type RunnerOptions } from '../../../src/run/runner.ts';
import { backfillMigrations } from '../../../src/run/verbs/backfill.ts';
import { contractMigrations } from '../../../src/run/verbs/contract.ts';
import { expandMigrations } from '../../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../../src/run/verbs/result.ts';
import { rollbackMigrations } from '../../../src/run/verbs/rollback.ts';
import type { CaseDatabase } from './case-database.ts';
import { migrationsOf, type OperationCase } from './case-file.ts';

export type Phase = 'expand' | 'backfill' | 'contract';

/** A command: `expand` leaves the backfills to `backfill`. */
export type Verb = Phase | 'expand and backfill' | 'rollback';

/** Also those that were done with their expand, which a rollback without names leaves alone. */
async function rollbackAll(runner: Runner): Promise<VerbResult> {
  const records = await readMigrationSummaries(runner.session, runner.ledger.schema);
  const names = records.filter(({ status }) => status !== 'rolled_back').map(({ name }) => name);
  return rollbackMigrations(runner, { names });
}

export type RunOptions = {
  /** Another way to the same database. */
  readonly url?: string;
  readonly onEvent?: OnEvent;
  readonly signal?: AbortSignal;
} & Pick<RunnerOptions, 'clock' | 'locks' | 'waitForLeaseMs'>;

/** The online path throughout: no table of a case is too small for it. Migrations named in `done` are left out. */
export async function planCase(
  database: CaseDatabase,
  operationCase: OperationCase,
  done: ReadonlySet<string> = new Set(),
): Promise<Plan> {
  return planOn(await database.catalog(), operationCase, done);
}

/** The same, on a schema that has been read already. */
export function planOn(catalog: Catalog, operationCase: OperationCase, done: ReadonlySet<string> = new Set()): Plan {
  return outcomeOn(catalog, operationCase, done).plan;
}

/** With the schema that the plan expects in the end. */
export function outcomeOn(
  catalog: Catalog,
  operationCase: OperationCase,
  done: ReadonlySet<string> = new Set(),
): PlanOutcome {
  const migrations = migrationsOf(operationCase).filter(({ name }) => !done.has(name));
  const options = { smallTable: null, unused: false };
  return planMigrations({ migrations, catalog, fingerprint: fingerprint(catalog), options });
}

const runnerDefaults = {
  /** Small batches, so that also a table of 200 rows takes several. */
  backfill: { firstBatchSize: 40, largestBatchSize: 60 },
  /** Nobody holds a lock for longer than some milliseconds here. */
  lockBudgetMs: 20_000,
} as const;

/** What a person does with one command. The error that ends the verb is thrown. */
export async function runVerb(database: CaseDatabase, verb: Verb, plan: Plan, options: RunOptions = {}): Promise<void> {
  const { url = database.url, ...rest } = options;
  const { error } = await withRunner({ url, ...runnerDefaults, ...rest }, (runner) => perform(runner, verb, plan));
  if (error !== null) throw error;
}

function perform(runner: Runner, verb: Verb, plan: Plan): Promise<VerbResult> {
  switch (verb) {
    case 'expand':
      return expandMigrations(runner, plan, { backfill: false });
    case 'expand and backfill':
      return expandMigrations(runner, plan, { backfill: true });
    case 'backfill':
      return backfillMigrations(runner);
    case 'contract':
      return contractMigrations(runner);
    case 'rollback':
      return rollbackAll(runner);
    default:
      return verb satisfies never;
  }
}

/** Over one session, which saves most of the time that one runner after the other would take. */
export function withVerbs<T>(
  database: CaseDatabase,
  work: (run: (verb: Verb, plan: Plan) => Promise<void>) => Promise<T>,
): Promise<T> {
  return withRunner({ url: database.url, ...runnerDefaults }, (runner) =>
    work(async (verb, plan) => {
      const { error } = await perform(runner, verb, plan);
      if (error !== null) throw error;
    }),
  );
}

/** All phases over one session. */
export function runAllPhases(
  database: CaseDatabase,
  operationCase: OperationCase,
  firstPlan: Plan | null = null,
): Promise<void> {
  return withVerbs(database, (run) => eachPhase(database, operationCase, run, firstPlan));
}

/**
 * All phases of all migrations of the case. Those that wait for another one's contract are planned anew after it, as
 * the next deploy would.
 */
export async function eachPhase(
  database: CaseDatabase,
  operationCase: OperationCase,
  run: (verb: Phase, plan: Plan) => Promise<void>,
  firstPlan: Plan | null = null,
): Promise<void> {
  const done = new Set<string>();
  let ready = firstPlan;
  while (done.size < migrationsOf(operationCase).length) {
    const plan = ready ?? (await planCase(database, operationCase, done));
    ready = null;
    const before = done.size;
    for (const { name, waitsFor } of plan.migrations) if (waitsFor === null) done.add(name);
    if (done.size === before) throw new Error('Every migration waits for another one.');
    for (const verb of ['expand', 'backfill', 'contract'] as const) await run(verb, plan);
  }
}
