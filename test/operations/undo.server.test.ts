/**
 * Invariant 4: after each step before contract, rollback restores the first schema and the first data; or it is refused,
 * with a reason, before it has changed anything.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { newestVersion, readCases, type OperationCase } from './harness/case-file.ts';
import { expectNoHelpers, expectSameData, expectSameSchema } from './harness/expectations.ts';
import { planCase, runVerb, type Verb } from './harness/lifecycle.ts';
import { outcomeOf, type Outcome } from './harness/plain-run.ts';

let database: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

afterAll(() => database.drop());

describe.runIf(serverVersion() === newestVersion)('rollback after each step restores what was there', () => {
  for (const operationCase of readCases(newestVersion)) {
    if (operationCase.expect !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, () => undoEveryPrefix(operationCase));
  }
});

async function undoEveryPrefix(operationCase: OperationCase): Promise<void> {
  await database.prepare(operationCase);
  const first = await outcomeOf(database);
  const plan = await planCase(database, operationCase);
  const steps = plan.migrations
    .filter(({ waitsFor }) => waitsFor === null)
    .flatMap((migration) => migration.steps.filter(({ phase }) => phase !== 'contract'));
  for (let done = 1; done <= steps.length; done += 1) {
    await runSteps(plan, done);
    const before = await outcomeOf(database);
    const refusal = await rollback(plan);
    const after = await outcomeOf(database);
    if (refusal !== null) {
      expect(refusal.code).toBe('CANNOT_UNDO');
      expectSameSchema(before, after);
      expectSameData(before, after);
      return; // every longer prefix has the same step in it
    }
    expectSameSchema(first, after);
    expectSameData(withoutKept(first, operationCase), withoutKept(after, operationCase));
    await expectNoHelpers(database);
  }
  await database.assertQuiet();
}

/** Without the columns that a rollback does not bring back, as the case says and why. */
function withoutKept(outcome: Outcome, { keepsData }: OperationCase): Outcome {
  const data = [...outcome.data].map(([table, { columns, rows }]) => {
    const isKept = (column: string) => keepsData.has(`${table.split('.').at(-1)}.${column}`);
    const left = columns.flatMap((column, position) => (isKept(column) ? [] : [position]));
    return [
      table,
      {
        columns: left.map((position) => columns[position] ?? ''),
        rows: rows.map((row) => left.map((position) => row[position] ?? null)),
      },
    ] as const;
  });
  return { ...outcome, data: new Map(data) };
}

/** Expand and backfill, interrupted when so many steps are finished. */
async function runSteps(plan: Plan, count: number): Promise<void> {
  const interruption = new AbortController();
  let finished = 0;
  const verbs: readonly Verb[] = ['expand', 'backfill'];
  for (const verb of verbs) {
    try {
      await runVerb(database, verb, plan, {
        signal: interruption.signal,
        onEvent: (event) => {
          if (event.kind !== 'step_finished') return;
          finished += 1;
          if (finished === count) interruption.abort('SIGINT');
        },
      });
    } catch (error) {
      if (!(error instanceof MigrateError) || error.code !== 'INTERRUPTED') throw error;
      return;
    }
    if (finished === count) return;
  }
}

async function rollback(plan: Plan): Promise<MigrateError | null> {
  try {
    await runVerb(database, 'rollback', plan);
    return null;
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'CANNOT_UNDO') return error;
    throw error;
  }
}
