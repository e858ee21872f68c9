/**
 * Which columns of its own table an expression of the catalog names.
 *
 * Guarantee: never too few, but for a whole row (`f(t.*)`): Postgres does not count that as a use of each column either,
 * and drops a column from under it (measured on 14–18). A text that does not parse counts as a use of every column. An
 * expression that holds a subquery may count a column of the same name that belongs to another table.
 */

import { MigrateError } from '../errors.ts';
import { parseExpression } from '../sql/parse.ts';
import { columnReferences } from '../sql/walk.ts';
import type { ColumnReference } from '../sql/walk.ts';

/** Null: it cannot be read, and may use anything. */
export function expressionColumns(expression: string, tableName: string): readonly string[] | null {
  const found = references(expression);
  if (found === null) return null;
  // Old and new are the names of the row in conditions of triggers and rules.
  const own = found.filter(
    ({ table, column }) =>
      column !== '*' && (table === undefined || table === tableName || table === 'old' || table === 'new'),
  );
  return [...new Set(own.map(({ column }) => column))];
}

export function expressionUses(expression: string | null, column: string, tableName: string): boolean {
  if (expression === null) return false;
  const columns = expressionColumns(expression, tableName);
  return columns === null || columns.includes(column);
}

function references(expression: string): readonly ColumnReference[] | null {
  try {
    return columnReferences(parseExpression(expression));
  } catch (error) {
    // Written for a server whose grammar ours does not know.
    if (error instanceof MigrateError && error.code === 'SYNTAX_ERROR') return null;
    throw error;
  }
}
