/** What the server refuses, a phase refuses too, and then everything can be taken back. */
import { expect } from 'vitest';
import { MigrateError } from '../../../src/errors.ts';
import {
  expectNoHelpers,
  expectSameData,
  expectSameSchema,
  keptColumns,
} from '../../operations/harness/expectations.ts';
import { runAllPhases, runVerb } from '../../operations/harness/lifecycle.ts';
import { outcomeOf } from '../../operations/harness/plain-run.ts';
import { cannotBeUndone } from './undo.ts';
import { errorOf, type Lab, type Tried } from './tried-case.ts';

export async function failure({ migrated }: Lab, { operationCase, plan, plainError, first }: Tried): Promise<void> {
  if (plan === null) return;
  const error = await errorOf(() => runAllPhases(migrated, operationCase, plan));
  if (error === null) expect.fail(`The plain SQL fails, and the plan does not: ${plainError}`);
  if (!(error instanceof MigrateError) || error.code === 'INTERNAL') throw error;
  // With several migrations the first ones may be done for good.
  if (operationCase.changes.length > 1) return;
  const refused = await errorOf(() => runVerb(migrated, 'rollback', plan));
  // What only the last phase can find may be found after a step of it that is for good.
  if (refused instanceof MigrateError && refused.code === 'ALREADY_CONTRACTED') return;
  const steps = plan.migrations.flatMap((migration) => migration.steps);
  if (refused instanceof MigrateError && refused.code === 'CANNOT_UNDO' && steps.some(cannotBeUndone)) return;
  if (refused !== null) throw refused;
  const now = await outcomeOf(migrated);
  expectSameSchema(first, now);
  expectSameData(first, now, { except: keptColumns(first.catalog, operationCase.keepsData) });
  await expectNoHelpers(migrated);
}
