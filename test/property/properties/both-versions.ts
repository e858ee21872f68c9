/** An old and a new version of the application write all the time: no statement fails and nothing is lost. */
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import type { OperationCase } from '../../operations/harness/case-file.ts';
import { expectNothingLost } from '../../operations/harness/client-outcome.ts';
import { expectNoHelpers, expectSameSchema } from '../../operations/harness/expectations.ts';
import { readKnownSchema } from '../../operations/harness/known-schema.ts';
import { outcomeOf, sendPlainly } from '../../operations/harness/plain-run.ts';
import {
  migrateUnderTraffic,
  RefusedByRows,
  type Journals,
  possibleProgram,
} from '../../operations/harness/traffic.ts';
import type { Lab, Tried } from './tried-case.ts';

export async function bothVersions(
  { plain, migrated }: Lab,
  { operationCase, plan, plain: expected }: Tried,
): Promise<void> {
  if (expected === null || plan === null) return;
  await plain.prepare(operationCase);
  const old = await readKnownSchema(plain);
  await sendPlainly(plain, operationCase);
  const known = { old, new: await readKnownSchema(plain) };
  const programs = {
    old: possibleProgram('old', operationCase, known),
    new: possibleProgram('new', operationCase, known),
  };
  const journals = await migrateUnderTraffic(migrated, operationCase, programs, { mustWrite: false }).catch(
    async (error: unknown) => {
      if (error instanceof RefusedByRows && (await isRefusedPlainly(plain, operationCase, error.journals))) return null;
      throw error;
    },
  );
  if (journals === null) return;
  const actual = await outcomeOf(migrated);
  expectSameSchema({ catalog: known.new.catalog, data: new Map() }, actual);
  await expectNothingLost(plain, actual, { operationCase, old: old.catalog, new: known.new.catalog, ...journals });
  await expectNoHelpers(migrated);
  await migrated.assertQuiet();
}

/** Rows that the old version wrote can stand in the way of the plain SQL as well. */
async function isRefusedPlainly(
  plain: CaseDatabase,
  operationCase: OperationCase,
  { oldJournal }: Journals,
): Promise<boolean> {
  await plain.prepare(operationCase);
  await plain.client.query(oldJournal.join(';\n'));
  return sendPlainly(plain, operationCase).then(
    () => false,
    () => true,
  );
}
