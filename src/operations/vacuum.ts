/**
 * VACUUM and ANALYZE: work on the rows as they lie, for which nobody who reads or writes waits (SHARE UPDATE EXCLUSIVE;
 * measured: analyze.*). VACUUM FULL is another thing (rewrite-table.ts).
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { has } from '../postgres/version.ts';
import type { Vacuum } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { directStep, statementTitle } from './pieces/direct.ts';
import { lockOn } from './pieces/locks.ts';
import { familyOf } from './pieces/table-family.ts';
import { isFull } from './pieces/vacuum-options.ts';
import { nothingToUndo, outsideTransaction } from './step-draft.ts';
import { touchRows } from './touch.ts';

export const vacuum: Operation<Vacuum> = {
  kind: 'vacuum',

  decode(part) {
    if (!('VacuumStmt' in part.node) || isFull(part.node.VacuumStmt)) return null;
    const { rels, is_vacuumcmd } = part.node.VacuumStmt;
    return [
      {
        kind: 'vacuum',
        sql: part.sql,
        tables: (rels ?? []).flatMap((node) =>
          'VacuumRelation' in node ? [relationName(node.VacuumRelation.relation)] : [],
        ),
        outsideTransaction: is_vacuumcmd === true,
      },
    ];
  },

  apply: (catalog) => catalog,
  // It is written where it is because of the rows that were written above it.
  touches: (change, catalog) => ({ reads: change.tables.map((table) => touchRows(catalog, table)), writes: [] }),

  effects: (change, catalog) => ({
    ...noEffects,
    locks: reachedBy(change, catalog).flatMap((table) => lockOn(table, 'SHARE UPDATE EXCLUSIVE')),
  }),

  plan: (change) => [
    change.outsideTransaction
      ? {
          phase: 'expand',
          title: statementTitle(change.sql),
          run: outsideTransaction(change.sql, null),
          undo: nothingToUndo,
          notes: [],
        }
      : directStep('expand', change.sql, nothingToUndo),
  ],

  undo: () => nothingToUndo,
};

/** Without a name: every table. Tables that inherit are locked since Postgres 18 (measured: analyze_inherit). */
function reachedBy({ tables }: Vacuum, catalog: Catalog): readonly Table[] {
  if (tables.length === 0) return [...catalog.tables.values()];
  return tables.flatMap((name) => {
    const table = resolveTable(catalog, name);
    if (table === null) return [];
    const down = table.kind === 'partitioned' || has(catalog.version, 'vacuumsInheritingTables');
    return down ? familyOf(catalog, table) : [table];
  });
}
