/** What a rule asks of a statement about rows: whether it means all of them, and how it reads for one batch. */
import { keyForBackfill } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import type { SqlStatement, StatementNode } from '../sql/parse.ts';
import { identifier, raw, sql } from '../sql/template.ts';
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

/** A statement about all rows, for the first batch of them: from one key to the next. `id` where nothing is known. */
export function firstBatch(statement: string, table: Table | null): string {
  const key = identifier((table === null ? null : keyForBackfill(table))?.[0]?.name ?? 'id');
  const allRows = raw(statement.replace(/\bWHERE\b[\s\S]*$/i, '').trimEnd());
  return sql`${allRows} WHERE ${key} >= 1 AND ${key} < 10001`.text;
}
