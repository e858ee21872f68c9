/** DROP NOT NULL (row 7): a widening, run as written. The way back is the safe path of SET NOT NULL. */
import { updateColumn } from '../catalog/edit.ts';
import { columnOf, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import type { DropNotNull } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { writesOnly } from './pieces/constraint-statement.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { restoreNotNull } from './pieces/not-null.ts';
import { familyOf } from './pieces/table-family.ts';
import { nothingToUndo, undoBy } from './step-draft.ts';
import { touchColumn, touchPrimaryKey } from './touch.ts';

export const dropNotNull: Operation<DropNotNull> = {
  kind: 'drop_not_null',

  decode(part) {
    const drop = tableCommand(part, 'AT_DropNotNull');
    if (drop === null) return null;
    const { table, ifTableExists, command } = drop;
    return [{ kind: 'drop_not_null', sql: part.sql, table, ifTableExists, column: command.name ?? '' }];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    return reached(change, table, catalog).reduce(
      (edited, member) =>
        updateColumn(edited, member, change.column, (column) => ({
          ...column,
          notNull: false,
          notNullConstraint: null,
        })),
      catalog,
    );
  },

  touches: (change, catalog) => ({
    // A column of the primary key cannot be NULL, so an old key has to be gone.
    reads: [touchPrimaryKey(catalog, change.table)],
    writes: [touchColumn(catalog, change.table, change.column)],
  }),

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    return {
      ...noEffects,
      locks: reached(change, table, catalog).flatMap((member) => lockOn(member, 'ACCESS EXCLUSIVE')),
    };
  },

  plan: (change, { catalog, migration }) => [directStep('expand', change.sql, undoIn(change, catalog, migration))],

  undo: (change, catalog) => undoIn(change, catalog, ''),
};

/** ONLY leaves the tables below as they are. */
function reached({ sql: written }: DropNotNull, table: Table, catalog: Catalog): readonly Table[] {
  return writesOnly(written) ? [table] : familyOf(catalog, table);
}

function undoIn(change: DropNotNull, catalog: Parameters<typeof dropNotNull.undo>[1], migration: string) {
  const table = resolveTable(catalog, change.table);
  const column = table === null ? null : columnOf(table, change.column);
  if (table === null || column?.notNull !== true) return nothingToUndo;
  return undoBy(...restoreNotNull(table, column, catalog, migration));
}
