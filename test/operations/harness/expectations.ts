/** What a proof demands of a database at its end. */
import { expect } from 'vitest';
import { describeDifference, diffCatalogs } from '../../../src/catalog/diff.ts';
import type { CaseDatabase } from './case-database.ts';
import type { OperationCase } from './case-file.ts';
import { runPlainly, type Outcome } from './plain-run.ts';
import { describeDataDifferences, differingColumns, type DataOptions } from './table-data.ts';

export function expectSameSchema(expected: Outcome, actual: Outcome): void {
  expect(diffCatalogs(expected.catalog, actual.catalog).map(describeDifference)).toEqual([]);
}

export function expectSameData(expected: Outcome, actual: Outcome, options: DataOptions = {}): void {
  expect(describeDataDifferences(expected.data, actual.data, options)).toEqual([]);
}

/**
 * The same data as after the plain SQL. Only when something differs, the plain SQL is run once more, to find the columns
 * in which it differs from itself: the clock, random values.
 */
export async function expectDataOfPlainRun(
  expected: Outcome,
  actual: Outcome,
  plain: CaseDatabase,
  operationCase: OperationCase,
): Promise<void> {
  if (describeDataDifferences(expected.data, actual.data).length === 0) return;
  const again = await runPlainly(plain, operationCase);
  expectSameData(expected, actual, { presenceOnly: differingColumns(expected.data, again.data) });
}

/** Helper functions live in the ledger's schema, where the comparison of schemas does not look. */
export async function expectNoHelpers({ client }: CaseDatabase): Promise<void> {
  const { rows } = await client.query<{ helper: string }>(
    `select oid::regprocedure::text as helper from pg_proc
      where pronamespace = (select oid from pg_namespace where nspname = 'onward') and proname like 'onward\\_%'`,
  );
  expect(rows.map(({ helper }) => helper)).toEqual([]);
}
