/**
 * Which columns an expression of the catalog uses.
 *
 * Guarantee: never too few. A whole row (`t.*`) counts as every column, and so does a text that does not parse. An
 * expression that holds a subquery may count a column of the same name that belongs to another table.
 */

import { MigrateError } from '../errors.ts';
import { parseExpression } from '../sql/parse.ts';
import { columnReferences } from '../sql/walk.ts';

/** Names of columns; `*` stands for every column. */
export function expressionColumns(expression: string, tableName: string): readonly string[] {
  const own = references(expression).filter(
    ({ table }) => table === undefined || table === tableName || table === 'old' || table === 'new', // trigger conditions
  );
  // `f(users)` passes the whole row of users; without a catalog of scopes the name alone decides.
  return [...new Set(own.map(({ table, column }) => (table === undefined && column === tableName ? '*' : column)))];
}

export function expressionUses(expression: string | null, column: string, tableName: string): boolean {
  if (expression === null) return false;
  const columns = expressionColumns(expression, tableName);
  return columns.includes(column) || columns.includes('*');
}

function references(expression: string): readonly { readonly table?: string; readonly column: string }[] {
  try {
    return columnReferences(parseExpression(expression));
  } catch (error) {
    // Written for a server whose grammar ours does not know: it may use anything.
    if (error instanceof MigrateError && error.code === 'SYNTAX_ERROR') return [{ column: '*' }];
    throw error;
  }
}
