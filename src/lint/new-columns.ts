/** The columns that a statement makes, for rules about how a column should look. */
import type { ChangeOf, ColumnSpec } from '../operations/change.ts';

/** None of a temporary table, which is gone at the end, and of a foreign one, whose types are those of its server. */
export function newColumns(change: ChangeOf<'create_table' | 'add_column'>): readonly ColumnSpec[] {
  if (change.kind === 'add_column') return [change.column];
  return change.persistence === 'temporary' || change.foreign ? [] : change.columns;
}

/** `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
