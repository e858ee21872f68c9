/**
 * A column that a file adds, works with and drops again. In contract it would be NOT NULL for the moment between the two,
 * and the new version, which never hears of it, could not insert a row. As it is filled by then and goes, the rule decides
 * nothing and is left out.
 */
import type { Change, ChangeOf } from '../operations/change.ts';
import { columnSql } from '../operations/pieces/column-sql.ts';
import { relationSql } from '../operations/pieces/relation-sql.ts';
import type { PlanDirectives } from '../operations/operation.ts';
import { sql } from '../sql/template.ts';

type InFile = { readonly change: Change; readonly directives: PlanDirectives };

/** The changes that are planned in place of those written. */
export function withoutShortLivedRules(inFile: readonly InFile[]): ReadonlyMap<Change, Change> {
  const found = new Map<Change, Change>();
  for (const [position, { change, directives }] of inFile.entries()) {
    if (change.kind !== 'add_column' || !change.column.notNull || directives.using === null) continue;
    if (inFile.slice(position + 1).some((later) => drops(later.change, change))) found.set(change, withoutRule(change));
  }
  return found;
}

function withoutRule(change: ChangeOf<'add_column'>): Change {
  const column = { ...change.column, notNull: false };
  const add = sql`ALTER TABLE ${relationSql(change.table)} ADD COLUMN ${columnSql(column)}`;
  return { ...change, sql: add.text, column };
}

function drops(later: Change, { table, column }: ChangeOf<'add_column'>): boolean {
  return (
    later.kind === 'drop_column' &&
    later.column === column.name &&
    later.table.name === table.name &&
    later.table.schema === table.schema
  );
}
