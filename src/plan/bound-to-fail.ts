/**
 * What the server refuses whatever the rows are: a column or a constraint that is not there, a name that is taken, one
 * ALTER TABLE that needs what it adds or drops itself, a foreign key to a table that a crash empties, a key of a foreign
 * table. It is found before anything runs, because a later phase would find it only when the steps before it are done for good.
 *
 * Only a schema that was read knows what is not there: a folded one may not have seen all of a table.
 */
import { expressionColumns } from '../catalog/expression-columns.ts';
import { columnOf, constraintOf, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import { familyOf } from '../operations/pieces/table-family.ts';

/** `together` are all changes of the statement; `isRead` says whether all is known of the table. */
export function refuseBoundToFail(
  change: Change,
  together: readonly Change[],
  catalog: Catalog,
  isRead: (table: Table) => boolean,
): void {
  const reason =
    typeChangedTwice(change, together) ??
    needsDropped(change, together) ??
    refersToUnlogged(change, catalog) ??
    keyOfForeignRows(change, catalog) ??
    missingOrTaken(change, together, catalog, isRead);
  if (reason === null) return;
  throw new MigrateError('CANNOT_PLAN', reason, {
    hint: 'Postgres refuses the statement, too, whatever the rows are: correct it, or take it out.',
  });
}

/** One ALTER TABLE computes both new values from the old ones, so the server takes only one of them. */
function typeChangedTwice(change: Change, together: readonly Change[]): string | null {
  if (change.kind !== 'alter_column_type') return null;
  const { column } = change;
  const isOther = (other: Change): boolean =>
    other !== change &&
    ((other.kind === 'alter_column_type' && other.column === column) ||
      (other.kind === 'add_column' && other.column.name === column));
  const other = together.find(isOther);
  if (other === undefined) return null;
  return other.kind === 'add_column'
    ? `One ALTER TABLE adds ${change.table.name}.${column} and changes its type.`
    : `One ALTER TABLE changes the type of ${change.table.name}.${column} twice.`;
}

/** What is dropped goes first, in whatever order it is written. */
function needsDropped(change: Change, together: readonly Change[]): string | null {
  const dropped = together.flatMap((other) =>
    other.kind === 'drop_column' && other !== change && !addsColumn(together, other.column) ? [other.column] : [],
  );
  const needed = dropped.find(
    (name) => neededColumns(change).includes(name) || constrainedColumns(change).includes(name),
  );
  if (needed === undefined || !('table' in change) || change.table === null) return null;
  return `One ALTER TABLE drops ${change.table.name}.${needed} and needs it.`;
}

function addsColumn(together: readonly Change[], name: string): boolean {
  return together.some((other) => other.kind === 'add_column' && other.column.name === name);
}

/** Of a constraint that is added. */
function constrainedColumns(change: Change): readonly string[] {
  switch (change.kind) {
    case 'add_check': {
      const { expression } = change.constraint;
      return expression === null ? [] : (expressionColumns(expression, change.table.name) ?? []);
    }
    case 'add_unique':
    case 'add_foreign_key':
      return change.constraint.columns;
    default:
      return [];
  }
}

/** After a crash the rows referred to would be gone. */
function refersToUnlogged(change: Change, catalog: Catalog): string | null {
  const keys =
    change.kind === 'create_table' ? change.constraints : change.kind === 'add_foreign_key' ? [change.constraint] : [];
  const target = keys
    .map(({ references }) => (references === null ? null : resolveTable(catalog, references.table)))
    .find((table) => table?.persistence === 'unlogged');
  if (target === undefined || target === null || !('table' in change) || change.table === null) return null;
  const own =
    change.kind === 'create_table'
      ? change.persistence
      : (resolveTable(catalog, change.table)?.persistence ?? 'unlogged');
  return own === 'permanent' ? `${change.table.name} refers to ${target.name}, which is unlogged.` : null;
}

/** Nobody here could keep rows elsewhere unique, or to a foreign key. */
function keyOfForeignRows(change: Change, catalog: Catalog): string | null {
  const what = foreignless(change);
  if (what === null || !('table' in change) || change.table === null) return null;
  const table = resolveTable(catalog, change.table);
  if (table === null || table.kind === 'table') return null;
  const foreign = familyOf(catalog, table).find(({ kind }) => kind === 'foreign');
  if (foreign === undefined) return null;
  return foreign === table
    ? `${table.name} is a foreign table, which can have no ${what}.`
    : `${table.name} can have no ${what}, because its partition ${foreign.name} is a foreign table.`;
}

function foreignless(change: Change): string | null {
  switch (change.kind) {
    case 'add_unique':
      return change.constraint.kind === 'primary_key' ? 'primary key' : 'unique constraint';
    case 'add_foreign_key':
      return 'foreign key';
    case 'create_index':
      return change.unique ? 'unique index' : null;
    default:
      return null;
  }
}

function missingOrTaken(
  change: Change,
  together: readonly Change[],
  catalog: Catalog,
  isRead: (table: Table) => boolean,
): string | null {
  const table = tableOf(change, catalog);
  if (table === null || !isRead(table)) return null;
  const missing = neededColumns(change).find(
    (name) => columnOf(table, name) === null && (change.kind === 'drop_column' || !addsColumn(together, name)),
  );
  if (missing !== undefined) return `${table.name} has no column ${missing}.`;
  if (change.kind === 'rename_column' && columnOf(table, change.to) !== null)
    return `${table.name} has a column ${change.to} already.`;
  const constraint = neededConstraint(change);
  if (constraint !== null && !hasConstraint(table, constraint)) return `${table.name} has no constraint ${constraint}.`;
  if (change.kind === 'rename_object' && hasConstraint(table, change.to))
    return `${table.name} has a constraint ${change.to} already.`;
  return null;
}

/** Of a change to a table, or to a constraint on it. */
function tableOf(change: Change, catalog: Catalog): Table | null {
  if (change.kind === 'rename_object')
    return change.objectType === 'constraint' ? resolveTable(catalog, change.name) : null;
  return 'table' in change && change.table !== null ? resolveTable(catalog, change.table) : null;
}

function neededConstraint(change: Change): string | null {
  if (change.kind === 'rename_object') return change.from;
  if (change.kind === 'validate_constraint') return change.name;
  return change.kind === 'drop_constraint' && !change.ifExists ? change.name : null;
}

function neededColumns(change: Change): readonly string[] {
  switch (change.kind) {
    case 'alter_column_type':
    case 'set_not_null':
    case 'drop_not_null':
    case 'set_default':
      return [change.column];
    case 'drop_column':
      return change.ifExists ? [] : [change.column];
    case 'rename_column':
      return [change.from];
    default:
      return [];
  }
}

/** A NOT NULL has a name, too. */
function hasConstraint(table: Table, name: string): boolean {
  return (
    constraintOf(table, name) !== null ||
    table.columns.some(({ notNullConstraint }) => notNullConstraint?.name === name)
  );
}
