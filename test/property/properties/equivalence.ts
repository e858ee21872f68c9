/** Expand, backfill and contract end in the same schema and the same data as the plain SQL. */
import {
  expectDataOfPlainRun,
  expectNoHelpers,
  expectSameSchema,
  numberedColumns,
} from '../../operations/harness/expectations.ts';
import { runAllPhases } from '../../operations/harness/lifecycle.ts';
import { outcomeOf } from '../../operations/harness/plain-run.ts';
import type { Lab, Tried } from './tried-case.ts';

export async function equivalence(
  { plain, migrated }: Lab,
  { operationCase, plan, plain: expected }: Tried,
): Promise<void> {
  if (expected === null) return;
  await runAllPhases(migrated, operationCase, plan);
  const actual = await outcomeOf(migrated);
  expectSameSchema(expected, actual);
  // Serial numbers go by the order in which rows are written, which is ours to choose.
  await expectDataOfPlainRun(expected, actual, plain, operationCase, numberedColumns(expected));
  await expectNoHelpers(migrated);
}
