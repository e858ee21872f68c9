/** Invariant 1: expand, backfill and contract end in the schema and the data that the plain SQL would have made. */
import { describe, test } from 'vitest';
import { serverVersion } from '../support/server.ts';
import { readCases } from './harness/case-file.ts';
import { expectDataOfPlainRun, expectNoHelpers, expectSameSchema } from './harness/expectations.ts';
import { runAllPhases } from './harness/lifecycle.ts';
import { outcomeOf, runPlainly } from './harness/plain-run.ts';
import { useTwoDatabases } from './harness/two-databases.ts';

const databases = useTwoDatabases();

describe('all phases end where the plain SQL ends', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (operationCase.expect !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      const { plain, migrated } = databases;
      const expected = await runPlainly(plain, operationCase);
      await migrated.prepare(operationCase);
      await runAllPhases(migrated, operationCase);
      const actual = await outcomeOf(migrated);
      expectSameSchema(expected, actual);
      await expectDataOfPlainRun(expected, actual, plain, operationCase);
      await expectNoHelpers(migrated);
      await migrated.assertQuiet();
    });
  }
});
