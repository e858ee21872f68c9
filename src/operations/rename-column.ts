/**
 * RENAME COLUMN (row 12). With `-- migrate:strategy view` through a view (pieces/rename-through-view.ts), else through a
 * copy:
 *
 * The old application knows the old name only, the new one the new name only, and both run for a while. So the column
 * gets a copy under the new name; triggers keep the two the same, whichever is written (pieces/two-way-sync.ts says how);
 * a backfill fills the copy; its indexes are built over the copy for the new application's queries and ON CONFLICT.
 *
 * Contract drops the *copy* and renames the original, in one short transaction: at that moment both hold the same value
 * in every row (a gate counts), so nothing is lost either way, and the end state is that of the plain statement by
 * construction, down to the order of the columns: constraints, foreign keys in both directions, identity, views,
 * policies, generated columns, statistics and privileges have never left the column. They need no copies, because the
 * original enforces them for both. It can even be taken back afterwards.
 *
 * What the new application must know: until the backfill is done, rows that nobody has touched are NULL under the new
 * name, so it is deployed after the backfill.
 */
import { columnOf, resolveTable, resolveView, sameName, tableNamed } from '../catalog/lookup.ts';
import { updateView } from '../catalog/edit.ts';
import type { Catalog, Column, Table } from '../catalog/model.ts';
import { identifier, qualified, raw, sql } from '../sql/template.ts';
import type { RenameColumn } from './change.ts';
import { relationName } from './decode/names.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import { touchParts } from './pieces/column-parts.ts';
import { columnGrants } from './pieces/column-grants.ts';
import { directStep } from './pieces/direct.ts';
import { baseType } from './pieces/domain-base.ts';
import { indexCopySteps, indexesOver } from './pieces/index-copy.ts';
import { lockOn } from './pieces/locks.ts';
import { oneWaySync } from './pieces/one-way-sync.ts';
import { functionsToFollow } from './pieces/functions-to-follow.ts';
import { hasVolatileDefault, refuseRename, renameNotes } from './pieces/rename-limits.ts';
import { isRenamable, refuseView, viewSteps } from './pieces/rename-through-view.ts';
import { relationSql } from './pieces/relation-sql.ts';
import { withRenamedColumn } from './pieces/renamed-column.ts';
import { helperComment, type TriggerStatements } from './pieces/sync-trigger.ts';
import { familyOf } from './pieces/table-family.ts';
import { twinTriggers } from './pieces/twin-triggers.ts';
import { inTypeOfCopy, twoWaySync, type TwoWaySync } from './pieces/two-way-sync.ts';
import { unvalidatedGates } from './pieces/unvalidated-gates.ts';
import { differ } from './pieces/value-difference.ts';
import { nothingToUndo, transactional, undoBy, type StepDraft, type Undo } from './step-draft.ts';
import { touchColumn, touchRelation, touchRows } from './touch.ts';

