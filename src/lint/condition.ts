/** What a rule asks of a WHERE clause, and of the key by which rows can be taken in batches. */
import { keyForBackfill } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import { parseExpression } from '../sql/parse.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import { visit } from '../sql/walk.ts';

/** No condition, or one that looks at no column: `true`, `1 = 1`. */
export function isAlwaysTrue(where: string | null): boolean {
  if (where === null) return true;
  let looks = false;
  visit(parseExpression(where), (tag) => {
    if (tag === 'ColumnRef' || tag === 'SubLink' || tag === 'FuncCall' || tag === 'CurrentOfExpr') looks = true;
  });
  return !looks && !/\bfalse\b/i.test(where);
}

/** The first column of the key to walk along, as SQL; `id` where nothing is known. */
export function keyOf(table: Table | null): string {
  const key = table === null ? null : keyForBackfill(table);
  return quoteIdentifier(key?.[0]?.name ?? 'id');
}
