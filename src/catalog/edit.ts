/**
 * Edits of a catalog: each takes one and returns another; what did not change is shared between the two.
 *
 * Guarantee: an edit that Postgres would refuse because the object is missing, or already there, returns what it was
 * given, the very same object. Whether that deserves an error is for the caller to say. An edit takes with it what
 * Postgres takes silently (the indexes of a dropped column), and nothing that Postgres refuses to take without CASCADE
 * (a view on it): `dependents.ts` tells the two apart.
 *
 * Edits that concern one table only take the table, for use inside `updateTable`; those with effects elsewhere take
 * the catalog.
 *
 * @example
 * ```ts
 * updateTable(catalog, users, (table) => addColumn(table, blankColumn("phone", "text")));
 * ```
 */

import { expressionUses } from './expression-columns.ts';
import { findColumn, findConstraint, findTable, relationExists, sameName } from './resolve.ts';
import { mapArray, mapValues, putNamed, withEntry, withoutEntry, withoutNamed } from './sharing.ts';
import { objectKey } from './model.ts';
import type {
  Catalog,
  Column,
  Constraint,
  ExtendedStatistics,
  Index,
  Policy,
  QualifiedName,
  Sequence,
  Table,
  Trigger,
  View,
} from './model.ts';

export function addTable(catalog: Catalog, table: Table): Catalog {
  if (relationExists(catalog, table)) return catalog;
  return { ...catalog, tables: withEntry(catalog.tables, objectKey(table), table) };
}

/** With its sequences; and without it in publications. Foreign keys of other tables to it stay: Postgres would refuse. */
export function dropTable(catalog: Catalog, name: QualifiedName): Catalog {
  if (findTable(catalog, name) === null) return catalog;
  return withoutSequences(
    {
      ...catalog,
      tables: withoutEntry(catalog.tables, objectKey(name)),
      publications: mapValues(catalog.publications, (publication) =>
        publication.tables?.some((table) => sameName(table, name)) === true
          ? { ...publication, tables: publication.tables.filter((table) => !sameName(table, name)) }
          : publication,
      ),
    },
    (sequence) => sequence.ownedBy !== null && sameName(sequence.ownedBy.table, name),
  );
}

export function updateTable(catalog: Catalog, name: QualifiedName, change: (table: Table) => Table): Catalog {
  const table = findTable(catalog, name);
  if (table === null) return catalog;
  const changed = change(table);
  return changed === table ? catalog : { ...catalog, tables: withEntry(catalog.tables, objectKey(name), changed) };
}

export function addColumn(table: Table, column: Column): Table {
  return findColumn(table, column.name) === null ? { ...table, columns: [...table.columns, column] } : table;
}

export function updateColumn(table: Table, name: string, change: (column: Column) => Column): Table {
  const columns = mapArray(table.columns, (column) => (column.name === name ? change(column) : column));
  return columns === table.columns ? table : { ...table, columns };
}

/**
 * With the indexes, constraints and extended statistics of its own table that use it, and the sequences it owns, as
 * Postgres does without being asked (https://www.postgresql.org/docs/current/sql-altertable.html, DROP COLUMN).
 */
export function dropColumn(catalog: Catalog, name: QualifiedName, column: string): Catalog {
  const table = findTable(catalog, name);
  if (table === null || findColumn(table, column) === null) return catalog;
  const going = table.constraints.filter((constraint) => constraintUses(constraint, column, table.name));
  const goesWith = new Set(going.map((constraint) => constraint.name));
  const edited = updateTable(catalog, name, (t) => ({
    ...t,
    columns: t.columns.filter((c) => c.name !== column),
    constraints: t.constraints.filter((constraint) => !goesWith.has(constraint.name)),
    indexes: t.indexes.filter(
      (index) => !(index.constraint !== null && goesWith.has(index.constraint)) && !indexUses(index, column, t.name),
    ),
    statistics: t.statistics.filter((statistics) => !statistics.columns.includes(column)),
  }));
  return withoutSequences(
    edited,
    ({ ownedBy }) => ownedBy !== null && ownedBy.column === column && sameName(ownedBy.table, name),
  );
}

/** Whether a constraint is on a column; its references to another table's columns do not count. */
export function constraintUses(constraint: Constraint, column: string, tableName: string): boolean {
  return constraint.columns.includes(column) || expressionUses(constraint.expression, column, tableName);
}

/** Whether an index uses a column as a key, in INCLUDE, in an expression or in its predicate. */
export function indexUses(index: Index, column: string, tableName: string): boolean {
  return (
    index.include.includes(column) ||
    index.keys.some((key) =>
      key.column === null ? expressionUses(key.expression, column, tableName) : key.column === column,
    ) ||
    expressionUses(index.predicate, column, tableName)
  );
}

/** For a primary key, unique or exclusion constraint add its index too (`addIndex`), with `constraint` set. */
export function addConstraint(table: Table, constraint: Constraint): Table {
  return findConstraint(table, constraint.name) === null
    ? { ...table, constraints: [...table.constraints, constraint] }
    : table;
}

export function updateConstraint(table: Table, name: string, change: (constraint: Constraint) => Constraint): Table {
  const constraints = mapArray(table.constraints, (constraint) =>
    constraint.name === name ? change(constraint) : constraint,
  );
  return constraints === table.constraints ? table : { ...table, constraints };
}

