/**
 * TRUNCATE: the rows are gone in a moment, under ACCESS EXCLUSIVE (measured: truncate.*), and nothing brings them back. The
 * old application may still need them, so it waits for contract.
 */
import { resolveTable, foreignKeysTo } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import type { Truncate } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { familyOf, withRows } from './pieces/table-family.ts';
import { cannotUndo, nothingToUndo } from './step-draft.ts';
import { touchRelation, touchRows } from './touch.ts';

export const truncate: Operation<Truncate> = {
  kind: 'truncate',

  decode(part) {
    if (!('TruncateStmt' in part.node)) return null;
    const { relations, behavior } = part.node.TruncateStmt;
    const ranges = (relations ?? []).flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []));
    return [
      {
        kind: 'truncate',
        sql: part.sql,
        tables: ranges.map(relationName),
        only: ranges.filter(({ inh }) => inh !== true).map(relationName),
        cascade: behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply: (catalog) => catalog,

  touches: (change, catalog) => ({
    reads: change.tables.map((table) => touchRelation(catalog, table)),
    writes: reachedBy(change, catalog).map((table) => touchRows(catalog, table)),
  }),

  effects(change, catalog) {
    const tables = reachedBy(change, catalog);
    return {
      ...noEffects,
      locks: tables.flatMap((table) => lockOn(table, 'ACCESS EXCLUSIVE')),
      rewrites: withRows(tables),
      drops: withRows(tables).map(({ name }) => `all rows of ${name}`),
    };
  },

  plan(change, { catalog }) {
    const others = reachedBy(change, catalog).filter(
      (table) => !change.tables.some((name) => resolveTable(catalog, name) === table),
    );
    const along = others.length === 0 ? '' : `, and with them those of ${others.map(({ name }) => name).join(', ')}`;
    const note = `It deletes all rows${along}; the old version may need them until contract.`;
    return [
      { ...directStep('contract', change.sql, truncate.undo(change, catalog), [note]), exemption: 'inherent' as const },
    ];
  },

  undo: (change, catalog) =>
    change.tables.some((name) => resolveTable(catalog, name) !== null)
      ? cannotUndo(`the rows of ${change.tables.map(({ name }) => name).join(', ')} are gone`)
      : nothingToUndo,
};

/** With what is below, unless ONLY is written, and with CASCADE whatever references it. */
function reachedBy({ tables, only, cascade }: Truncate, catalog: Catalog): readonly Table[] {
  const reached = new Set<Table>();
  const reach = (table: Table, alone: boolean): void => {
    for (const member of alone ? [table] : familyOf(catalog, table)) {
      if (reached.has(member)) continue;
      reached.add(member);
      if (cascade) for (const key of foreignKeysTo(catalog, member)) reach(key.table, false);
    }
  };
  for (const name of tables) {
    const table = resolveTable(catalog, name);
    const alone = only.some((each) => each.name === name.name && each.schema === name.schema);
    if (table !== null) reach(table, alone && table.kind !== 'partitioned');
  }
  return [...reached];
}
