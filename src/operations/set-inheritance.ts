/**
 * ALTER TABLE … INHERIT and NO INHERIT: the rows of one table are seen in another from then on, or no longer. Nothing is
 * read (measured: inherit, no_inherit). Rows that go out of the old application's sight wait for contract.
 */
import { updateTable } from '../catalog/edit.ts';
import { resolveName, resolveTable, sameName } from '../catalog/lookup.ts';
import { qualified, raw, sql } from '../sql/template.ts';
import type { SetInheritance } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { nothingToUndo, transactional, undoBy } from './step-draft.ts';
import { touchRelation } from './touch.ts';

export const setInheritance: Operation<SetInheritance> = {
  kind: 'set_inheritance',

  decode(part) {
    const found = tableCommand(part, 'AT_AddInherit', 'AT_DropInherit');
    if (found === null) return null;
    const { table, ifTableExists, command } = found;
    const parent = command.def !== undefined && 'RangeVar' in command.def ? relationName(command.def.RangeVar) : null;
    if (parent === null) return null;
    return [
      {
        kind: 'set_inheritance',
        sql: part.sql,
        table,
        ifTableExists,
        parent,
        inherits: command.subtype === 'AT_AddInherit',
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    const parent = resolveName(catalog, change.parent);
    return updateTable(catalog, table, (each) => {
      const others = each.inherits.filter((name) => !sameName(name, parent));
      return { ...each, inherits: change.inherits ? [...others, parent] : others };
    });
  },

  touches: (change, catalog) => ({
    reads: [],
    writes: [touchRelation(catalog, change.table), touchRelation(catalog, change.parent)],
  }),

  effects: (change, catalog) => ({
    ...noEffects,
    locks: [
      ...lockOn(resolveTable(catalog, change.table), 'ACCESS EXCLUSIVE'),
      ...(change.inherits ? lockOn(resolveTable(catalog, change.parent), 'SHARE UPDATE EXCLUSIVE') : []),
    ],
  }),

  plan: (change, { catalog }) => [
    directStep(change.inherits ? 'expand' : 'contract', change.sql, setInheritance.undo(change, catalog), [
      change.inherits
        ? `Whoever reads ${change.parent.name} without ONLY sees the rows of ${change.table.name} from then on.`
        : `The old version may look for the rows of ${change.table.name} in ${change.parent.name} until contract.`,
    ]),
  ],

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return nothingToUndo;
    const parent = resolveName(catalog, change.parent);
    if (table.inherits.some((name) => sameName(name, parent)) === change.inherits) return nothingToUndo;
    const back = raw(change.inherits ? 'NO INHERIT' : 'INHERIT');
    return undoBy(transactional(sql`ALTER TABLE ${qualified(table)} ${back} ${qualified(parent)}`.text));
  },
};
