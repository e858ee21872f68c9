/**
 * A catalog in which a relation, a schema or another object has a new name: with everything that refers to it, as Postgres,
 * which refers by number, would show it.
 *
 * Names that were made from the old one (orders_pkey) stay as they are. The text of definitions (of views, triggers,
 * functions) is left as it was written: it is only compared between catalogs of one source.
 */
import { functionKey, objectKey } from '../../catalog/model.ts';
import type { Catalog, Index, QualifiedName, SchemaObject, Table } from '../../catalog/model.ts';
import { mapValues } from '../../catalog/sharing.ts';

type Naming = (name: QualifiedName) => QualifiedName;

/** A table, view or sequence under another name, in another schema, or both. Its indexes and sequences move along. */
export function withRenamedRelation(catalog: Catalog, from: QualifiedName, to: QualifiedName): Catalog {
  const moved: Naming = (name) => (same(name, from) ? to : name);
  const table = catalog.tables.get(objectKey(from));
  const owned = [...catalog.sequences.values()].filter(({ ownedBy }) => ownedBy !== null && same(ownedBy.table, from));
  const indexes = (table?.indexes ?? catalog.views.get(objectKey(from))?.indexes ?? []).map((index) => index.name);
  const naming: Naming = (name) => {
    if (from.schema === to.schema) return moved(name);
    const along =
      owned.some((sequence) => same(sequence, name)) || (name.schema === from.schema && indexes.includes(name.name));
    return along ? { schema: to.schema, name: name.name } : moved(name);
  };
  return renameAll(catalog, naming, (name) => name);
}

/** Everything in a schema, and the schema itself. */
export function withRenamedSchema(catalog: Catalog, from: string, to: string): Catalog {
  const naming: Naming = (name) => (name.schema === from ? { schema: to, name: name.name } : name);
  const schemas = new Map<string, SchemaObject>();
  for (const [key, schema] of catalog.schemas) {
    if (key === from) schemas.set(to, { ...schema, name: to });
    else schemas.set(key, schema);
  }
  return renameAll({ ...catalog, schemas }, naming, naming);
}

/** A type; columns of it show the new name. */
export function withRenamedType(
  catalog: Catalog,
  from: QualifiedName,
  to: QualifiedName,
  spelling: (type: string) => string,
): Catalog {
  const type = catalog.types.get(objectKey(from));
  if (type === undefined) return catalog;
  const types = new Map(catalog.types);
  types.delete(objectKey(from));
  types.set(objectKey(to), { ...type, schema: to.schema, name: to.name });
  return {
    ...catalog,
    types,
    tables: mapValues(catalog.tables, (table) => ({
      ...table,
      columns: table.columns.map((column) => ({ ...column, type: spelling(column.type) })),
    })),
  };
}

/** A function, procedure or aggregate; triggers that call it call it by its new name. */
export function withRenamedFunction(
  catalog: Catalog,
  from: QualifiedName,
  argumentTypes: string | null,
  to: QualifiedName,
): Catalog {
  const functions = new Map(catalog.functions);
  for (const [key, value] of catalog.functions) {
    if (!same(value, from) || (argumentTypes !== null && value.argumentTypes !== argumentTypes)) continue;
    functions.delete(key);
    functions.set(functionKey(to, value.argumentTypes), { ...value, schema: to.schema, name: to.name });
  }
  const calls = <T extends { readonly function: QualifiedName }>(trigger: T): T =>
    same(trigger.function, from) ? { ...trigger, function: to } : trigger;
  return {
    ...catalog,
    functions,
    tables: mapValues(catalog.tables, (table) => ({ ...table, triggers: table.triggers.map(calls) })),
    views: mapValues(catalog.views, (view) => ({ ...view, triggers: view.triggers.map(calls) })),
  };
}

