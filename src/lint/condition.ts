/** What a rule asks of a WHERE clause, and of the key by which rows can be taken in batches. */
import { keyForBackfill } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import type { SqlStatement, StatementNode } from '../sql/parse.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import { visit } from '../sql/walk.ts';

/** An UPDATE or DELETE without a condition, or with one that looks at no column: `true`, `1 = 1`. */
export function meansAllRows({ node }: SqlStatement): boolean {
  const where = whereOf(node);
  if (where === undefined) return 'UpdateStmt' in node || 'DeleteStmt' in node;
  let looks = false;
  visit(where, (tag, fields) => {
    if (tag === 'ColumnRef' || tag === 'SubLink' || tag === 'FuncCall' || tag === 'CurrentOfExpr') looks = true;
    // `WHERE false` means no row; the parser leaves out what is false.
    if (tag === 'A_Const' && 'boolval' in fields && JSON.stringify(fields['boolval']) === '{}') looks = true;
  });
  return !looks;
}

function whereOf(node: StatementNode): unknown {
  if ('UpdateStmt' in node) return node.UpdateStmt.whereClause;
  return 'DeleteStmt' in node ? node.DeleteStmt.whereClause : undefined;
}

/** The first column of the key to walk along, as SQL; `id` where nothing is known. */
export function keyOf(table: Table | null): string {
  const key = table === null ? null : keyForBackfill(table);
  return quoteIdentifier(key?.[0]?.name ?? 'id');
}
