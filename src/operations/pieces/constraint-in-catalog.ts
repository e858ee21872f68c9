/**
 * A constraint in the catalog as Postgres would put it there: under the name it chooses, with the index behind a key,
 * the NOT NULL that a primary key brings, and the same on the partitions and inheriting tables that get it too.
 */
import type { Constraint as ConstraintNode, IndexStmt } from '@pgsql/types';
import { blankConstraint } from '../../catalog/blank.ts';
import { addConstraint, addIndex, updateColumn, updateConstraint, updateIndex } from '../../catalog/edit.ts';
import { constraintOf, resolveName, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Constraint, QualifiedName, Table } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { identifier, join, sql, raw } from '../../sql/template.ts';
import type { ConstraintSpec } from '../change.ts';
import { chosenConstraintName, foreignKeyNameIn } from './chosen-name.ts';
import { indexOf } from './concurrent-index.ts';
import { constraintNode, definitionText } from './constraint-statement.ts';
import { referencedColumns, referencedTable, sameKeyIn } from './foreign-key-target.ts';
import { notNullName } from './not-null.ts';
import { sameKeyOf } from './same-key.ts';
import { descendantsOf, familyOf, partitionsOf } from './table-family.ts';

/**
 * The catalog with the constraint on the table; the very same catalog when Postgres would refuse it. `only`: the key of a
 * partitioned table, written with ONLY, that is invalid until the partitions' keys are attached.
 */
export function withConstraint(catalog: Catalog, table: Table, spec: ConstraintSpec, only = false): Catalog {
  const name = chosenConstraintName(catalog, table, spec);
  if (constraintOf(table, name) !== null) return catalog;
  switch (spec.kind) {
    case 'check':
      return withCheck(catalog, table, spec, name);
    case 'foreign_key':
      return withForeignKey(catalog, table, spec, name);
    case 'primary_key':
    case 'unique':
    case 'exclusion':
      return spec.usingIndex === null
        ? withKey(catalog, table, spec, name, { only })
        : withKeyUsingIndex(catalog, table, spec, name);
  }
}

function blank(spec: ConstraintSpec, name: string, given: Partial<Constraint> = {}): Constraint {
  return blankConstraint(name, spec.kind, given.definition ?? spec.definition, {
    columns: spec.columns,
    validated: !spec.notValid && spec.enforced,
    enforced: spec.enforced,
    deferrable: spec.deferrable,
    initiallyDeferred: spec.initiallyDeferred,
    noInherit: spec.noInherit,
    expression: spec.expression,
    ...given,
  });
}

/** A check goes to every table below, under the same name, unless it says NO INHERIT. */
function withCheck(catalog: Catalog, table: Table, spec: ConstraintSpec, name: string): Catalog {
  const own = addConstraint(catalog, table, blank(spec, name, { columns: spec.columns.toSorted() }));
  if (spec.noInherit) return own;
  return descendantsOf(catalog, table).reduce(
    (before, child) =>
      addConstraint(before, child, blank(spec, name, { columns: spec.columns.toSorted(), inherited: true })),
    own,
  );
}

function withForeignKey(catalog: Catalog, table: Table, spec: ConstraintSpec, name: string): Catalog {
  if (spec.references === null) return catalog;
  const target = referencedTable(catalog, table, spec);
  const columns = referencedColumns(catalog, table, spec);
  const isWritten = columns.length === 0 || columns.join('\0') === spec.references.columns.join('\0');
  const pk_attrs = columns.map((column) => ({ String: { sval: column } }));
  const definition = isWritten ? spec.definition : definitionText({ ...constraintNode(spec.definition), pk_attrs });
  const given: Partial<Constraint> = {
    definition,
    references: {
      table:
        target === null ? resolveName(catalog, spec.references.table) : { schema: target.schema, name: target.name },
      columns,
      onDelete: spec.references.onDelete,
      onUpdate: spec.references.onUpdate,
      match: spec.references.match,
    },
  };
  const own = addConstraint(catalog, table, blank(spec, name, given));
  if (table.kind !== 'partitioned') return own;
  return descendantsOf(catalog, table).reduce((before, partition) => {
    const taken = sameKeyIn(catalog, partition, table, spec);
    if (taken !== null) {
      return updateConstraint(before, partition, taken.name, (constraint) => ({ ...constraint, inherited: true }));
    }
    const childName = foreignKeyNameIn(before, partition, spec, name);
    return addConstraint(before, partition, blank(spec, childName, { ...given, inherited: true }));
  }, own);
}

/** The CREATE INDEX that stands behind `PRIMARY KEY (…)` or `UNIQUE (…)`. */
export function keyIndexStatement(node: ConstraintNode, spec: ConstraintSpec): IndexStmt {
  const element = (name: string) => ({
    IndexElem: { name, ordering: 'SORTBY_DEFAULT' as const, nulls_ordering: 'SORTBY_NULLS_DEFAULT' as const },
  });
  return {
    accessMethod: 'btree',
    indexParams: spec.columns.map(element),
    ...(spec.include.length > 0 ? { indexIncludingParams: spec.include.map(element) } : {}),
    unique: true,
    ...(spec.nullsNotDistinct ? { nulls_not_distinct: true } : {}),
    ...(node.options === undefined ? {} : { options: node.options }),
    ...(node.indexspace === undefined ? {} : { tableSpace: node.indexspace }),
  };
}

