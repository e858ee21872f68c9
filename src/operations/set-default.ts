/**
 * SET DEFAULT and DROP DEFAULT (row 8): no row changes, so both run as written. Dropping the default of a NOT NULL column
 * is a narrowing, because the old application may leave the column out.
 */
import { updateColumn } from '../catalog/edit.ts';
import { columnOf, resolveTable } from '../catalog/lookup.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { SetDefault } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { defaultText } from './decode/column-spec.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOnFamily } from './pieces/locks.ts';
import { familyOf } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchColumn } from './touch.ts';
import { storedDefault } from './pieces/stored-default.ts';

export const setDefault: Operation<SetDefault> = {
  kind: 'set_default',

  decode(part) {
    const set = tableCommand(part, 'AT_ColumnDefault');
    if (set === null) return null;
    const { table, ifTableExists, command } = set;
    const expression = command.def === undefined ? null : defaultText(command.def);
    return [
      { kind: 'set_default', sql: part.sql, table, ifTableExists, column: command.name ?? '', default: expression },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    return familyOf(catalog, table).reduce(
      (edited, member) =>
        updateColumn(edited, member, change.column, (column) => ({
          ...column,
          default: storedDefault(change.default, column.type),
        })),
      catalog,
    );
  },

  touches: (change, catalog) => ({ reads: [], writes: [touchColumn(catalog, change.table, change.column)] }),

  effects: (change, catalog) => ({
    ...noEffects,
    locks: lockOnFamily(catalog, resolveTable(catalog, change.table), 'ACCESS EXCLUSIVE'),
  }),

  plan(change, { catalog }) {
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    const narrowing = change.default === null && column?.notNull === true && column.default !== null;
    return [
      directStep(
        narrowing ? 'contract' : 'expand',
        change.sql,
        setDefault.undo(change, catalog),
        narrowing
          ? [
              `The running application may leave ${change.column} out and rely on the default, so the default goes last.`,
            ]
          : [],
      ),
    ];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null || column.default === change.default) return nothingToUndo;
    const clause = column.default === null ? raw('DROP DEFAULT') : sql`SET DEFAULT ${raw(column.default)}`;
    return undoBy(
      transactional(sql`ALTER TABLE ${qualified(table)} ALTER COLUMN ${identifier(column.name)} ${clause}`.text),
    );
  },
};
