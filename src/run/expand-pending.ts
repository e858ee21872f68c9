/** Expand with everything that belongs to it: read the folder, the ledger and the schema, plan (or check the plan), run. */
import { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanOptions } from '../plan/plan-options.ts';
import { planMigrations } from '../plan/planner.ts';
import { refuseWithoutRights } from './rights/missing-rights.ts';
import type { Runner } from './runner.ts';
import { readSituation } from './situation.ts';
import { expandMigrations } from './verbs/expand.ts';
import type { VerbResult } from './verbs/result.ts';

export type ExpandPending = {
  readonly files: readonly MigrationFile[];
  /** A reviewed plan, to be run instead of a new one. */
  readonly reviewed: Plan | null;
  readonly options: PlanOptions;
  readonly backfill: boolean;
};

export async function expandPending(runner: Runner, wanted: ExpandPending): Promise<VerbResult> {
  const { files, reviewed, options, backfill } = wanted;
  const { pending, ...situation } = await readSituation(runner.session, runner.ledger.schema, files);
  if (reviewed !== null) refuseOtherFiles(reviewed, files);
  const plan = reviewed ?? planMigrations({ ...situation, migrations: pending, options }).plan;
  const toCome = plan.migrations.filter(({ name }) => pending.some((file) => file.name === name));
  await refuseWithoutRights(runner.session, toCome);
  return expandMigrations(runner, plan, {
    backfill,
    fingerprint: () => Promise.resolve(situation.fingerprint),
  });
}

/** What was reviewed is what is in the folder: otherwise the ledger would name files that say something else. */
function refuseOtherFiles(plan: Plan, files: readonly MigrationFile[]): void {
  for (const planned of plan.migrations) {
    const file = files.find((candidate) => candidate.name === planned.name);
    if (file?.checksum === planned.checksum) continue;
    const message =
      file === undefined
        ? `The plan has a migration ${planned.name}, and there is no such file in the folder.`
        : `${file.path} was edited after the plan was made.`;
    throw new MigrateError('PLAN_STALE', message, {
      hint: 'Make a new plan and review it: migrate plan --out plan.json',
      details: { migration: planned.name },
    });
  }
}
