/**
 * DROP TABLE (row 16): in contract, foreign keys first. Dropping a foreign key, or a table that has one, takes ACCESS
 * EXCLUSIVE on the referenced table as well (measured: drop_table.with_fk_out, drop_constraint.fk), so each key goes in a
 * transaction of its own and no two hot tables are locked at once for longer than that. A partition locks its parent, and
 * the default partition beside it (measured: drop_partition.default_exists).
 */
import { describeDependent } from '../catalog/dependents.ts';
import { droppedAlong, withoutDroppedAlong } from '../catalog/dropped-along.ts';
import { dropTable as removeTable } from '../catalog/edit.ts';
import { foreignKeysTo, resolveTable, sameName, tableNamed } from '../catalog/lookup.ts';
import type { Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { identifier, qualified, sql } from '../sql/template.ts';
import type { DropTable } from './change.ts';
import { objectName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { defaultPartitionOf } from './pieces/default-partition.ts';
import { directStep } from './pieces/direct.ts';
import { lockOn, lockOnFamily, lockOnRelation } from './pieces/locks.ts';
import { withKeyTriggers } from './pieces/table-family.ts';
import { cannotUndo, nothingToUndo, transactional, type StepDraft } from './step-draft.ts';
import { touchesGone } from './pieces/goes-along.ts';
import { touchRelation } from './touch.ts';

export const dropTable: Operation<DropTable> = {
  kind: 'drop_table',

  decode(part) {
    if (!('DropStmt' in part.node)) return null;
    const statement = part.node.DropStmt;
    if (statement.removeType !== 'OBJECT_TABLE' && statement.removeType !== 'OBJECT_FOREIGN_TABLE') return null;
    return [
      {
        kind: 'drop_table',
        sql: part.sql,
        tables: (statement.objects ?? []).map(objectName),
        ifExists: statement.missing_ok === true,
        cascade: statement.behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply(catalog, change) {
    const tables = change.tables.flatMap((name) => resolveTable(catalog, name) ?? []);
    // Without CASCADE the server would have refused; with it, what depends on the tables goes, too.
    return tables.reduce(removeTable, withoutDroppedAlong(catalog, droppedAlong(catalog, tables)));
  },

  touches: (change, catalog) => ({
    reads: [],
    writes: [
      ...change.tables.map((name) => touchRelation(catalog, name)),
      ...change.tables.flatMap((name) => {
        const table = resolveTable(catalog, name);
        if (table === null) return [];
        return [
          ...foreignKeysTo(catalog, table).map((key) => touchRelation(catalog, key.table)),
          ...touchesGone(table, catalog, removeTable(catalog, table)),
        ];
      }),
    ],
  }),

  effects(change, catalog) {
    const tables = change.tables.flatMap((name) => resolveTable(catalog, name) ?? []);
    return {
      ...noEffects,
      locks: tables.flatMap((table) => [
        // Partitions go with their table, inheriting tables only with CASCADE.
        ...(table.kind === 'partitioned' || change.cascade
          ? lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE')
          : lockOn(table, 'ACCESS EXCLUSIVE')),
        ...table.constraints
          .flatMap(({ references }) => (references === null ? [] : (tableNamed(catalog, references.table) ?? [])))
          .flatMap((target) => withKeyTriggers(catalog, target))
          .flatMap((target) => lockOn(target, 'ACCESS EXCLUSIVE')),
        ...foreignKeysTo(catalog, table).flatMap((key) => lockOn(key.table, 'ACCESS EXCLUSIVE')),
        ...(change.cascade ? droppedAlong(catalog, tables).relations : []).flatMap((name) =>
          lockOnRelation(catalog, name, 'ACCESS EXCLUSIVE'),
        ),
        ...(table.partitionOf === null
          ? []
          : [
              tableNamed(catalog, table.partitionOf.parent),
              defaultPartitionOf(catalog, table.partitionOf.parent),
            ].flatMap((other) => lockOn(other, 'ACCESS EXCLUSIVE'))),
      ]),
      drops: tables.map((table) => `table ${table.name}`),
    };
  },

  plan(change, { catalog }) {
    const tables = change.tables.flatMap((name) => resolveTable(catalog, name) ?? []);
    const goes = (candidate: { readonly schema: string; readonly name: string }) =>
      tables.some((table) => sameName(table, candidate));
    const incoming = tables.flatMap((table) => foreignKeysTo(catalog, table).filter((key) => !goes(key.table)));
    if (incoming.length > 0 && !change.cascade) {
      throw new MigrateError(
        'CANNOT_PLAN',
        `${tables.map((table) => table.name).join(', ')} cannot be dropped, because ${incoming.map((key) => `${key.constraint.name} of ${key.table.name}`).join(', ')} references it.`,
        { hint: 'Drop these foreign keys first, in the same migration above this statement.' },
      );
    }
    const along = droppedAlong(catalog, tables).dependents.filter(
      ({ kind }) => kind !== 'foreign key of another table',
    );
    if (along.length > 0 && !change.cascade && catalog.uncertain.length === 0) {
      throw new MigrateError(
        'CANNOT_PLAN',
        `${tables.map((table) => table.name).join(', ')} cannot be dropped, because it is used by ${along.map(describeDependent).join(', ')}.`,
        { hint: 'Drop or change these first, in the same migration above this statement.' },
      );
    }
    const notes = along.map((dependent) => `CASCADE, as written, also drops ${describeDependent(dependent)}.`);
    return [
      ...tables.flatMap((table) =>
        table.constraints.flatMap((constraint) =>
          constraint.kind === 'foreign_key' &&
          constraint.references !== null &&
          !goes(constraint.references.table) &&
          !constraint.inherited
            ? [dropKey(table, constraint.name)]
            : [],
        ),
      ),
      ...incoming.map((key) => dropKey(key.table, key.constraint.name)),
      directStep('contract', change.sql, dropTable.undo(change, catalog), notes),
    ];
  },

  undo: (change, catalog) =>
    change.tables.some((name) => resolveTable(catalog, name) !== null)
      ? cannotUndo(`the rows of ${change.tables.map((name) => name.name).join(', ')} are gone`)
      : nothingToUndo,
};

/** IF EXISTS, because an opaque statement above may have taken it along. */
function dropKey(table: Table, constraint: string): StepDraft {
  return {
    phase: 'contract',
    title: `Drop foreign key ${constraint} of ${table.name}`,
    run: transactional(
      sql`ALTER TABLE IF EXISTS ${qualified(table)} DROP CONSTRAINT IF EXISTS ${identifier(constraint)}`.text,
    ),
    undo: nothingToUndo,
    notes: [],
  };
}
