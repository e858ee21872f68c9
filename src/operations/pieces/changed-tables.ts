/**
 * The tables that change along with a statement: ON DELETE and ON UPDATE actions of foreign keys, and what these in
 * their turn set off.
 */
import { foreignKeysTo } from '../../catalog/lookup.ts';
import { objectKey, type Catalog, type ForeignKeyAction, type ObjectKey, type Table } from '../../catalog/model.ts';
import type { DataStatement } from './data-statement.ts';

type Change = { readonly table: Table; /** Null: rows are deleted. */ readonly columns: ReadonlySet<string> | null };

const acts: ReadonlySet<ForeignKeyAction> = new Set<ForeignKeyAction>(['cascade', 'set null', 'set default']);

/** With the foreign key through which each is changed. */
export function tablesChangedThrough(
  statement: {
    readonly statement: Pick<DataStatement, 'command'>;
    readonly family: readonly Table[];
    readonly assigned: ReadonlySet<string>;
  },
  catalog: Catalog,
): ReadonlyMap<ObjectKey, string> {
  const found = new Map<ObjectKey, string>();
  const columns = statement.statement.command === 'delete' ? null : statement.assigned;
  const open: Change[] = statement.family.map((table) => ({ table, columns }));
  const seen = new Set<string>();
  for (let change = open.pop(); change !== undefined; change = open.pop()) {
    const key = JSON.stringify([objectKey(change.table), change.columns === null ? null : [...change.columns]]);
    if (seen.has(key)) continue;
    seen.add(key);
    const { columns: changed } = change;
    for (const { table, constraint } of foreignKeysTo(catalog, change.table)) {
      const { references } = constraint;
      if (references === null) continue;
      const action = changed === null ? references.onDelete : references.onUpdate;
      const concerned = changed === null || references.columns.some((column) => changed.has(column));
      if (!concerned || !acts.has(action)) continue;
      found.set(objectKey(table), constraint.name);
      open.push({ table, columns: changed === null && action === 'cascade' ? null : new Set(constraint.columns) });
    }
  }
  return found;
}