export const renameColumn: Operation<RenameColumn> = {
  kind: 'rename_column',

  decode(part) {
    if (!('RenameStmt' in part.node)) return null;
    const { renameType, relation, subname, newname, missing_ok } = part.node.RenameStmt;
    if (renameType !== 'OBJECT_COLUMN') return null;
    return [
      {
        kind: 'rename_column',
        sql: part.sql,
        table: relationName(relation),
        ifTableExists: missing_ok === true,
        from: subname ?? '',
        to: newname ?? '',
      },
    ];
  },

  apply(catalog, change) {
    const { from, to } = change;
    const table = resolveTable(catalog, change.table);
    if (table !== null) {
      if (columnOf(table, from) === null || columnOf(table, to) !== null) return catalog;
      return withRenamedColumn(catalog, table, from, to);
    }
    const view = resolveView(catalog, change.table);
    if (view === null || view.columns.some((column) => column.name === to)) return catalog;
    return updateView(catalog, view, (before) => ({
      ...before,
      columns: before.columns.map((column) => (column.name === from ? { ...column, name: to } : column)),
    }));
  },

  touches(change, catalog, { strategy }) {
    const table = resolveTable(catalog, change.table);
    return {
      reads: [touchRows(catalog, change.table)],
      writes:
        // With a view in its place until contract, nothing else can be done to the table.
        strategy === 'view'
          ? [touchRelation(catalog, change.table)]
          : [
              touchColumn(catalog, change.table, change.from),
              touchColumn(catalog, change.table, change.to),
              ...(table === null ? [] : touchParts(catalog, table, change.from)),
            ],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    return { ...noEffects, locks: familyOf(catalog, table).flatMap((member) => lockOn(member, 'ACCESS EXCLUSIVE')) };
  },

  plan(change, context) {
    const { catalog, migration, directives, companions } = context;
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.from);
    // What Postgres itself refuses is left to Postgres; a foreign table's rows are not ours to copy.
    if (table === null || column === null || columnOf(table, change.to) !== null || table.kind === 'foreign') {
      return [directStep('contract', change.sql, renameColumn.undo(change, catalog))];
    }
    if (directives.strategy === 'view') {
      refuseView(change, table, catalog);
      const others = companions.flatMap(({ change: other }) => (other.kind === 'rename_column' ? [other] : []));
      return viewSteps([change, ...others], table, catalog, migration);
    }
    refuseRename(change, table, column, catalog);
    if (column.generated?.kind === 'virtual') return virtualSteps(change, table, column, column.generated.expression);
    return copySteps(change, table, column, context);
  },

  /** One view stands for the table, with all that are renamed through it. */
  joins(change, { change: later, directives }, { catalog, directives: own }) {
    if (later.kind !== 'rename_column' || own.strategy !== 'view' || directives.strategy !== 'view') return false;
    const table = resolveTable(catalog, change.table);
    const other = resolveTable(catalog, later.table);
    return table !== null && other !== null && sameName(table, other) && isRenamable(later, table);
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table !== null && columnOf(table, change.from) === null) return nothingToUndo;
    const name = table === null ? relationSql(change.table) : qualified(table);
    return undoBy(
      transactional(sql`ALTER TABLE ${name} RENAME COLUMN ${identifier(change.to)} TO ${identifier(change.from)}`.text),
    );
  },
};

function copySteps(change: RenameColumn, table: Table, column: Column, context: PlanContext): readonly StepDraft[] {
  const { catalog, migration, directives } = context;
  const { from, to } = change;
  const copy = { type: baseType(catalog, column.type), collation: column.collation };
  const triggers = keepInStep(change, table, column, context);
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const collate = copy.collation === null ? raw('') : sql` COLLATE ${raw(copy.collation)}`;
  const inStep = differ(copy, identifier(to), inTypeOfCopy(column, copy, identifier(from))).text;
  const plainDefault = column.generated === null && !hasVolatileDefault(column, catalog) ? column.default : null;
  return [
    ...unvalidatedGates(table),
    {
      phase: 'expand',
      title: `Add column ${table.name}.${to}, kept the same as ${from} in both directions`,
      run: transactional(
        sql`${on} ADD COLUMN ${identifier(to)} ${raw(copy.type)}${collate}`.text,
        // In a statement of its own: ADD COLUMN with a default would show it in the rows that exist.
        ...(plainDefault === null
          ? []
          : [sql`${on} ALTER COLUMN ${identifier(to)} SET DEFAULT ${raw(plainDefault)}`.text]),
        sql`COMMENT ON COLUMN ${qualified(table)}.${identifier(to)} IS ${helperComment(migration)}`.text,
        ...columnGrants(table, column.grants, to),
        ...triggers.create,
      ),
      undo: undoBy(transactional(...triggers.drop, sql`${on} DROP COLUMN IF EXISTS ${identifier(to)}`.text)),
      notes: renameNotes(change, table, catalog),
    },
    {
      phase: 'backfill',
      title: `Copy ${table.name}.${from} to ${to} in existing rows`,
      run: {
        kind: 'backfill',
        table: { schema: table.schema, name: table.name },
        alias: null,
        command: 'update',
        set: [{ column: to, expression: identifier(from).text }],
        where: null,
        guard: inStep,
        verify: inStep,
        batchSize: directives.batch.size,
        pauseMs: directives.batch.pauseMs,
      },
      undo: nothingToUndo,
      notes: [
        `Deploy the version that uses ${to} after this: rows that are not copied yet have no value under that name.`,
      ],
    },
    ...familyIndexes(table, from, catalog).flatMap(({ member, index }) =>
      indexCopySteps({ catalog, migration, table: member, columns: [{ from, to }], phase: 'backfill' }, index),
    ),
    {
      phase: 'contract',
      title: `Count rows of ${table.name} in which ${from} and ${to} differ`,
      run: {
        kind: 'gate',
        what: `rows of ${table.name} have different values in ${from} and ${to}`,
        countSql: sql`SELECT count(*) FROM ${qualified(table)} WHERE ${raw(inStep)}`.text,
        sampleSql:
          sql`SELECT ${identifier(from)}, ${identifier(to)} FROM ${qualified(table)} WHERE ${raw(inStep)} LIMIT 5`.text,
        hint: `Something wrote past the triggers (session_replication_role, or a disabled trigger). Set the right value in both columns of these rows.`,
      },
      undo: nothingToUndo,
      notes: [],
    },
    swap(change, table, triggers.drop),
  ];
}

