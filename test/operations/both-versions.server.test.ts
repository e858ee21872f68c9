/**
 * Invariant 6: an old and a new version of the application read and write all the time. No statement of theirs fails,
 * and nothing that they wrote is lost.
 */
import { describe, expect, test } from 'vitest';
import { serverVersion } from '../support/server.ts';
import { readCases, type OperationCase } from './harness/case-file.ts';
import { expectNothingLost } from './harness/client-outcome.ts';
import { expectNoHelpers, expectSameSchema } from './harness/expectations.ts';
import { readKnownSchema } from './harness/known-schema.ts';
import { outcomeOf, sendPlainly } from './harness/plain-run.ts';
import { migrateUnderTraffic, programOf } from './harness/traffic.ts';
import { useTwoDatabases } from './harness/two-databases.ts';

const databases = useTwoDatabases();

describe('both versions live', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (operationCase.expect !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      const { plain, migrated } = databases;
      await plain.prepare(operationCase);
      const old = await readKnownSchema(plain);
      await sendPlainly(plain, operationCase);
      const known = { old, new: await readKnownSchema(plain) };

      await migrated.prepare(operationCase);
      const programs = { old: programOf('old', operationCase, known), new: programOf('new', operationCase, known) };
      const journals = await migrateUnderTraffic(migrated, operationCase, programs);
      const actual = await outcomeOf(migrated);
      await expectNoRows(operationCase);
      expectSameSchema({ catalog: known.new.catalog, data: new Map() }, actual);
      await expectNothingLost(plain, actual, { operationCase, old: old.catalog, new: known.new.catalog, ...journals });
      await expectNoHelpers(migrated);
      await migrated.assertQuiet();
    });
  }
});

async function expectNoRows({ noRows }: OperationCase): Promise<void> {
  const { migrated } = databases;
  if (noRows === null) return;
  const { rows } = await migrated.client.query<Record<string, unknown>>(noRows);
  if (rows.length > 0)
    expect.fail(`There are rows that must not be there: ${JSON.stringify(rows.slice(0, 5))}\n  ${noRows}`);
}
