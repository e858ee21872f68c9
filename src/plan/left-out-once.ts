/**
 * A column that goes stays in its unique keys until contract. A version that does not know it any more leaves it out, and
 * the second row that does so stands in the key already: the server takes one default, or with NULLS NOT DISTINCT one NULL.
 */
import { indexUses } from '../catalog/edit.ts';
import type { Catalog, Column, Table } from '../catalog/model.ts';
import { expressionVolatility } from '../operations/pieces/expression-volatility.ts';
import { parseExpression } from '../sql/parse.ts';

/** Whether rows without a value in it would have the same one. Keys over further columns may hold them apart, which nobody promises. */
export function isLeftOutOnce(table: Table, column: Column, catalog: Catalog): boolean {
  if (column.identity !== null || column.generated !== null) return false;
  const keys = table.indexes.filter((index) => index.unique && indexUses(index, column.name, table.name));
  if (column.default === null || isNull(column.default)) return keys.some((index) => index.nullsNotDistinct);
  return keys.length > 0 && expressionVolatility(parseExpression(column.default), catalog) === 'not volatile';
}

function isNull(expression: string): boolean {
  const node = parseExpression(expression);
  const value = 'TypeCast' in node ? node.TypeCast.arg : node;
  return value !== undefined && 'A_Const' in value && value.A_Const.isnull === true;
}
