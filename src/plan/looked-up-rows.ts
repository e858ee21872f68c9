/**
 * Whether a statement that makes a foreign key, or makes one anew with another type, has rows to look up: those of a table
 * without rows refer to nothing, and then the table on the other side is locked, but not read (RI_Initial_Check).
 */
import { foreignKeysTo, resolveTable, sameName } from '../catalog/lookup.ts';
import type { Catalog, QualifiedName } from '../catalog/model.ts';
import type { Change, ChangeOf } from '../operations/change.ts';

type KeyMade = ChangeOf<'add_foreign_key'> | ChangeOf<'alter_column_type'>;

export function isKeyMade(change: Change): change is KeyMade {
  return change.kind === 'add_foreign_key' || change.kind === 'alter_column_type';
}

export function looksUpRows(change: Change, catalog: Catalog, isEmpty: (table: QualifiedName) => boolean): boolean {
  if (!isKeyMade(change)) return false;
  const table = resolveTable(catalog, change.table);
  if (table === null) return false;
  // Of a column that changes its type the keys that point to it are made anew, too.
  const owners = change.kind === 'alter_column_type' ? foreignKeysTo(catalog, table).map((key) => key.table) : [];
  return [table, ...owners.filter((owner) => !sameName(owner, table))].some((owner) => !isEmpty(owner));
}
