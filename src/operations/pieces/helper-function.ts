/**
 * Trigger functions of ours. They live in the ledger's schema, run with the rights of whoever writes the row, name no
 * variables (a variable that is called like a column fails at the first production write), and pin their search_path to
 * the one the migration was written for, so that a caller's own setting cannot change what an expression means.
 */
import type { Catalog, QualifiedName } from '../../catalog/model.ts';
import { dollarQuote } from '../../sql/identifier.ts';
import { identifier, join, qualified, raw, sql } from '../../sql/template.ts';

/** The schema of the ledger and of every helper function. */
export const ledgerSchema = 'onward';

/** `CREATE FUNCTION` of a row trigger whose body is these statements, then `RETURN NEW`. */
export function helperFunction(catalog: Catalog, name: QualifiedName, statements: readonly string[]): string {
  const body = [
    '#variable_conflict use_column',
    'BEGIN',
    ...statements.map((statement) => `  ${statement};`),
    '  RETURN NEW;',
    'END',
  ].join('\n');
  const path = join([raw('pg_catalog'), ...catalog.searchPath.map(identifier), raw('pg_temp')]);
  return sql`CREATE OR REPLACE FUNCTION ${qualified(name)}() RETURNS trigger LANGUAGE plpgsql SET search_path = ${path} AS ${raw(dollarQuote(`\n${body}\n`, name.name))}`
    .text;
}
