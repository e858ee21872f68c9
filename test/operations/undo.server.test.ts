/**
 * Invariant 4: after every prefix of the steps before contract, rollback restores the first schema and the data. A step
 * that cannot be undone makes rollback refuse before it changes anything. A migration that a later phase refuses can be
 * rolled back like any other.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import type { Plan, Step } from '../../src/plan/plan.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { isRefusedByPlan, readCases, refusalSnapshotFile, type OperationCase } from './harness/case-file.ts';
import { expectNoHelpers, expectSameData, expectSameSchema, keptColumns } from './harness/expectations.ts';
import { planCase, runVerb } from './harness/lifecycle.ts';
import { outcomeOf, type Outcome } from './harness/plain-run.ts';

let database: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe('rollback restores the schema and the data', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (isRefusedByPlan(operationCase)) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await database.prepare(operationCase);
      const first = await outcomeOf(database);
      const plan = await planCase(database, operationCase);
      const steps = stepsBeforeContract(plan);
      for (const count of steps.keys()) {
        const refused = await runSteps(plan, count + 1, operationCase.expect);
        if (!refused && steps.slice(0, count + 1).some(({ undo }) => undo.kind === 'impossible')) {
          await expectRefusal(plan);
          return;
        }
        await runVerb(database, 'rollback', plan);
        await expectFirst(first, operationCase, `after ${steps[count]?.id}${refused ? ', which was refused' : ''}`);
        if (refused) break;
      }
      if (operationCase.expect !== null) await expectLateRefusal(plan, operationCase, first);
      await database.assertQuiet();
    });
  }
});

/** In the order in which they run: all migrations expand before the first one is backfilled. */
function stepsBeforeContract(plan: Plan): readonly Step[] {
  const steps = plan.migrations.filter(({ waitsFor }) => waitsFor === null).flatMap((migration) => migration.steps);
  return [...steps.filter(({ phase }) => phase === 'expand'), ...steps.filter(({ phase }) => phase === 'backfill')];
}

/** Expand and backfill, interrupted after so many steps. True when a step refuses the migration, as the case expects. */
async function runSteps(plan: Plan, count: number, expected: OperationCase['expect']): Promise<boolean> {
  const stop = new AbortController();
  let finished = 0;
  const onEvent = ({ kind }: { readonly kind: string }) => {
    if (kind === 'step_finished') finished += 1;
    if (finished === count) stop.abort('SIGINT');
  };
  try {
    await runVerb(database, 'expand and backfill', plan, { onEvent, signal: stop.signal });
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    if (error.code === expected) return true;
    if (error.code !== 'INTERRUPTED') throw error;
  }
  expect(finished, 'steps that were run before the rollback').toBe(count);
  return false;
}

async function expectFirst(first: Outcome, { keepsData, keepsSchema }: OperationCase, when: string): Promise<void> {
  const now = await outcomeOf(database);
  try {
    expectSameSchema(first, now, new Set(keepsSchema.keys()));
    expectSameData(first, now, { except: keptColumns(first.catalog, keepsData) });
    await expectNoHelpers(database);
  } catch (error) {
    if (error instanceof Error) error.message = `${when}: ${error.message}`;
    throw error;
  }
}

async function expectRefusal(plan: Plan): Promise<void> {
  const before = await outcomeOf(database);
  await expect(runVerb(database, 'rollback', plan)).rejects.toMatchObject({ code: 'CANNOT_UNDO' });
  const after = await outcomeOf(database);
  expectSameSchema(before, after);
  expectSameData(before, after);
}

/** The phase that refuses the migration says why, and leaves everything as it was: so it can be rolled back. */
async function expectLateRefusal(plan: Plan, operationCase: OperationCase, first: Outcome): Promise<void> {
  const refusal = await refusalOf(plan);
  expect(refusal?.code).toBe(operationCase.expect);
  await expect(`${refusal?.code}\n${refusal?.message}\n${refusal?.hint ?? ''}\n`).toMatchFileSnapshot(
    refusalSnapshotFile(operationCase),
  );
  await runVerb(database, 'rollback', plan);
  await expectFirst(first, operationCase, 'after the refusal');
}

async function refusalOf(plan: Plan): Promise<MigrateError | null> {
  for (const verb of ['expand', 'backfill', 'contract'] as const) {
    try {
      await runVerb(database, verb, plan);
    } catch (error) {
      if (error instanceof MigrateError) return error;
      throw error;
    }
  }
  return null;
}
