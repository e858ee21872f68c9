/**
 * Catalogs in which a schema, a type, a function or an index has another name, with everything that mentions it; built on
 * the renames of single relations in the catalog's own layer.
 */
import { renameIndex, renameSequence, renameTable, renameView } from '../../catalog/rename.ts';
import { relationExists, sameName } from '../../catalog/lookup.ts';
import { functionKey, objectKey } from '../../catalog/model.ts';
import type { Catalog, Index, QualifiedName, SchemaObject, Table, View } from '../../catalog/model.ts';
import { mapArray, mapValues } from '../../catalog/sharing.ts';
import { quoteIdentifier } from '../../sql/identifier.ts';

/** The schema and everything in it. The search path of whoever looks does not follow, as in Postgres. */
export function withRenamedSchema(catalog: Catalog, from: string, to: string): Catalog {
  const schema = catalog.schemas.get(from);
  if (schema === undefined || catalog.schemas.has(to)) return catalog;
  const schemas = new Map<string, SchemaObject>(catalog.schemas);
  schemas.delete(from);
  schemas.set(to, { ...schema, name: to });
  const inside = <T extends QualifiedName>(items: Iterable<T>): readonly T[] =>
    [...items].filter((item) => item.schema === from);
  const moved = (item: QualifiedName): QualifiedName => ({ schema: to, name: item.name });
  let now: Catalog = { ...catalog, schemas };
  for (const table of inside(now.tables.values())) now = renameTable(now, table, moved(table));
  for (const view of inside(now.views.values())) now = renameView(now, view, moved(view));
  // A table's own sequences have moved with it; what is left stands alone.
  for (const sequence of inside(now.sequences.values())) now = renameSequence(now, sequence, moved(sequence));
  for (const type of inside(now.types.values())) now = withRenamedType(now, type, moved(type));
  for (const one of inside(now.functions.values())) now = withRenamedFunction(now, one, one.argumentTypes, moved(one));
  return now;
}

/** A type; columns of it, and arrays of it, are shown under the new name. */
export function withRenamedType(catalog: Catalog, from: QualifiedName, to: QualifiedName): Catalog {
  const type = catalog.types.get(objectKey(from));
  if (type === undefined || catalog.types.has(objectKey(to))) return catalog;
  const types = new Map(catalog.types);
  types.delete(objectKey(from));
  types.set(objectKey(to), { ...type, schema: to.schema, name: to.name });
  const bare = quoteIdentifier(from.name);
  const full = `${quoteIdentifier(from.schema)}.${bare}`;
  const newBare = quoteIdentifier(to.name);
  const newFull = `${quoteIdentifier(to.schema)}.${newBare}`;
  const spelling = (spelled: string): string => {
    const base = spelled.replace(/(\[\])+$/, '');
    const array = spelled.slice(base.length);
    if (base === full) return newFull + array;
    if (base !== bare) return spelled;
    return (from.schema === to.schema ? newBare : newFull) + array;
  };
  return {
    ...catalog,
    types,
    tables: mapValues(catalog.tables, (table) => {
      const columns = mapArray(table.columns, (column) => {
        const shown = spelling(column.type);
        return shown === column.type ? column : { ...column, type: shown };
      });
      return columns === table.columns ? table : { ...table, columns };
    }),
  };
}

/** A function, procedure or aggregate; with `argumentTypes` null whatever its arguments. Triggers call it by its new name. */
export function withRenamedFunction(
  catalog: Catalog,
  from: QualifiedName,
  argumentTypes: string | null,
  to: QualifiedName,
): Catalog {
  const name = { schema: to.schema, name: to.name };
  const functions = new Map(catalog.functions);
  for (const [key, value] of catalog.functions) {
    if (!sameName(value, from) || (argumentTypes !== null && value.argumentTypes !== argumentTypes)) continue;
    functions.delete(key);
    functions.set(functionKey(name, value.argumentTypes), { ...value, ...name });
  }
  const calls = <T extends Table | View>(relation: T): T => {
    const triggers = mapArray(relation.triggers, (trigger) =>
      sameName(trigger.function, from) ? { ...trigger, function: name } : trigger,
    );
    return triggers === relation.triggers ? relation : { ...relation, triggers };
  };
  return { ...catalog, functions, tables: mapValues(catalog.tables, calls), views: mapValues(catalog.views, calls) };
}

/** An index, with the constraint that it stands behind and the partitions' indexes that are attached to it. */
export function withRenamedIndex(catalog: Catalog, from: QualifiedName, to: string): Catalog {
  if (!relationExists(catalog, from)) return catalog;
  const renamed = renameIndex(catalog, from, to);
  if (renamed === catalog) return catalog;
  const attached = (index: Index): Index =>
    index.partitionOf !== null && sameName(index.partitionOf, from)
      ? { ...index, partitionOf: { schema: from.schema, name: to } }
      : index;
  return {
    ...renamed,
    tables: mapValues(renamed.tables, (table) => {
      const indexes = mapArray(table.indexes, attached);
      return indexes === table.indexes ? table : { ...table, indexes };
    }),
  };
}