/** As pg_get_constraintdef prints it, which leaves out storage parameters and tablespace. */
function keyDefinition(spec: ConstraintSpec, columns: readonly string[], include: readonly string[]): string {
  const list = (names: readonly string[]) => sql`(${join(names.map(identifier))})`;
  const keyword =
    spec.kind === 'primary_key' ? 'PRIMARY KEY' : spec.nullsNotDistinct ? 'UNIQUE NULLS NOT DISTINCT' : 'UNIQUE';
  const included = include.length > 0 ? sql` INCLUDE ${list(include)}` : raw('');
  const deferred = spec.initiallyDeferred ? ' DEFERRABLE INITIALLY DEFERRED' : spec.deferrable ? ' DEFERRABLE' : '';
  return sql`${raw(keyword)} ${list(columns)}${included}${raw(deferred)}`.text;
}

type KeyPlace = { readonly only: boolean; readonly parent?: QualifiedName };

function withKey(
  catalog: Catalog,
  table: Table,
  spec: ConstraintSpec,
  name: string,
  { only, parent }: KeyPlace,
): Catalog {
  const definition =
    spec.kind === 'exclusion' || isTemporal(spec) ? spec.definition : keyDefinition(spec, spec.columns, spec.include);
  const inherited = parent !== undefined;
  const constrained = addConstraint(catalog, table, blank(spec, name, { definition, index: name, inherited }));
  const partitions = partitionsOf(catalog, table);
  const index = indexOf({ statement: keyIndexStatement({}, spec), name, on: table }, table.kind === 'partitioned');
  const indexed = addIndex(constrained, table, {
    ...index,
    unique: spec.kind !== 'exclusion',
    valid: !only || partitions.length === 0,
    constraint: name,
    partitionOf: parent ?? null,
  });
  const own = spec.kind === 'primary_key' && !inherited ? withNotNull(indexed, table, spec.columns) : indexed;
  if (only) return own;
  return partitions.reduce((before, partition) => {
    const same = sameKeyOf(partition, spec);
    if (same !== null) return withKeyAttached(before, partition, same, { schema: table.schema, name });
    const childName = chosenConstraintName(before, partition, { ...spec, name: null });
    return withKey(before, partition, spec, childName, { only, parent: { schema: table.schema, name } });
  }, own);
}

function withKeyAttached(catalog: Catalog, table: Table, key: Constraint, parent: QualifiedName): Catalog {
  const attached = updateConstraint(catalog, table, key.name, (constraint) => ({ ...constraint, inherited: true }));
  if (key.index === null) return attached;
  return updateIndex(attached, { schema: table.schema, name: key.index }, (index) => ({
    ...index,
    partitionOf: parent,
  }));
}

/** An index becomes a constraint: it takes the constraint's name, and its columns are the constraint's. */
function withKeyUsingIndex(catalog: Catalog, table: Table, spec: ConstraintSpec, name: string): Catalog {
  const index = table.indexes.find((candidate) => candidate.name === spec.usingIndex);
  if (index === undefined) return catalog;
  const columns = index.keys.flatMap((key) => (key.column === null ? [] : [key.column]));
  const full = { ...spec, nullsNotDistinct: index.nullsNotDistinct };
  const renamed = updateIndex(catalog, { schema: table.schema, name: index.name }, (before) => ({
    ...before,
    name,
    constraint: name,
  }));
  const definition = keyDefinition(full, columns, index.include);
  const constrained = addConstraint(renamed, table, blank(full, name, { columns, definition, index: name }));
  return spec.kind === 'primary_key' ? withNotNull(constrained, table, columns) : constrained;
}

/** `WITHOUT OVERLAPS` (Postgres 18): its index is GiST, not B-tree. */
export function isTemporal(spec: ConstraintSpec): boolean {
  return /overlaps/i.test(spec.definition) && constraintNode(spec.definition).without_overlaps === true;
}

/** NOT NULL goes to every table below, under the name that it has above (Postgres 18). */
function withNotNull(catalog: Catalog, name: QualifiedName, columns: readonly string[]): Catalog {
  return columns.reduce((before, column) => {
    const table = tableNamed(before, name);
    if (table === null) return before;
    const named = has(before.version, 'namedNotNullConstraints');
    const constraint = named
      ? { name: notNullName(table, column), validated: true, noInherit: false, comment: null }
      : null;
    return familyOf(before, table).reduce(
      (now, each) =>
        updateColumn(now, each, column, (current) => ({
          ...current,
          notNull: true,
          notNullConstraint: current.notNullConstraint ?? constraint,
        })),
      before,
    );
  }, catalog);
}
