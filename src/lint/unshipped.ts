/**
 * What the files under review have made so far, so that no lock is reported on what nobody uses yet: tables, columns,
 * and the names under which the running application still knows a table that they rename.
 */
import { resolveName, resolveTable } from '../catalog/lookup.ts';
import { objectKey, type Catalog, type QualifiedName } from '../catalog/model.ts';
import type { Change, RelationName } from '../operations/change.ts';

export type Unshipped = {
  readonly tables: ReadonlySet<string>;
  readonly columns: ReadonlySet<string>;
  /** Name now → name in the running application. */
  readonly formerNames: ReadonlyMap<string, QualifiedName>;
};

export const nothingUnshipped: Unshipped = { tables: new Set(), columns: new Set(), formerNames: new Map() };

function columnKey(table: QualifiedName, column: string): string {
  return JSON.stringify([table.schema, table.name, column]);
}

function nameOf(catalog: Catalog, written: RelationName): QualifiedName {
  return resolveTable(catalog, written) ?? resolveName(catalog, written);
}

export function isNewTable(unshipped: Unshipped, catalog: Catalog, written: RelationName): boolean {
  const table = resolveTable(catalog, written);
  // A temporary table is this session's own.
  if (table?.persistence === 'temporary') return true;
  return unshipped.tables.has(objectKey(table ?? resolveName(catalog, written)));
}

export function isNewColumn(unshipped: Unshipped, catalog: Catalog, written: RelationName, column: string): boolean {
  return isNewTable(unshipped, catalog, written) || unshipped.columns.has(columnKey(nameOf(catalog, written), column));
}

export function shippedName(unshipped: Unshipped, catalog: Catalog, written: RelationName): RelationName {
  return unshipped.formerNames.get(objectKey(nameOf(catalog, written))) ?? written;
}

/** What is unshipped after the change; the catalogs are those before and after it. */
export function afterChange(unshipped: Unshipped, change: Change, before: Catalog, after: Catalog): Unshipped {
  switch (change.kind) {
    case 'create_table': {
      const name = resolveName(after, change.table);
      // IF NOT EXISTS on a table that is there makes nothing.
      if (before.tables.has(objectKey(name)) && change.ifNotExists) return unshipped;
      return { ...unshipped, tables: withKey(unshipped.tables, objectKey(name)) };
    }
    case 'create_object': {
      if (change.objectType !== 'materialized view') return unshipped;
      const name = resolveName(after, change.name);
      if (before.views.has(objectKey(name)) && change.ifNotExists) return unshipped;
      return { ...unshipped, tables: withKey(unshipped.tables, objectKey(name)) };
    }
    case 'add_column': {
      const table = nameOf(before, change.table);
      const known = before.tables.get(objectKey(table))?.columns.some(({ name }) => name === change.column.name);
      if (known === true) return unshipped;
      return { ...unshipped, columns: withKey(unshipped.columns, columnKey(table, change.column.name)) };
    }
    case 'rename_column': {
      const table = nameOf(before, change.table);
      if (!unshipped.columns.has(columnKey(table, change.from))) return unshipped;
      const columns = withoutKey(unshipped.columns, columnKey(table, change.from));
      return { ...unshipped, columns: withKey(columns, columnKey(table, change.to)) };
    }
    case 'drop_column':
      return {
        ...unshipped,
        columns: withoutKey(unshipped.columns, columnKey(nameOf(before, change.table), change.column)),
      };
    case 'drop_table':
      return {
        ...unshipped,
        tables: change.tables.reduce(
          (keys, table) => withoutKey(keys, objectKey(nameOf(before, table))),
          unshipped.tables,
        ),
      };
    case 'rename_object':
      return afterRename(unshipped, before, after);
    default:
      return unshipped;
  }
}

/** A rename, or a move to another schema: whichever table is there now and was not before is the one that moved. */
function afterRename(unshipped: Unshipped, before: Catalog, after: Catalog): Unshipped {
  const gone = [...before.tables.entries()].find(([key]) => !after.tables.has(key));
  const come = [...after.tables.entries()].find(([key]) => !before.tables.has(key));
  if (gone === undefined || come === undefined) return unshipped;
  const [oldKey, oldTable] = gone;
  const [newKey, newTable] = come;
  const isNew = unshipped.tables.has(oldKey);
  const formerNames = new Map(unshipped.formerNames);
  formerNames.delete(oldKey);
  if (!isNew)
    formerNames.set(newKey, unshipped.formerNames.get(oldKey) ?? { schema: oldTable.schema, name: oldTable.name });
  const columns = [...unshipped.columns].map((key) => {
    const column = oldTable.columns.find(({ name }) => columnKey(oldTable, name) === key);
    return column === undefined ? key : columnKey(newTable, column.name);
  });
  return {
    tables: isNew ? withKey(withoutKey(unshipped.tables, oldKey), newKey) : unshipped.tables,
    columns: new Set(columns),
    formerNames,
  };
}

function withKey(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys, key]);
}

function withoutKey(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  if (!keys.has(key)) return keys;
  return new Set([...keys].filter((other) => other !== key));
}