/** A virtual column has no stored value: its copy is the same expression under another name. */
function virtualSteps(change: RenameColumn, table: Table, column: Column, expression: string): readonly StepDraft[] {
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const collate = column.collation === null ? raw('') : sql` COLLATE ${raw(column.collation)}`;
  return [
    {
      phase: 'expand',
      title: `Add column ${table.name}.${change.to}, generated like ${change.from}`,
      run: transactional(
        sql`${on} ADD COLUMN ${identifier(change.to)} ${raw(column.type)}${collate} GENERATED ALWAYS AS (${raw(expression)}) VIRTUAL`
          .text,
        ...columnGrants(table, column.grants, change.to),
      ),
      undo: undoBy(transactional(sql`${on} DROP COLUMN IF EXISTS ${identifier(change.to)}`.text)),
      notes: [],
    },
    swap(change, table, []),
  ];
}

/** The copy goes and the original takes its name. Both are changes of the catalog only. */
function swap(change: RenameColumn, table: Table, dropTriggers: readonly string[]): StepDraft {
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const { from, to } = change;
  const back: Undo = undoBy(transactional(sql`${on} RENAME COLUMN ${identifier(to)} TO ${identifier(from)}`.text));
  return {
    phase: 'contract',
    title: `Rename ${table.name}.${from} to ${to} in place of its copy`,
    run: transactional(
      ...dropTriggers,
      sql`${on} DROP COLUMN ${identifier(to)}`.text,
      sql`${on} RENAME COLUMN ${identifier(from)} TO ${identifier(to)}`.text,
    ),
    undo: back,
    notes: [
      'Only the copy is dropped; it holds the same value as the original in every row.',
      ...functionsToFollow(table, from, to),
    ],
  };
}

function keepInStep(change: RenameColumn, table: Table, column: Column, context: PlanContext): TriggerStatements {
  const { catalog, migration } = context;
  const { from, to } = change;
  if (column.generated !== null) {
    return oneWaySync({
      catalog,
      migration,
      table,
      column: to,
      expression: column.generated.expression,
      onError: 'raise',
    });
  }
  const sync: TwoWaySync = {
    catalog,
    migration,
    table,
    from,
    to,
    type: baseType(catalog, column.type),
    collation: column.collation,
    default: hasVolatileDefault(column, catalog) ? { kind: 'volatile' } : { kind: 'plain', expression: column.default },
  };
  const both = twoWaySync(sync);
  const twins = twinTriggers({ table, from, to, migration });
  return { create: [...both.create, ...twins.create], drop: [...twins.drop, ...both.drop] };
}

/** The table's own indexes, and those of its partitions that no index of the table stands above. */
function familyIndexes(table: Table, column: string, catalog: Catalog) {
  return familyOf(catalog, table).flatMap((member) =>
    indexesOver(member, column)
      .filter((index) => index.partitionOf === null)
      .map((index) => ({ member: tableNamed(catalog, member) ?? member, index })),
  );
}
