/**
 * VALIDATE CONSTRAINT as the person wrote it: a scan under SHARE UPDATE EXCLUSIVE, for which nobody who reads or writes
 * waits, and for a foreign key ROW SHARE on the referenced table (measured: validate_check, validate_fk). It refuses
 * nothing that the constraint does not refuse already, so it runs in expand; where the constraint itself waits for
 * contract, the validation waits with it.
 */
import { updateConstraint, updateTable } from '../catalog/edit.ts';
import { constraintOf, resolveTable, tableNamed } from '../catalog/lookup.ts';
import type { Catalog, Column, Table } from '../catalog/model.ts';
import { identifier, literal, qualified, sql } from '../sql/template.ts';
import type { ValidateConstraint } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { addNotValid, restoreComment, restoreDefinition } from './pieces/constraint-statement.ts';
import { constraintParts } from './pieces/constraint-parts.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchColumn, touchConstraint, touchRows } from './touch.ts';

export const validateConstraint: Operation<ValidateConstraint> = {
  kind: 'validate_constraint',

  decode(part) {
    const found = tableCommand(part, 'AT_ValidateConstraint');
    if (found === null) return null;
    const { table, ifTableExists, command } = found;
    return [{ kind: 'validate_constraint', sql: part.sql, table, ifTableExists, name: command.name ?? '' }];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    const valid = constraintParts(catalog, table, change.name).reduce(
      (before, part) =>
        updateConstraint(before, part.table, part.constraint, (constraint) => ({ ...constraint, validated: true })),
      catalog,
    );
    return notNullTables(valid, table, change.name).reduce(
      (before, each) => updateTable(before, each, (current) => withColumns(current, change.name)),
      valid,
    );
  },

  touches(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const constraint = table === null ? null : constraintOf(table, change.name);
    return {
      reads: [
        touchRows(catalog, change.table),
        ...(constraint?.columns ?? []).map((column) => touchColumn(catalog, change.table, column)),
        ...(constraint?.references ? [touchRows(catalog, constraint.references.table)] : []),
      ],
      writes: [touchConstraint(catalog, change.table, change.name)],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const own = lockOn(table, 'SHARE UPDATE EXCLUSIVE');
    if (isValid(table, change.name)) return { ...noEffects, locks: own };
    const constraint = constraintOf(table, change.name);
    const parts = constraintParts(catalog, table, change.name).map((part) => part.table);
    const below = parts.length > 0 ? parts : notNullTables(catalog, table, change.name);
    const referenced = constraint?.references ? tableNamed(catalog, constraint.references.table) : null;
    // One join looks up all rows; it may read the referenced table from end to end as well.
    const looked =
      referenced === null ? [] : referenced.kind === 'partitioned' ? familyOf(catalog, referenced) : [referenced];
    return {
      ...noEffects,
      locks: [
        ...below.flatMap((each) => lockOn(each, 'SHARE UPDATE EXCLUSIVE')),
        ...(referenced === null ? [] : lockOn(referenced, 'ROW SHARE')),
      ],
      scans: withRows([...new Set([...below, ...looked])]),
    };
  },

  plan: (change, { catalog, directives }) => [
    directStep(directives.phase ?? 'expand', change.sql, validateConstraint.undo(change, catalog)),
  ],

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null || isValid(table, change.name)) return nothingToUndo;
    const alter = sql`ALTER TABLE ${qualified(table)}`;
    const drop = sql`${alter} DROP CONSTRAINT ${identifier(change.name)}`.text;
    const constraint = constraintOf(table, change.name);
    if (constraint !== null) {
      const again = addNotValid(alter, change.name, restoreDefinition(constraint));
      return undoBy(transactional(drop, again, ...restoreComment(table, constraint)));
    }
    const column = table.columns.find((candidate) => candidate.notNullConstraint?.name === change.name);
    if (column === undefined) return nothingToUndo;
    const comment = column.notNullConstraint?.comment ?? null;
    return undoBy(
      transactional(
        drop,
        sql`${alter} ADD CONSTRAINT ${identifier(change.name)} NOT NULL ${identifier(column.name)} NOT VALID`.text,
        ...(comment === null
          ? []
          : [sql`COMMENT ON CONSTRAINT ${identifier(change.name)} ON ${qualified(table)} IS ${literal(comment)}`.text]),
      ),
    );
  },
};

/** A constraint that is not known counts as not valid: the statement then scans. */
function isValid(table: Table, name: string): boolean {
  return (
    constraintOf(table, name)?.validated === true ||
    table.columns.some((column) => column.notNullConstraint?.name === name && column.notNullConstraint.validated)
  );
}

/** The table, and those below it whose NOT NULL of that name comes from it. */
function notNullTables(catalog: Catalog, table: Table, name: string): readonly Table[] {
  const own = table.columns.find((column) => column.notNullConstraint?.name === name);
  if (own === undefined || own.notNullConstraint?.noInherit === true) return [table];
  return familyOf(catalog, table);
}

function withColumns(table: Table, name: string): Table {
  const columns = table.columns.map((column): Column =>
    column.notNullConstraint?.name === name
      ? { ...column, notNullConstraint: { ...column.notNullConstraint, validated: true } }
      : column,
  );
  return columns.some((column, at) => column !== table.columns[at]) ? { ...table, columns } : table;
}
