/** What a rule asks of a statement about rows: whether it means all of them, and how it reads for one batch. */
import { keyForBackfill } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import type { RelationName } from '../operations/change.ts';
import type { SqlStatement, StatementNode } from '../sql/parse.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import { columnReferences, visit } from '../sql/walk.ts';
import { words } from './sql-text.ts';

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

type Where = NonNullable<Extract<StatementNode, { UpdateStmt: unknown }>['UpdateStmt']['whereClause']>;

function whereOf(node: StatementNode): Where | undefined {
  if ('UpdateStmt' in node) return node.UpdateStmt.whereClause;
  return 'DeleteStmt' in node ? node.DeleteStmt.whereClause : undefined;
}

/** Whether it names other tables beside its own (FROM, USING); queries inside of it are none. */
export function joinsOthers({ node }: SqlStatement): boolean {
  if ('UpdateStmt' in node) return (node.UpdateStmt.fromClause ?? []).length > 0;
  return 'DeleteStmt' in node && (node.DeleteStmt.usingClause ?? []).length > 0;
}

/**
 * A statement about all rows, for the first batch of them: from one key to the next where the key is a number, else so many
 * of them. `id` where nothing is known.
 */
export function firstBatch(statement: string, written: RelationName, table: Table | null): string {
  const found = (table === null ? null : keyForBackfill(table))?.[0];
  const key = identifier(found?.name ?? 'id');
  const condition = words(statement).find(({ text, depth }) => text === 'WHERE' && depth === 0);
  const allRows = raw(statement.slice(0, condition?.start).trimEnd());
  return found === undefined || /^(?:smallint|integer|bigint|numeric)/.test(found.type)
    ? sql`${allRows} WHERE ${key} >= 1 AND ${key} < 10001`.text
    : sql`${allRows} WHERE ${key} IN (SELECT ${key} FROM ${qualified(written)} ORDER BY ${key} LIMIT 10000)`.text;
}

/** True for an UPDATE or DELETE of the one row with a given key: `WHERE id = 5`, with a key that is known or called id. */
export function constantKey({ node }: SqlStatement, table: Table | null): boolean {
  const where = whereOf(node);
  if (where === undefined || !('A_Expr' in where)) return false;
  const comparison = where.A_Expr;
  const [operator] = comparison.name ?? [];
  const isEqual =
    comparison.kind === 'AEXPR_OP' && operator !== undefined && 'String' in operator && operator.String.sval === '=';
  const sides = [comparison.lexpr, comparison.rexpr].filter((side) => side !== undefined);
  const column = sides.flatMap((side) => columnReferences(side))[0]?.column;
  const isConstant = sides.some((side) => 'A_Const' in side || 'ParamRef' in side || 'TypeCast' in side);
  if (!isEqual || !isConstant || column === undefined) return false;
  const key = table === null ? null : keyForBackfill(table);
  return key === null ? column === 'id' : key.length === 1 && key[0]?.name === column;
}