/** With its index. */
export function dropConstraint(table: Table, name: string): Table {
  if (findConstraint(table, name) === null) return table;
  return {
    ...table,
    constraints: table.constraints.filter((constraint) => constraint.name !== name),
    indexes: table.indexes.filter((index) => index.constraint !== name),
  };
}

/** On a table or a materialized view. */
export function addIndex<T extends Table | View>(on: T, index: Index): T {
  return on.indexes.some(({ name }) => name === index.name) ? on : { ...on, indexes: [...on.indexes, index] };
}

/** The schema of an index is that of its table. */
export function updateIndex(catalog: Catalog, name: QualifiedName, change: (index: Index) => Index): Catalog {
  return editIndexes(catalog, name, (indexes) =>
    mapArray(indexes, (index) => (index.name === name.name ? change(index) : index)),
  );
}

export function dropIndex(catalog: Catalog, name: QualifiedName): Catalog {
  return editIndexes(catalog, name, (indexes) => withoutNamed(indexes, name.name));
}

/** Replaces a trigger of the same name, as CREATE OR REPLACE does. On a table or a view. */
export function putTrigger<T extends Table | View>(on: T, trigger: Trigger): T {
  return { ...on, triggers: putNamed(on.triggers, trigger) };
}

export function dropTrigger<T extends Table | View>(on: T, name: string): T {
  const triggers = withoutNamed(on.triggers, name);
  return triggers === on.triggers ? on : { ...on, triggers };
}

export function putPolicy(table: Table, policy: Policy): Table {
  return { ...table, policies: putNamed(table.policies, policy) };
}

export function dropPolicy(table: Table, name: string): Table {
  const policies = withoutNamed(table.policies, name);
  return policies === table.policies ? table : { ...table, policies };
}

export function addStatistics(table: Table, statistics: ExtendedStatistics): Table {
  return table.statistics.some((s) => sameName(s, statistics))
    ? table
    : { ...table, statistics: [...table.statistics, statistics] };
}

export function dropStatistics(catalog: Catalog, name: QualifiedName): Catalog {
  const tables = mapValues(catalog.tables, (table) =>
    table.statistics.some((s) => sameName(s, name))
      ? { ...table, statistics: table.statistics.filter((s) => !sameName(s, name)) }
      : table,
  );
  return tables === catalog.tables ? catalog : { ...catalog, tables };
}

export function addSequence(catalog: Catalog, sequence: Sequence): Catalog {
  if (relationExists(catalog, sequence)) return catalog;
  return { ...catalog, sequences: withEntry(catalog.sequences, objectKey(sequence), sequence) };
}

export function updateSequence(
  catalog: Catalog,
  name: QualifiedName,
  change: (sequence: Sequence) => Sequence,
): Catalog {
  const sequence = catalog.sequences.get(objectKey(name));
  if (sequence === undefined) return catalog;
  return { ...catalog, sequences: withEntry(catalog.sequences, objectKey(name), change(sequence)) };
}

export function updateView(catalog: Catalog, name: QualifiedName, change: (view: View) => View): Catalog {
  const view = catalog.views.get(objectKey(name));
  if (view === undefined) return catalog;
  const changed = change(view);
  return changed === view ? catalog : { ...catalog, views: withEntry(catalog.views, objectKey(name), changed) };
}

/** The kinds of object that stand alone in a map of the catalog. */
export type ObjectMap = 'schemas' | 'views' | 'sequences' | 'types' | 'functions' | 'extensions' | 'publications';

type ValueOf<K extends ObjectMap> = Catalog[K] extends ReadonlyMap<string, infer V> ? V : never;

/** Adds or replaces an object. The key is `objectKey`, `functionKey`, or the bare name, as the model says. */
export function putObject<K extends ObjectMap>(catalog: Catalog, kind: K, key: string, value: ValueOf<K>): Catalog {
  return { ...catalog, [kind]: withEntry<unknown>(catalog[kind], key, value) };
}

export function dropObject(catalog: Catalog, kind: ObjectMap, key: string): Catalog {
  return catalog[kind].has(key) ? { ...catalog, [kind]: withoutEntry<unknown>(catalog[kind], key) } : catalog;
}

/** Says that this catalog may not be the whole truth, and why; once per reason. */
export function addUncertainty(catalog: Catalog, reason: string): Catalog {
  return catalog.uncertain.includes(reason) ? catalog : { ...catalog, uncertain: [...catalog.uncertain, reason] };
}

function editIndexes(
  catalog: Catalog,
  name: QualifiedName,
  change: (indexes: readonly Index[]) => readonly Index[],
): Catalog {
  const edit = <T extends Table | View>(on: T): T => {
    if (on.schema !== name.schema) return on;
    const indexes = change(on.indexes);
    return indexes === on.indexes ? on : { ...on, indexes };
  };
  const tables = mapValues(catalog.tables, edit);
  const views = mapValues(catalog.views, edit);
  return tables === catalog.tables && views === catalog.views ? catalog : { ...catalog, tables, views };
}

function withoutSequences(catalog: Catalog, goes: (sequence: Sequence) => boolean): Catalog {
  const going = [...catalog.sequences.values()].filter(goes);
  if (going.length === 0) return catalog;
  const sequences = new Map(catalog.sequences);
  for (const sequence of going) sequences.delete(objectKey(sequence));
  return { ...catalog, sequences };
}
