/** What a proof demands of a database at its end. */
import { expect } from 'vitest';
import { describeDifference, diffCatalogs } from '../../../src/catalog/diff.ts';
import { expressionUses } from '../../../src/catalog/expression-columns.ts';
import { objectKey, type Catalog, type Table } from '../../../src/catalog/model.ts';
import { qualifiedName } from '../../../src/sql/identifier.ts';
import type { CaseDatabase } from './case-database.ts';
import type { OperationCase } from './case-file.ts';
import { runPlainly, type Outcome } from './plain-run.ts';
import { describeDataDifferences, differingColumns, type DataOptions } from './table-data.ts';

/** `except` holds paths that may differ. */
export function expectSameSchema(expected: Outcome, actual: Outcome, except: ReadonlySet<string> = new Set()): void {
  const differences = diffCatalogs(expected.catalog, actual.catalog, { except: ({ path }) => except.has(path) });
  none('The schema is not as expected', differences.map(describeDifference));
}

export function expectSameData(expected: Outcome, actual: Outcome, options: DataOptions = {}): void {
  none('The data are not as expected', describeDataDifferences(expected.data, actual.data, options));
}

/**
 * The same data as after the plain SQL. Only when something differs, the plain SQL is run once more, to find the columns
 * in which it differs from itself: the clock, random values. `presenceOnly` names more of them.
 */
export async function expectDataOfPlainRun(
  expected: Outcome,
  actual: Outcome,
  plain: CaseDatabase,
  operationCase: OperationCase,
  presenceOnly: ReadonlySet<string> = new Set(),
): Promise<void> {
  if (describeDataDifferences(expected.data, actual.data).length === 0) return;
  const again = await runPlainly(plain, operationCase);
  const volatile = differingColumns(expected.data, again.data);
  expectSameData(expected, actual, { presenceOnly: new Set([...volatile, ...presenceOnly]) });
}

/**
 * Columns that a sequence numbers, and those computed from them: a transaction that is rolled back leaves a gap, however
 * often the SQL is run.
 */
export function numberedColumns({ catalog }: Outcome): ReadonlySet<string> {
  return new Set(
    [...catalog.tables.values()].flatMap((table) => {
      const numbered = table.columns.filter(
        (column) => column.identity !== null || column.default?.includes('nextval(') === true,
      );
      const computed = table.columns.filter(({ generated }) =>
        numbered.some(({ name }) => generated !== null && expressionUses(generated.expression, name, table.name)),
      );
      return [...numbered, ...computed].map((column) => `${qualifiedName(table)}.${column.name}`);
    }),
  );
}

/** Helper functions live in the ledger's schema, where the comparison of schemas does not look. */
export async function expectNoHelpers({ client }: CaseDatabase): Promise<void> {
  const { rows } = await client.query<{ helper: string }>(
    `select oid::regprocedure::text as helper from pg_proc
      where pronamespace = (select oid from pg_namespace where nspname = 'onward') and proname like 'onward\\_%'`,
  );
  none(
    'Helper functions are left',
    rows.map(({ helper }) => helper),
  );
}

/** A case names them as people do, `users.email`; the comparison by their full and quoted names. */
export function keptColumns(catalog: Catalog, keepsData: OperationCase['keepsData']): ReadonlySet<string> {
  const kept = new Set<string>();
  const unknown = new Set(keepsData.keys());
  for (const table of catalog.tables.values()) {
    for (const column of table.columns) {
      // The rows of a table are in its partitions.
      for (const { schema, name } of [table, ...tablesAbove(table, catalog)])
        for (const written of [`${name}.${column.name}`, `${schema}.${name}.${column.name}`]) {
          if (!keepsData.has(written)) continue;
          unknown.delete(written);
          kept.add(`${qualifiedName(table)}.${column.name}`);
        }
    }
  }
  expect([...unknown], 'columns of "keeps data" that do not exist').toEqual([]);
  return kept;
}

function tablesAbove({ partitionOf }: Table, catalog: Catalog): readonly Table[] {
  const above = partitionOf === null ? undefined : catalog.tables.get(objectKey(partitionOf.parent));
  return above === undefined ? [] : [above, ...tablesAbove(above, catalog)];
}

function none(problem: string, found: readonly string[]): void {
  expect(found.length, `${problem}:\n  ${found.join('\n  ')}`).toBe(0);
}
