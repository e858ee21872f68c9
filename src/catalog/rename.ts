/**
 * Catalogs in which an object has another name or stands in another schema, with everything that mentions it: Postgres
 * refers to objects by number, so there a rename is one row, while the model refers by name.
 *
 * As in Postgres, names do not follow: after a table's rename its indexes, constraints and sequences are called as before.
 * The texts of queries (views, policies, functions) are left as they are; their lists of used columns follow.
 *
 * Guarantee: as for every edit, what Postgres would refuse (no such object, name taken) gives back the same catalog.
 */

import {
  constraintWithTableRenamed,
  expressionWithSequenceRenamed,
  withOwnNameChanged,
  withRelationRenamed,
} from './definition-text.ts';
import { updateTable, updateView } from './edit.ts';
import { constraintOf, findIndex, relationExists, sameName, tableNamed } from './lookup.ts';
import { objectKey } from './model.ts';
import type { Catalog, ColumnUse, Constraint, Index, QualifiedName, Table, Trigger, View } from './model.ts';
import { withEntry, withoutEntry } from './shared-map.ts';
import { mapArray, mapValues } from './sharing.ts';

/** Also `SET SCHEMA`: then indexes and owned sequences move along, and extended statistics do not (measured on 14–18). */
export function renameTable(catalog: Catalog, from: QualifiedName, to: QualifiedName): Catalog {
  const table = tableNamed(catalog, from);
  if (table === null || relationExists(catalog, to)) return catalog;
  const renamed: Table = {
    ...table,
    schema: to.schema,
    name: to.name,
    indexes: table.indexes.map((index) => ({
      ...index,
      definition: withRelationRenamed(index.definition, from, to),
    })),
    triggers: table.triggers.map((trigger) => triggerOn(trigger, from, to)),
    statistics: table.statistics.map((statistics) => ({
      ...statistics,
      definition: withRelationRenamed(statistics.definition, from, to),
    })),
  };
  const moved = {
    ...catalog,
    tables: withEntry(withoutEntry(catalog.tables, objectKey(from)), objectKey(to), renamed),
  };
  const mentions = mentionsRenamed(moved, from, to);
  if (from.schema === to.schema) return mentions;
  return [...mentions.sequences.values()]
    .filter(({ ownedBy }) => ownedBy !== null && sameName(ownedBy.table, to))
    .reduce(
      (current, sequence) => renameSequence(current, sequence, { schema: to.schema, name: sequence.name }),
      mentions,
    );
}

export function renameView(catalog: Catalog, from: QualifiedName, to: QualifiedName): Catalog {
  const view = catalog.views.get(objectKey(from));
  if (view === undefined || relationExists(catalog, to)) return catalog;
  const renamed: View = {
    ...view,
    schema: to.schema,
    name: to.name,
    indexes: view.indexes.map((index) => ({ ...index, definition: withRelationRenamed(index.definition, from, to) })),
    triggers: view.triggers.map((trigger) => triggerOn(trigger, from, to)),
  };
  const views = withEntry(withoutEntry(catalog.views, objectKey(from)), objectKey(to), renamed);
  return mentionsRenamed({ ...catalog, views }, from, to);
}

/** With the defaults that take numbers from it and the identity column it belongs to. */
export function renameSequence(catalog: Catalog, from: QualifiedName, to: QualifiedName): Catalog {
  const sequence = catalog.sequences.get(objectKey(from));
  if (sequence === undefined || relationExists(catalog, to)) return catalog;
  const renamed = { ...sequence, schema: to.schema, name: to.name };
  return {
    ...catalog,
    sequences: withEntry(withoutEntry(catalog.sequences, objectKey(from)), objectKey(to), renamed),
    tables: mapValues(catalog.tables, (table) => {
      const columns = mapArray(table.columns, (column) => {
        const text = column.default === null ? null : expressionWithSequenceRenamed(column.default, from, to);
        const { identity } = column;
        if (identity !== null && sameName(identity.sequence, from)) {
          return { ...column, identity: { ...identity, sequence: { schema: to.schema, name: to.name } } };
        }
        return text === column.default ? column : { ...column, default: text };
      });
      return columns === table.columns ? table : { ...table, columns };
    }),
  };
}

/** An index that backs a constraint takes the constraint's name along. */
export function renameIndex(catalog: Catalog, name: QualifiedName, to: string): Catalog {
  if (relationExists(catalog, { schema: name.schema, name: to })) return catalog;
  const found = findIndex(catalog, name);
  if (found === null) return onViewIndexes(catalog, name, to);
  const { table, index } = found;
  const constraint = index.constraint === null ? null : constraintOf(table, index.constraint);
  return updateTable(catalog, table, (t) => ({
    ...t,
    indexes: t.indexes.map((one) => (one.name === index.name ? indexNamed(one, to) : one)),
    constraints: t.constraints.map((one) => (one === constraint ? { ...one, name: to, index: to } : one)),
  }));
}

