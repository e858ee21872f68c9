/**
 * Edits of a catalog: each takes one and returns another; what did not change is shared between the two.
 *
 * Guarantee: an edit that Postgres would refuse because the object is missing, or already there, returns what it was
 * given, the very same object. Whether that deserves an error is for the caller to say. An edit takes with it what
 * Postgres takes silently (the indexes of a dropped column), and nothing that Postgres refuses to take without CASCADE
 * (a view on it): `dependents.ts` tells the two apart.
 *
 * @example
 * ```ts
 * const later = addColumn(catalog, { schema: 'public', name: 'users' }, blankColumn('phone', 'text'));
 * ```
 */

import { expressionUses } from './expression-columns.ts';
import {
  childrenOf,
  columnOf,
  constraintOf,
  relationExists,
  relationsWithIndex,
  sameName,
  sequencesOwnedBy,
  tableNamed,
} from './lookup.ts';
import { mapArray, mapValues, putNamed, withoutNamed } from './sharing.ts';
import { withEntries, withEntry, withoutEntry } from './shared-map.ts';
import { objectKey } from './model.ts';
import type {
  Catalog,
  Column,
  Constraint,
  ExtendedStatistics,
  Index,
  Policy,
  QualifiedName,
  Rule,
  Sequence,
  Table,
  Trigger,
  View,
} from './model.ts';

export function addTable(catalog: Catalog, table: Table): Catalog {
  if (relationExists(catalog, table)) return catalog;
  return { ...catalog, tables: withEntry(catalog.tables, objectKey(table), table) };
}

/**
 * With its partitions and sequences; and without it in publications. Foreign keys of other tables to it stay, and so do
 * tables that inherit from it: Postgres would refuse.
 */
export function dropTable(catalog: Catalog, name: QualifiedName): Catalog {
  if (tableNamed(catalog, name) === null) return catalog;
  const alone = withoutSequences(
    {
      ...catalog,
      tables: withoutEntry(catalog.tables, objectKey(name)),
      publications: mapValues(catalog.publications, (publication) =>
        publication.tables?.some((table) => sameName(table, name)) === true
          ? { ...publication, tables: publication.tables.filter((table) => !sameName(table, name)) }
          : publication,
      ),
    },
    name,
    null,
  );
  return childrenOf(alone, name)
    .filter((child) => child.partitionOf !== null)
    .reduce(dropTable, alone);
}

export function updateTable(catalog: Catalog, name: QualifiedName, change: (table: Table) => Table): Catalog {
  const table = tableNamed(catalog, name);
  if (table === null) return catalog;
  const changed = change(table);
  return changed === table ? catalog : { ...catalog, tables: withEntry(catalog.tables, objectKey(name), changed) };
}

export function addColumn(catalog: Catalog, table: QualifiedName, column: Column): Catalog {
  return updateTable(catalog, table, (t) =>
    columnOf(t, column.name) === null ? { ...t, columns: [...t.columns, column] } : t,
  );
}

export function updateColumn(
  catalog: Catalog,
  table: QualifiedName,
  name: string,
  change: (column: Column) => Column,
): Catalog {
  return updateTable(catalog, table, (t) => {
    const columns = mapArray(t.columns, (column) => (column.name === name ? change(column) : column));
    return columns === t.columns ? t : { ...t, columns };
  });
}

/**
 * With the indexes, constraints and extended statistics of its own table that use it, the sequences it owns, and the
 * same column of partitions and inheriting tables, as Postgres does without being asked
 * (https://www.postgresql.org/docs/current/sql-altertable.html, DROP COLUMN; measured on 14–18).
 */
export function dropColumn(catalog: Catalog, name: QualifiedName, column: string): Catalog {
  const table = tableNamed(catalog, name);
  if (table === null || columnOf(table, column) === null) return catalog;
  const going = table.constraints.filter((constraint) => constraintUses(table, constraint, column));
  const goesWith = new Set(going.map((constraint) => constraint.name));
  const edited = updateTable(catalog, name, (t) => ({
    ...t,
    columns: t.columns.filter((c) => c.name !== column),
    constraints: t.constraints.filter((constraint) => !goesWith.has(constraint.name)),
    indexes: t.indexes.filter(
      (index) => !(index.constraint === null ? indexUses(index, column, t.name) : goesWith.has(index.constraint)),
    ),
    statistics: t.statistics.filter((statistics) => !statistics.columns.includes(column)),
  }));
  const alone = withoutSequences(edited, name, column);
  return childrenOf(alone, name).reduce((current, child) => dropColumn(current, child, column), alone);
}

/**
 * Whether DROP COLUMN takes a constraint along: it is on the column, or its index includes it. Not when only an
 * exclusion's expressions or WHERE use the column: that Postgres refuses.
 */
