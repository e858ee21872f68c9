/**
 * `migrate expand`: brings the database into the shape in which the old and the new version of the application both
 * work. Runs a reviewed plan; what an earlier run left half done goes first, by the plan that was reviewed then.
 */
import { MigrateError } from '../../errors.ts';
import type { Plan, PlannedMigration } from '../../plan/plan.ts';
import { enterMigration } from '../ledger/ledger.ts';
import {
  readMigrations,
  readMigrationSummaries,
  type MigrationRecord,
  type MigrationSummary,
} from '../ledger/records.ts';
import type { Runner } from '../runner.ts';
import { hasBegun } from '../steps/decide.ts';
import { backfillMigrations } from './backfill.ts';
import { advanceOne, type MigrationResult, type VerbResult } from './result.ts';

export type ExpandOptions = {
  /** Run the backfills too, once everything is expanded. */
  readonly backfill: boolean;
  /**
   * Fingerprint of the live schema. When given, and the plan was made for a live schema, the two must be equal
   * (PLAN_STALE), unless one of the plan's migrations has begun: then the difference is our own doing.
   */
  readonly fingerprint?: () => Promise<string>;
};

export async function expandMigrations(runner: Runner, plan: Plan, options: ExpandOptions): Promise<VerbResult> {
  const { schema } = runner.ledger;
  const all = await readMigrationSummaries(runner.session, schema);
  const begun = all.filter(({ status }) => status === 'expanding').map(({ name }) => name);
  const named = plan.migrations.map(({ name }) => name);
  const records = await readMigrations(runner.session, schema, [...begun, ...named]);
  const known = new Map(records.map((record) => [record.name, record]));
  for (const planned of plan.migrations) refuseChanged(planned, known.get(planned.name));
  await refuseStale(plan, known, options);

  const results: MigrationResult[] = [];
  let error: MigrateError | null = null;
  for (const turn of turns(all, plan, known)) {
    if (error !== null) {
      results.push({
        name: turn.name,
        outcome: 'not_run',
        status: turn.known?.status ?? null,
        steps: [],
        waitsFor: null,
      });
      continue;
    }
    if (turn.waitsFor !== null) {
      results.push({ name: turn.name, outcome: 'waiting', status: null, steps: [], waitsFor: turn.waitsFor });
      continue;
    }
    // If we die after this, the migration is in the ledger as `expanding`, and the next run goes on with it.
    if (turn.enter !== null) await enterMigration(runner.ledger, turn.enter);
    const before = turn.enter === null ? (turn.known?.status ?? 'expanding') : 'expanding';
    const { result, failure } = await advanceOne(runner, 'expand', turn.name, before);
    results.push(result);
    error = failure;
  }
  if (error !== null || !options.backfill) return { verb: 'expand', migrations: results, error };
  return withBackfills(runner, results);
}

type Turn = {
  readonly name: string;
  readonly known: MigrationRecord | null;
  /** The plan to enter; null when the ledger's own goes on. */
  readonly enter: PlannedMigration | null;
  readonly waitsFor: string | null;
};

/** First what is half expanded and not in this plan, then the plan's migrations in their order. */
function turns(
  all: readonly MigrationSummary[],
  plan: Plan,
  known: ReadonlyMap<string, MigrationRecord>,
): readonly Turn[] {
  const inPlan = new Set(plan.migrations.map((planned) => planned.name));
  const leftOver = all.filter((record) => record.status === 'expanding' && !inPlan.has(record.name));
  return [
    ...leftOver.map(({ name }) => ({ name, known: known.get(name) ?? null, enter: null, waitsFor: null })),
    ...plan.migrations.map((planned): Turn => {
      const record = known.get(planned.name) ?? null;
      const first = all.find(({ name }) => name === planned.waitsFor);
      const waits = planned.waitsFor !== null && first?.status !== 'done' && first?.status !== 'rolled_back';
      return {
        name: planned.name,
        known: record,
        enter: record === null || isReplaceable(record) ? planned : null,
        waitsFor: waits ? planned.waitsFor : null,
      };
    }),
  ];
}

/** Nothing of it is in the database: it was rolled back, or its first step never succeeded. */
function isReplaceable(record: MigrationRecord): boolean {
  return record.status === 'rolled_back' || (record.status === 'expanding' && !hasBegun(record));
}

function refuseChanged(planned: PlannedMigration, record: MigrationRecord | undefined): void {
  if (record === undefined || record.checksum === planned.checksum || isReplaceable(record)) return;
  throw new MigrateError(
    'CHECKSUM_CHANGED',
    `Migration ${planned.name} was changed after it had been ${record.status === 'expanding' ? 'begun' : 'applied'} here.`,
    {
      hint: 'Put the file back as it was and write the change as a new migration, or take it back first: migrate rollback',
      details: { migration: planned.name, applied: record.checksum, file: planned.checksum },
    },
  );
}

async function refuseStale(
  plan: Plan,
  known: ReadonlyMap<string, MigrationRecord>,
  options: ExpandOptions,
): Promise<void> {
  if (plan.fingerprint === null || options.fingerprint === undefined) return;
  const begun = plan.migrations.some((planned) => {
    const record = known.get(planned.name);
    return record !== undefined && record.status !== 'rolled_back' && hasBegun(record);
  });
  if (begun || plan.fingerprint === (await options.fingerprint())) return;
  throw new MigrateError('PLAN_STALE', 'The plan was made for another schema than this database has now.', {
    hint: 'Make a new one and review it: migrate plan',
    details: { planned: plan.fingerprint },
  });
}

async function withBackfills(runner: Runner, expanded: readonly MigrationResult[]): Promise<VerbResult> {
  const all = await readMigrationSummaries(runner.session, runner.ledger.schema);
  const ready = all.filter((record) => record.status === 'expanded' || record.status === 'backfilling');
  const backfilled = await backfillMigrations(runner, { names: ready.map((record) => record.name) });
  const after = new Map(backfilled.migrations.map((result) => [result.name, result]));
  const merged = expanded.map((result): MigrationResult => {
    const later = after.get(result.name);
    after.delete(result.name);
    if (later === undefined) return result;
    const outcome = later.outcome === 'unchanged' ? result.outcome : later.outcome;
    return { ...result, outcome, status: later.status, steps: [...result.steps, ...later.steps] };
  });
  // Those that an earlier run had expanded.
  const others = [...after.values()].filter((result) => result.outcome !== 'unchanged');
  return { verb: 'expand', migrations: [...merged, ...others], error: backfilled.error };
}