/** With the index of the same name behind it. Also for the NOT NULL constraints of Postgres 18. */
export function renameConstraint(catalog: Catalog, tableName: QualifiedName, from: string, to: string): Catalog {
  const table = tableNamed(catalog, tableName);
  if (table === null || constraintOf(table, to) !== null) return catalog;
  const constraint = constraintOf(table, from);
  if (constraint === null) return onNotNullConstraints(catalog, table, from, to);
  if (constraint.index !== null) return renameIndex(catalog, { schema: table.schema, name: constraint.index }, to);
  return updateTable(catalog, table, (t) => ({
    ...t,
    constraints: t.constraints.map((one) => (one === constraint ? { ...one, name: to } : one)),
  }));
}

/** On a table or a view. */
export function renameTrigger(catalog: Catalog, on: QualifiedName, from: string, to: string): Catalog {
  const rename = <T extends Table | View>(relation: T): T => {
    if (relation.triggers.some((trigger) => trigger.name === to)) return relation;
    const triggers = mapArray(relation.triggers, (trigger) =>
      trigger.name === from
        ? { ...trigger, name: to, definition: withOwnNameChanged(trigger.definition, 'trigname', to) }
        : trigger,
    );
    return triggers === relation.triggers ? relation : { ...relation, triggers };
  };
  return updateView(updateTable(catalog, on, rename), on, rename);
}

function onNotNullConstraints(catalog: Catalog, table: Table, from: string, to: string): Catalog {
  return updateTable(catalog, table, (t) => {
    const columns = mapArray(t.columns, (column) =>
      column.notNullConstraint?.name === from
        ? { ...column, notNullConstraint: { ...column.notNullConstraint, name: to } }
        : column,
    );
    return columns === t.columns ? t : { ...t, columns };
  });
}

function onViewIndexes(catalog: Catalog, name: QualifiedName, to: string): Catalog {
  const views = mapValues(catalog.views, (view) => {
    if (view.schema !== name.schema) return view;
    const indexes = mapArray(view.indexes, (index) => (index.name === name.name ? indexNamed(index, to) : index));
    return indexes === view.indexes ? view : { ...view, indexes };
  });
  return views === catalog.views ? catalog : { ...catalog, views };
}

function indexNamed(index: Index, to: string): Index {
  return {
    ...index,
    name: to,
    constraint: index.constraint === null ? null : to,
    definition: withOwnNameChanged(index.definition, 'idxname', to),
  };
}

function triggerOn(trigger: Trigger, from: QualifiedName, to: QualifiedName): Trigger {
  return { ...trigger, definition: withRelationRenamed(trigger.definition, from, to) };
}

/** Everything outside of a table or view that mentions it. */
function mentionsRenamed(catalog: Catalog, from: QualifiedName, to: QualifiedName): Catalog {
  const bare = { schema: to.schema, name: to.name };
  const name = (other: QualifiedName): QualifiedName => (sameName(other, from) ? bare : other);
  const uses = (list: readonly ColumnUse[]): readonly ColumnUse[] =>
    mapArray(list, (use) => (sameName(use.table, from) ? { ...use, table: bare } : use));
  const constraint = (one: Constraint): Constraint =>
    one.references === null || !sameName(one.references.table, from)
      ? one
      : {
          ...one,
          references: { ...one.references, table: bare },
          definition: constraintWithTableRenamed(one.definition, from, to),
        };
  const indexOf = (index: Index): Index =>
    index.partitionOf !== null && from.schema !== to.schema && isIndexOf(catalog, index.partitionOf, from, to)
      ? { ...index, partitionOf: { schema: to.schema, name: index.partitionOf.name } }
      : index;
  return {
    ...catalog,
    tables: mapValues(catalog.tables, (table) => ({
      ...table,
      constraints: mapArray(table.constraints, constraint),
      indexes: mapArray(table.indexes, indexOf),
      partitionOf: table.partitionOf === null ? null : { ...table.partitionOf, parent: name(table.partitionOf.parent) },
      inherits: mapArray(table.inherits, name),
      policies: mapArray(table.policies, (policy) => ({ ...policy, uses: uses(policy.uses) })),
      rules: mapArray(table.rules, (rule) => ({ ...rule, uses: uses(rule.uses) })),
    })),
    views: mapValues(catalog.views, (view) => ({
      ...view,
      uses: uses(view.uses),
      rules: mapArray(view.rules, (rule) => ({ ...rule, uses: uses(rule.uses) })),
    })),
    functions: mapValues(catalog.functions, (f) => (f.uses.length === 0 ? f : { ...f, uses: uses(f.uses) })),
    sequences: mapValues(catalog.sequences, (sequence) =>
      sequence.ownedBy !== null && sameName(sequence.ownedBy.table, from)
        ? { ...sequence, ownedBy: { ...sequence.ownedBy, table: bare } }
        : sequence,
    ),
    publications: mapValues(catalog.publications, (publication) => ({
      ...publication,
      tables: publication.tables?.map((table) => (sameName(table, from) ? { ...table, ...bare } : table)) ?? null,
    })),
  };
}

/** Whether this index name, in the old schema, is that of an index which moved with its table. */
function isIndexOf(catalog: Catalog, index: QualifiedName, from: QualifiedName, to: QualifiedName): boolean {
  return (
    index.schema === from.schema &&
    tableNamed(catalog, to)?.indexes.some((candidate) => candidate.name === index.name) === true
  );
}
