/**
 * What the server refuses, the plan or a phase refuses too, and then everything can be taken back. What does not depend on
 * the rows is refused before contract has begun: nothing that is for good is done for a migration that cannot succeed.
 */
import { expect } from 'vitest';
import { MigrateError } from '../../../src/errors.ts';
import type { Step } from '../../../src/plan/plan.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import type { OperationCase } from '../../operations/harness/case-file.ts';
import {
  expectNoHelpers,
  expectSameData,
  expectSameSchema,
  keptColumns,
} from '../../operations/harness/expectations.ts';
import { runAllPhases, runVerb } from '../../operations/harness/lifecycle.ts';
import { outcomeOf } from '../../operations/harness/plain-run.ts';
import { cannotBeUndone, labelsThatStay } from './undo.ts';
import { errorOf, type Lab, type Tried } from './tried-case.ts';

export async function failure({ migrated }: Lab, { operationCase, plan, plainError, first }: Tried): Promise<void> {
  if (plan === null) return;
  const error = await errorOf(() => runAllPhases(migrated, operationCase, plan));
  if (error === null && isAboutNotValid(operationCase, plainError)) return;
  if (error === null) expect.fail(`The plain SQL fails, and the plan does not: ${plainError}`);
  if (!(error instanceof MigrateError) || error.code === 'INTERNAL') throw error;
  const steps = await stepsBegun(migrated);
  // A gate looks before its own change begins, also where that one has to wait for others in contract.
  const cutOff = steps.find(
    ({ phase, status, step }) => phase === 'contract' && status !== 'done' && step.run.kind !== 'gate',
  );
  if (cutOff !== undefined && isAboutTheSchema(error))
    expect.fail(`Contract had begun when it was refused, and it does not depend on the rows: ${error.message}`);

  const before = await outcomeOf(migrated);
  const refused = await errorOf(() => runVerb(migrated, 'rollback', plan));
  const done = steps.filter(({ status }) => status === 'done');
  if (refused !== null && !(refused instanceof MigrateError && isAllowed(refused, done))) throw refused;
  const now = await outcomeOf(migrated);
  const expected = refused === null ? first : before;
  expectSameSchema(expected, now, labelsThatStay(operationCase, first.catalog));
  expectSameData(expected, now, { except: keptColumns(first.catalog, operationCase.keepsData) });
  if (refused === null) await expectNoHelpers(migrated);
}

/**
 * A constraint that is NOT VALID leaves the rows alone that are there before it. With a plan it comes in contract, so these
 * are all rows that the migration fills, while the plain SQL adds it first and is refused to fill them.
 */
function isAboutNotValid({ changes }: OperationCase, plainError: string | null): boolean {
  const isNewRow = /^new row for relation .* violates check constraint/.test(plainError ?? '');
  return isNewRow && changes.some((text) => / not valid;/.test(text));
}

/** Only what is done for good excuses a rollback: a step of contract, or one that the plan said could not be undone. */
function isAllowed({ code }: MigrateError, done: readonly BegunStep[]): boolean {
  if (code === 'ALREADY_CONTRACTED')
    return done.some(({ phase, step }) => phase === 'contract' && step.run.kind !== 'gate');
  return code === 'CANNOT_UNDO' && done.some(({ step }) => cannotBeUndone(step));
}

/** Values (22) and constraints (23) depend on the rows. */
function isAboutTheSchema({ code, details }: MigrateError): boolean {
  const state = details['sqlstate'];
  return code === 'STEP_FAILED' && typeof state === 'string' && !/^2[23]/.test(state);
}

type BegunStep = { readonly phase: string; readonly status: string; readonly step: Step };

/** As the ledger has them; also of plans that were made later, for migrations that waited. */
async function stepsBegun({ client }: CaseDatabase): Promise<readonly BegunStep[]> {
  const { rows } = await client.query<BegunStep>(
    `select s.phase, s.status, planned.step
       from onward.step s join onward.migration m on m.name = s.migration,
            jsonb_array_elements(m.plan::jsonb -> 'steps') as planned(step)
      where planned.step ->> 'id' = s.id and (s.attempts > 0 or s.status <> 'pending')`,
  );
  return rows;
}
