/**
 * A constraint as written, put into the catalog: with the name that Postgres chooses where none is written, the index
 * behind a key, and the NOT NULL that a primary key brings.
 */
import { addConstraint, addIndex, updateColumn, updateIndex } from '../../catalog/edit.ts';
import { blankConstraint, blankIndex, blankIndexKey } from '../../catalog/blank.ts';
import { primaryKey, resolveName, resolveTable, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Constraint, QualifiedName, Table } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { identifier, join, qualified, sql } from '../../sql/template.ts';
import type { ConstraintSpec } from '../change.ts';
import { chosenConstraintName } from './chosen-name.ts';
import { notNullName } from './not-null.ts';

/** The catalog with the constraint on the table. */
export function foldConstraint(catalog: Catalog, tableName: QualifiedName, spec: ConstraintSpec): Catalog {
  const table = tableNamed(catalog, tableName);
  if (table === null) return catalog;
  const name = chosenConstraintName(catalog, table, spec);
  if (spec.usingIndex !== null) return foldUsingIndex(catalog, table, spec, name);
  const constraint: Constraint = blankConstraint(name, spec.kind, spec.definition, {
    columns: spec.columns,
    validated: !spec.notValid && spec.enforced,
    enforced: spec.enforced,
    deferrable: spec.deferrable,
    initiallyDeferred: spec.initiallyDeferred,
    noInherit: spec.noInherit,
    expression: spec.expression,
    references: foldReferences(catalog, table, spec),
    index: spec.kind === 'check' || spec.kind === 'foreign_key' ? null : name,
  });
  const withConstraint = addConstraint(catalog, tableName, constraint);
  if (constraint.index === null) return withConstraint;
  const columns = join(spec.columns.map(identifier));
  const withIndex = addIndex(
    withConstraint,
    tableName,
    blankIndex(
      name,
      sql`CREATE UNIQUE INDEX ${identifier(name)} ON ${qualified(tableName)} USING btree (${columns})`.text,
      {
        unique: spec.kind !== 'exclusion',
        keys: spec.columns.map((column) => blankIndexKey(column)),
        include: spec.include,
        nullsNotDistinct: spec.nullsNotDistinct,
        constraint: name,
      },
    ),
  );
  return spec.kind === 'primary_key' ? notNullColumns(withIndex, tableName, spec.columns) : withIndex;
}

/** An index becomes a constraint: it takes the constraint's name, and its columns are the constraint's. */
function foldUsingIndex(catalog: Catalog, table: Table, spec: ConstraintSpec, name: string): Catalog {
  const index = table.indexes.find((candidate) => candidate.name === spec.usingIndex);
  if (index === undefined) return catalog;
  const columns = index.keys.flatMap((key) => (key.column === null ? [] : [key.column]));
  const renamed = updateIndex(catalog, { schema: table.schema, name: index.name }, (before) => ({
    ...before,
    name,
    constraint: name,
  }));
  const keyword = sql`${identifier(columns[0] ?? '')}`.text;
  const list = columns.length === 1 ? keyword : join(columns.map(identifier)).text;
  const withConstraint = addConstraint(
    renamed,
    table,
    blankConstraint(name, spec.kind, `${spec.kind === 'primary_key' ? 'PRIMARY KEY' : 'UNIQUE'} (${list})`, {
      columns,
      deferrable: spec.deferrable,
      initiallyDeferred: spec.initiallyDeferred,
      index: name,
    }),
  );
  return spec.kind === 'primary_key' ? notNullColumns(withConstraint, table, columns) : withConstraint;
}

function notNullColumns(catalog: Catalog, table: QualifiedName, columns: readonly string[]): Catalog {
  return columns.reduce((before, name) => {
    const current = tableNamed(before, table);
    if (current === null) return before;
    return updateColumn(before, table, name, (column) => ({
      ...column,
      notNull: true,
      notNullConstraint:
        column.notNullConstraint ??
        (has(catalog.version, 'namedNotNullConstraints')
          ? { name: notNullName(current, name), validated: true, noInherit: false, comment: null }
          : null),
    }));
  }, catalog);
}

function foldReferences(catalog: Catalog, table: Table, spec: ConstraintSpec): Constraint['references'] {
  if (spec.references === null) return null;
  const target = resolveTable(catalog, spec.references.table);
  const columns =
    spec.references.columns.length > 0
      ? spec.references.columns
      : target === null
        ? []
        : (primaryKey(target)?.columns ?? []);
  return {
    table: target === null ? resolveName(catalog, spec.references.table) : { schema: target.schema, name: target.name },
    columns: columns.length > 0 ? columns : table.name === spec.references.table.name ? spec.columns : [],
    onDelete: spec.references.onDelete,
    onUpdate: spec.references.onUpdate,
    match: spec.references.match,
  };
}
