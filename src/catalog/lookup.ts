/**
 * Questions to a catalog that need no knowledge of any statement: which object a name means, and who belongs to whom.
 *
 * Guarantee: a name finds what the server would find with the catalog's search path: the first schema with
 * a relation of that name decides, also when that relation is not a table.
 */

import { objectKey } from './model.ts';
import { listedUnder } from './shared-map.ts';
import type { Catalog, Column, Constraint, Index, QualifiedName, Sequence, Table, TypeObject, View } from './model.ts';

/** A name as a person wrote it; without a schema it is found through the search path. */
export type WrittenName = { readonly schema?: string | null | undefined; readonly name: string };

export type Relation =
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'sequence'; readonly sequence: Sequence }
  | { readonly kind: 'index'; readonly index: Index; readonly on: Table | View };

/** Answers so far, by catalog: what looks at a statement asks for its table again and again. */
const resolved = new WeakMap<Catalog, Map<string, Relation | null>>();

/** The relation a name means: tables, views, sequences and indexes share one space of names. */
export function resolveRelation(catalog: Catalog, written: WrittenName): Relation | null {
  const { schema, name } = written;
  const key = schema === undefined || schema === null ? `.${name}` : objectKey({ schema, name });
  const answers = resolved.get(catalog) ?? new Map<string, Relation | null>();
  const known = answers.get(key);
  if (known !== undefined) return known;
  const found = firstRelation(catalog, written);
  resolved.set(catalog, answers.set(key, found));
  return found;
}

function firstRelation(catalog: Catalog, written: WrittenName): Relation | null {
  for (const schema of schemasToSearch(catalog, written)) {
    const found = relationIn(catalog, { schema, name: written.name });
    if (found !== null) return found;
  }
  return null;
}

export function resolveTable(catalog: Catalog, written: WrittenName): Table | null {
  const found = resolveRelation(catalog, written);
  return found?.kind === 'table' ? found.table : null;
}

export function resolveView(catalog: Catalog, written: WrittenName): View | null {
  const found = resolveRelation(catalog, written);
  return found?.kind === 'view' ? found.view : null;
}

export function resolveSequence(catalog: Catalog, written: WrittenName): Sequence | null {
  const found = resolveRelation(catalog, written);
  return found?.kind === 'sequence' ? found.sequence : null;
}

export function resolveType(catalog: Catalog, written: WrittenName): TypeObject | null {
  for (const schema of schemasToSearch(catalog, written)) {
    const found = catalog.types.get(objectKey({ schema, name: written.name }));
    if (found !== undefined) return found;
  }
  return null;
}

/** The full name of what a name means; when nothing has it, of the object that a CREATE with this name would make. */
export function resolveName(catalog: Catalog, written: WrittenName): QualifiedName {
  const existing = schemasToSearch(catalog, written).find((schema) => {
    const name = { schema, name: written.name };
    return relationExists(catalog, name) || catalog.types.has(objectKey(name));
  });
  return existing === undefined ? nameForNew(catalog, written) : { schema: existing, name: written.name };
}

/** Where a new object goes: the schema written, else the first of the search path that exists. */
export function nameForNew(catalog: Catalog, written: WrittenName): QualifiedName {
  const { schema, name } = written;
  if (schema !== undefined && schema !== null) return { schema, name };
  const first = catalog.searchPath.find((path) => catalog.schemas.has(path)) ?? catalog.searchPath[0] ?? 'public';
  return { schema: first, name };
}

export function tableNamed(catalog: Catalog, name: QualifiedName): Table | null {
  return catalog.tables.get(objectKey(name)) ?? null;
}

export function columnOf(table: Pick<Table, 'columns'>, name: string): Column | null {
  return table.columns.find((column) => column.name === name) ?? null;
}

export function constraintOf(table: Pick<Table, 'constraints'>, name: string): Constraint | null {
  return table.constraints.find((constraint) => constraint.name === name) ?? null;
}

/** The index with this name and the table it is on. */
export function findIndex(
  catalog: Catalog,
  written: WrittenName,
): { readonly table: Table; readonly index: Index } | null {
  const found = resolveRelation(catalog, written);
  if (found?.kind !== 'index' || !('constraints' in found.on)) return null;
  return { table: found.on, index: found.index };
}

export function tableOfIndex(catalog: Catalog, written: WrittenName): Table | null {
  return findIndex(catalog, written)?.table ?? null;
}

export function primaryKey(table: Table): Constraint | null {
  return table.constraints.find((constraint) => constraint.kind === 'primary_key') ?? null;
}

export type KeyColumn = { readonly name: string; readonly type: string; readonly collation: string | null };

/**
 * The columns by which a backfill walks through a table, in the order of an index that serves `ORDER BY` and
 * `(a, b) > ($1, $2)`; null when no index can: then no row can be told from another for certain. Not one with a column
 * of `changed`: a row that moves along its key would be met twice.
 */
export function keyForBackfill(table: Table, changed: ReadonlySet<string> = new Set()): readonly KeyColumn[] | null {
  const isKept = ({ columns }: Pick<Constraint, 'columns'>) => columns.every((column) => !changed.has(column));
  const key = primaryKey(table);
  const index = indexForBackfill(table, changed);
  // A folded primary key may have no index in the catalog; on a server it always has.
  const names =
    index?.keys.map(({ column }) => column) ??
    (key !== null && !hasIndexInCatalog(table, key) && isKept(key) ? key.columns : null);
  if (names === null) return null;
  return names.flatMap((name) => {
    const found = name === null ? null : columnOf(table, name);
    return found === null ? [] : [{ name: found.name, type: found.type, collation: found.collation }];
  });
}