/** An index, with the constraint that it stands behind and the partitions' indexes that are attached to it. */
export function withRenamedIndex(catalog: Catalog, from: QualifiedName, to: string): Catalog {
  const renamed = (index: Index, schema: string): Index => {
    const own = schema === from.schema && index.name === from.name;
    const parent =
      index.partitionOf !== null && same(index.partitionOf, from)
        ? { schema: from.schema, name: to }
        : index.partitionOf;
    return {
      ...index,
      ...(own ? { name: to, constraint: index.constraint === null ? null : to } : {}),
      partitionOf: parent,
    };
  };
  return {
    ...catalog,
    tables: mapValues(catalog.tables, (table): Table => ({
      ...table,
      indexes: table.indexes.map((index) => renamed(index, table.schema)),
      constraints:
        table.schema === from.schema
          ? table.constraints.map((constraint) =>
              constraint.index === from.name ? { ...constraint, name: to, index: to } : constraint,
            )
          : table.constraints,
    })),
    views: mapValues(catalog.views, (view) => ({
      ...view,
      indexes: view.indexes.map((index) => renamed(index, view.schema)),
    })),
  };
}

function same(a: QualifiedName, b: QualifiedName): boolean {
  return a.schema === b.schema && a.name === b.name;
}

/** Applies one naming to relations (tables, views, sequences, indexes) and one to types, functions and statistics. */
function renameAll(catalog: Catalog, relation: Naming, other: Naming): Catalog {
  const uses = <T extends { readonly table: QualifiedName }>(list: readonly T[]): readonly T[] =>
    list.map((use) => ({ ...use, table: relation(use.table) }));
  const usesOf = <
    T extends { readonly uses: readonly { readonly table: QualifiedName; readonly column: string | null }[] },
  >(
    item: T,
  ): T => ({ ...item, uses: uses(item.uses) });
  const calls = <T extends { readonly function: QualifiedName }>(trigger: T): T => ({
    ...trigger,
    function: other(trigger.function),
  });
  const index = (item: Index): Index => ({
    ...item,
    partitionOf: item.partitionOf === null ? null : relation(item.partitionOf),
  });
  const named = <T extends QualifiedName>(item: T, naming: Naming): T => {
    const { schema, name } = naming({ schema: item.schema, name: item.name });
    return { ...item, schema, name };
  };
  const table = (item: Table): Table => ({
    ...named(item, relation),
    columns: item.columns.map((column) => ({
      ...column,
      identity: column.identity === null ? null : { ...column.identity, sequence: relation(column.identity.sequence) },
    })),
    constraints: item.constraints.map((constraint) => ({
      ...constraint,
      references:
        constraint.references === null
          ? null
          : { ...constraint.references, table: relation(constraint.references.table) },
    })),
    indexes: item.indexes.map(index),
    triggers: item.triggers.map(calls),
    policies: item.policies.map(usesOf),
    rules: item.rules.map(usesOf),
    statistics: item.statistics.map((statistics) => named(statistics, other)),
    partitionOf: item.partitionOf === null ? null : { ...item.partitionOf, parent: relation(item.partitionOf.parent) },
    inherits: item.inherits.map(relation),
  });
  return {
    ...catalog,
    tables: rekeyed(catalog.tables, table),
    views: rekeyed(catalog.views, (view) => ({
      ...usesOf(named(view, relation)),
      indexes: view.indexes.map(index),
      triggers: view.triggers.map(calls),
      rules: view.rules.map(usesOf),
    })),
    sequences: rekeyed(catalog.sequences, (sequence) => ({
      ...named(sequence, relation),
      ownedBy: sequence.ownedBy === null ? null : { ...sequence.ownedBy, table: relation(sequence.ownedBy.table) },
    })),
    types: rekeyed(catalog.types, (type) => named(type, other)),
    functions: new Map(
      [...catalog.functions.values()].map((item) => {
        const renamed = named(usesOf(item), other);
        return [functionKey(renamed, renamed.argumentTypes), renamed];
      }),
    ),
    publications: mapValues(catalog.publications, (publication) => ({
      ...publication,
      tables: publication.tables?.map((published) => named(published, relation)) ?? null,
    })),
  };
}

function rekeyed<T extends QualifiedName>(map: ReadonlyMap<string, T>, change: (item: T) => T): ReadonlyMap<string, T> {
  return new Map(
    [...map.values()].map((item) => {
      const changed = change(item);
      return [objectKey(changed), changed];
    }),
  );
}
