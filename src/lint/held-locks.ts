/**
 * The locks that a transaction holds at one point of a file, as far as others wait for them: on tables in use, in modes
 * that block writes at least. They last to its end, whatever it does meanwhile; a statement by itself holds those of its
 * earlier commands.
 */
import { sameName } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type QualifiedName } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { effectsOf } from '../operations/index.ts';
import { blocksWrites, type LockMode } from '../postgres/lock-mode.ts';

export type HeldLock = {
  readonly table: QualifiedName;
  readonly mode: LockMode;
  /** What took it. */
  readonly by: Change;
};

/** What is held after the change; the catalogs are those before and after it. */
export function locksAfter(
  held: readonly HeldLock[],
  change: Change,
  before: Catalog,
  after: Catalog,
  isNew: (table: QualifiedName) => boolean,
): readonly HeldLock[] {
  const taken = effectsOf(change, before).locks.filter(({ table, mode }) => blocksWrites(mode) && !isNew(table));
  const renamed = change.kind === 'rename_object' ? renaming(before, after) : (table: QualifiedName) => table;
  return [...held, ...taken.map(({ table, mode }) => ({ table, mode, by: change }))]
    .map((lock) => ({ ...lock, table: renamed(lock.table) }))
    .filter(({ table }) => change.kind !== 'drop_table' || after.tables.has(objectKey(table)));
}

/** Whichever table is there now and was not before is the one that moved. */
function renaming(before: Catalog, after: Catalog): (table: QualifiedName) => QualifiedName {
  const gone = [...before.tables].find(([key]) => !after.tables.has(key))?.[1];
  const come = [...after.tables].find(([key]) => !before.tables.has(key))?.[1];
  if (gone === undefined || come === undefined) return (table) => table;
  return (table) => (sameName(table, gone) ? { schema: come.schema, name: come.name } : table);
}