/** The index behind `keyForBackfill`: the primary key's, else the narrowest that is as good. */
function indexForBackfill(table: Table, changed: ReadonlySet<string>): Index | null {
  const suitable = table.indexes
    .filter((index) => identifiesRows(table, index))
    .filter(({ keys }) => keys.every(({ column }) => column !== null && !changed.has(column)))
    .toSorted((a, b) => a.keys.length - b.keys.length || (a.name < b.name ? -1 : 1));
  return suitable.find((index) => isPrimaryKeyIndex(table, index)) ?? suitable[0] ?? null;
}

function hasIndexInCatalog(table: Table, constraint: Constraint): boolean {
  return table.indexes.some((index) => index.constraint === constraint.name);
}

function isPrimaryKeyIndex(table: Table, index: Index): boolean {
  return index.constraint !== null && index.constraint === primaryKey(table)?.name;
}

/**
 * Not one whose scan gives another order than ORDER BY asks for: another direction, NULLS FIRST (counts for the planner
 * also where nothing is null), operator class, collation, method (a key WITHOUT OVERLAPS is a GiST index).
 */
function identifiesRows(table: Table, index: Index): boolean {
  if (!index.unique || !index.valid || index.method !== 'btree' || index.predicate !== null) return false;
  const ordered = index.keys.every((key) => {
    const plain = !key.descending && !key.nullsFirst && key.operatorClass === null && key.collation === null;
    return plain && key.column !== null;
  });
  if (!ordered) return false;
  if (isPrimaryKeyIndex(table, index)) return true; // a primary key implies NOT NULL
  const constraint = index.constraint === null ? null : constraintOf(table, index.constraint);
  if (constraint !== null && constraint.deferrable) return false;
  return index.keys.every((key) => {
    const column = key.column === null ? null : columnOf(table, key.column);
    return column !== null && isNeverNull(column);
  });
}

/** NOT NULL for every row, also for those that were there before the constraint. */
export function isNeverNull(column: Column): boolean {
  return column.notNull && column.notNullConstraint?.validated !== false;
}

/** The foreign keys that point to a table, its own included. */
export function foreignKeysTo(
  catalog: Catalog,
  table: QualifiedName,
): readonly { readonly table: Table; readonly constraint: Constraint }[] {
  return listedUnder(catalog.tables, referencedNames, table.name).flatMap((from) =>
    from.constraints
      .filter(({ references }) => references !== null && sameName(references.table, table))
      .map((constraint) => ({ table: from, constraint })),
  );
}

function referencedNames({ constraints }: Table): readonly string[] {
  return constraints.flatMap(({ references }) => (references === null ? [] : [references.table.name]));
}

/** The partitions and inheriting tables directly below a table. */
export function childrenOf(catalog: Catalog, table: QualifiedName): readonly Table[] {
  return listedUnder(catalog.tables, parentNames, table.name).filter((child) =>
    parentsOf(child).some((parent) => sameName(parent, table)),
  );
}

function parentsOf({ partitionOf, inherits }: Table): readonly QualifiedName[] {
  return partitionOf === null ? inherits : [partitionOf.parent, ...inherits];
}

function parentNames(table: Table): readonly string[] {
  return parentsOf(table).map(({ name }) => name);
}

/** The sequences that go when the table goes. */
export function sequencesOwnedBy(catalog: Catalog, table: QualifiedName): readonly Sequence[] {
  return listedUnder(catalog.sequences, ownerNames, table.name).filter(
    ({ ownedBy }) => ownedBy !== null && sameName(ownedBy.table, table),
  );
}

function ownerNames({ ownedBy }: Sequence): readonly string[] {
  return ownedBy === null ? [] : [ownedBy.table.name];
}

/** The tables or views with an index of this name, which lives in their schema. */
export function relationsWithIndex<T extends Table | View>(
  relations: ReadonlyMap<string, T>,
  { schema, name }: QualifiedName,
): readonly T[] {
  return listedUnder(relations, indexNames, name).filter((on) => on.schema === schema);
}

function indexNames({ indexes }: Table | View): readonly string[] {
  return indexes.map(({ name }) => name);
}

/** Whether the name is taken: no second relation of this name can be made in its schema. */
export function relationExists(catalog: Catalog, name: QualifiedName): boolean {
  return relationIn(catalog, name) !== null;
}

export function sameName(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.schema === b.schema;
}

/** Temporary objects come before everything else; the fold keeps them in the schema `pg_temp`. */
function schemasToSearch(catalog: Catalog, written: WrittenName): readonly string[] {
  const { schema } = written;
  if (schema !== undefined && schema !== null) return [schema];
  return catalog.searchPath.includes('pg_temp') ? catalog.searchPath : ['pg_temp', ...catalog.searchPath];
}

function relationIn(catalog: Catalog, name: QualifiedName): Relation | null {
  const key = objectKey(name);
  const table = catalog.tables.get(key);
  if (table !== undefined) return { kind: 'table', table };
  const view = catalog.views.get(key);
  if (view !== undefined) return { kind: 'view', view };
  const sequence = catalog.sequences.get(key);
  if (sequence !== undefined) return { kind: 'sequence', sequence };
  const on = relationsWithIndex(catalog.tables, name)[0] ?? relationsWithIndex(catalog.views, name)[0];
  const index = on?.indexes.find((candidate) => candidate.name === name.name);
  return on === undefined || index === undefined ? null : { kind: 'index', index, on };
}
