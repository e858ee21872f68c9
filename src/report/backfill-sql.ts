/**
 * A backfill as the one statement it amounts to, for people. The runner never sends this text: it cuts the rows into
 * batches. Its parts are SQL already; only names are quoted here.
 */
import type { BackfillRun } from '../operations/step-draft.ts';
import { identifier, join, qualified, raw, sql, type SqlFragment } from '../sql/template.ts';

export function backfillSql(run: BackfillRun): string {
  if (run.insert !== undefined) return run.insert.statement;
  const from = run.beside?.from ?? [];
  const queries = [...onceQuery(run), ...(run.beside?.with ?? [])];
  const list = (parts: readonly string[]): SqlFragment => join(parts.map((part) => raw(part)));
  const table = run.alias === null ? qualified(run.table) : sql`${qualified(run.table)} AS ${identifier(run.alias)}`;
  const conditions = [run.where, run.guard].filter((condition) => condition !== null);
  const where =
    conditions.length === 0
      ? raw('')
      : sql` WHERE ${join(
          conditions.map((condition) => raw(conditions.length > 1 ? `(${condition})` : condition)),
          ' AND ',
        )}`;
  const first = queries.length === 0 ? raw('') : sql`WITH ${list(queries)} `;
  if (run.command === 'delete') {
    const using = from.length === 0 ? raw('') : sql` USING ${list(from)}`;
    return sql`${first}DELETE FROM ${table}${using}${where}`.text;
  }
  const assignments = run.set.map(({ column, expression }) => sql`${identifier(column)} = ${raw(expression)}`);
  const others = from.length === 0 ? raw('') : sql` FROM ${list(from)}`;
  return sql`${first}UPDATE ${table} SET ${join(assignments)}${others}${where}`.text;
}

/** What it works out once, as the query that the statement reads. */
function onceQuery({ once = [] }: BackfillRun): readonly string[] {
  if (once.length === 0) return [];
  const values = once.map(({ column, query }) => sql`${raw(query)} AS ${identifier(column)}`);
  return [sql`onward_once AS (SELECT ${join(values)})`.text];
}