export function constraintUses(table: Table, constraint: Constraint, column: string): boolean {
  return (
    constraint.columns.includes(column) ||
    expressionUses(constraint.expression, column, table.name) ||
    table.indexes.some((index) => index.constraint === constraint.name && index.include.includes(column))
  );
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
export function addConstraint(catalog: Catalog, table: QualifiedName, constraint: Constraint): Catalog {
  return updateTable(catalog, table, (t) =>
    constraintOf(t, constraint.name) === null ? { ...t, constraints: [...t.constraints, constraint] } : t,
  );
}

export function updateConstraint(
  catalog: Catalog,
  table: QualifiedName,
  name: string,
  change: (constraint: Constraint) => Constraint,
): Catalog {
  return updateTable(catalog, table, (t) => {
    const constraints = mapArray(t.constraints, (c) => (c.name === name ? change(c) : c));
    return constraints === t.constraints ? t : { ...t, constraints };
  });
}

/** With its index. */
export function dropConstraint(catalog: Catalog, table: QualifiedName, name: string): Catalog {
  return updateTable(catalog, table, (t) =>
    constraintOf(t, name) === null
      ? t
      : {
          ...t,
          constraints: t.constraints.filter((constraint) => constraint.name !== name),
          indexes: t.indexes.filter((index) => index.constraint !== name),
        },
  );
}

/** On a table or a materialized view. */
export function addIndex(catalog: Catalog, on: QualifiedName, index: Index): Catalog {
  if (relationExists(catalog, { schema: on.schema, name: index.name })) return catalog;
  return updateRelation(catalog, on, (relation) => ({ ...relation, indexes: [...relation.indexes, index] }));
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
export function putTrigger(catalog: Catalog, on: QualifiedName, trigger: Trigger): Catalog {
  return updateRelation(catalog, on, (relation) => ({ ...relation, triggers: putNamed(relation.triggers, trigger) }));
}

export function dropTrigger(catalog: Catalog, on: QualifiedName, name: string): Catalog {
  return updateRelation(catalog, on, (relation) => {
    const triggers = withoutNamed(relation.triggers, name);
    return triggers === relation.triggers ? relation : { ...relation, triggers };
  });
}

export function putPolicy(catalog: Catalog, table: QualifiedName, policy: Policy): Catalog {
  return updateTable(catalog, table, (t) => ({ ...t, policies: putNamed(t.policies, policy) }));
}

/** On a table or a view. */
export function putRule(catalog: Catalog, on: QualifiedName, rule: Rule): Catalog {
  return updateRelation(catalog, on, (relation) => ({ ...relation, rules: putNamed(relation.rules, rule) }));
}

export function dropRule(catalog: Catalog, on: QualifiedName, name: string): Catalog {
  return updateRelation(catalog, on, (relation) => {
    const rules = withoutNamed(relation.rules, name);
    return rules === relation.rules ? relation : { ...relation, rules };
  });
}

export function dropPolicy(catalog: Catalog, table: QualifiedName, name: string): Catalog {
  return updateTable(catalog, table, (t) => {
    const policies = withoutNamed(t.policies, name);
    return policies === t.policies ? t : { ...t, policies };
  });
}

export function addStatistics(catalog: Catalog, table: QualifiedName, statistics: ExtendedStatistics): Catalog {
  return updateTable(catalog, table, (t) =>
    t.statistics.some((s) => sameName(s, statistics)) ? t : { ...t, statistics: [...t.statistics, statistics] },
  );
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

/** A table or a view, whichever has the name. */
function updateRelation(
  catalog: Catalog,
  name: QualifiedName,
  change: <T extends Table | View>(relation: T) => T,
): Catalog {
  return updateView(updateTable(catalog, name, change), name, change);
}

function editIndexes(
  catalog: Catalog,
  name: QualifiedName,
  change: (indexes: readonly Index[]) => readonly Index[],
): Catalog {
  const edited = <T extends Table | View>(relations: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    withEntries(
      relations,
      relationsWithIndex(relations, name).flatMap((on) => {
        const indexes = change(on.indexes);
        return indexes === on.indexes ? [] : [[objectKey(on), { ...on, indexes }]];
      }),
    );
  const [tables, views] = [edited(catalog.tables), edited(catalog.views)];
  return tables === catalog.tables && views === catalog.views ? catalog : { ...catalog, tables, views };
}

function withoutSequences(catalog: Catalog, owner: QualifiedName, column: string | null): Catalog {
  const going = sequencesOwnedBy(catalog, owner).filter(({ ownedBy }) => column === null || ownedBy?.column === column);
  if (going.length === 0) return catalog;
  const keys = going.map((sequence) => objectKey(sequence));
  return { ...catalog, sequences: keys.reduce(withoutEntry, catalog.sequences) };
}
