/**
 * Invariant 5: the runner is killed after every step and inside of it, the same verb is run again, and the end is the same as
 * without any kill: of rollback the first schema and data, of all phases what the plain SQL makes.
 */
import { describe, test } from 'vitest';
import { serverVersion } from '../support/server.ts';
import { readCases } from './harness/case-file.ts';
import { runVerbWithCrashes } from './harness/crashing-runner.ts';
import { expectDataOfPlainRun, expectNoHelpers, expectSameSchema, numberedColumns } from './harness/expectations.ts';
import { eachPhase } from './harness/lifecycle.ts';
import { outcomeOf, runPlainly } from './harness/plain-run.ts';
import { useTwoDatabases } from './harness/two-databases.ts';

const databases = useTwoDatabases();

describe('a runner that is killed everywhere comes to the same end', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (operationCase.expect !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      const { plain, migrated } = databases;
      const expected = await runPlainly(plain, operationCase);
      await migrated.prepare(operationCase);
      await eachPhase(migrated, operationCase, async (verb, plan) => {
        await runVerbWithCrashes(migrated, verb, plan);
      });
      const actual = await outcomeOf(migrated);
      expectSameSchema(expected, actual);
      await expectDataOfPlainRun(expected, actual, plain, operationCase, numberedColumns(expected));
      await expectNoHelpers(migrated);
      await migrated.assertQuiet();
    });
  }
});
