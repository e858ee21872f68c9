/**
 * A backfill as the one statement it amounts to, for people. The runner never sends this text: it cuts the rows into
 * batches. Its parts are SQL already; only names are quoted here.
 */
import type { BackfillRun } from '../operations/step-draft.ts';
import { identifier, join, qualified, raw, sql } from '../sql/template.ts';

export function backfillSql(run: BackfillRun): string {
  const table = run.alias === null ? qualified(run.table) : sql`${qualified(run.table)} AS ${identifier(run.alias)}`;
  const conditions = [run.where, run.guard].filter((condition) => condition !== null);
  const where =
    conditions.length === 0
      ? raw('')
      : sql` WHERE ${join(
          conditions.map((condition) => raw(conditions.length > 1 ? `(${condition})` : condition)),
          ' AND ',
        )}`;
  if (run.command === 'delete') return sql`DELETE FROM ${table}${where}`.text;
  const assignments = run.set.map(({ column, expression }) => sql`${identifier(column)} = ${raw(expression)}`);
  return sql`UPDATE ${table} SET ${join(assignments)}${where}`.text;
}
