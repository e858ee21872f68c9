/**
 * DROP COLUMN (row 15): the old application still uses the column, so it goes in contract. The new application must be
 * able to leave it out before that: a NOT NULL column without a default loses its NOT NULL in expand.
 *
 * What depends on the column is listed; CASCADE is never added (it silently drops policies, views and foreign keys).
 */
import { dropColumn as removeColumn } from '../catalog/edit.ts';
import { dependentsOfColumn, describeDependent, goesWithColumn } from '../catalog/dependents.ts';
import { expressionUses } from '../catalog/expression-columns.ts';
import { columnOf, foreignKeysTo, resolveTable, sameName, tableNamed } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { has } from '../postgres/version.ts';
import { identifier, qualified, raw, sql, type SqlFragment } from '../sql/template.ts';
import type { DropColumn } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { noEffects } from './effects.ts';
import type { Operation, PlanContext } from './operation.ts';
import { directStep } from './pieces/direct.ts';
import { touchesGone } from './pieces/goes-along.ts';
import { isExchanged } from './pieces/exchange-link.ts';
import { lockOn, lockOnFamily } from './pieces/locks.ts';
import { descendantsOf, familyOf, withKeyTriggers } from './pieces/table-family.ts';
import { restoreNotNull } from './pieces/not-null.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type StepDraft, type UndoAction } from './step-draft.ts';
import { touchColumn } from './touch.ts';

export const dropColumn: Operation<DropColumn> = {
  kind: 'drop_column',

  decode(part) {
    const drop = tableCommand(part, 'AT_DropColumn');
    if (drop === null) return null;
    const { table, ifTableExists, command } = drop;
    return [
      {
        kind: 'drop_column',
        sql: part.sql,
        table,
        ifTableExists,
        column: command.name ?? '',
        ifExists: command.missing_ok === true,
        cascade: command.behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    return table === null ? catalog : removeColumn(catalog, table, change.column);
  },

  touches(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const after = table === null ? catalog : removeColumn(catalog, table, change.column);
    const gone =
      table === null ? [] : familyOf(catalog, table).flatMap((member) => touchesGone(member, catalog, after));
    return { reads: [], writes: [touchColumn(catalog, change.table, change.column), ...gone] };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    // Dropping a foreign key's column drops the key, which locks the referenced table too (measured: drop_column.with_fk).
    const referenced = table.constraints.flatMap((constraint) =>
      constraint.references !== null && constraint.columns.includes(change.column) ? [constraint.references.table] : [],
    );
    // CASCADE takes the foreign keys of other tables along (measured: drop_column.referenced_cascade).
    const referencing = !change.cascade
      ? []
      : foreignKeysTo(catalog, table).filter(
          ({ constraint }) => constraint.references?.columns.includes(change.column) === true,
        );
    return {
      ...noEffects,
      locks: [
        ...lockOnFamily(catalog, table, 'ACCESS EXCLUSIVE'),
        ...referencing.flatMap((key) => lockOn(key.table, 'ACCESS EXCLUSIVE')),
        ...referenced
          .flatMap((name) => tableNamed(catalog, name) ?? [])
          .flatMap((target) => withKeyTriggers(catalog, target))
          .flatMap((target) => lockOn(target, 'ACCESS EXCLUSIVE')),
      ],
      drops: columnOf(table, change.column) === null ? [] : [`column ${table.name}.${change.column}`],
    };
  },

  plan(change, context) {
    const { catalog } = context;
    const table = resolveTable(catalog, change.table);
    const column = table === null ? null : columnOf(table, change.column);
    if (table === null || column === null) return [directStep('contract', change.sql, nothingToUndo)];
    const replacement = table.columns.find(
      ({ name }) => context.isNewColumn(table, name) && expressionUses(context.directives.reverse, name, table.name),
    );
    if (replacement !== undefined && !context.isNew(table)) throw notExchanged(change, table, replacement.name);
    const blocking = dependentsOfColumn(catalog, table, change.column).filter(
      (dependent) => !goesWithColumn.has(dependent.kind),
    );
    if (blocking.length > 0 && !change.cascade) {
      throw new MigrateError(
        'CANNOT_PLAN',
        `${table.name}.${change.column} cannot be dropped, because it is used by ${blocking.map(describeDependent).join(', ')}.`,
        {
          hint: 'Drop or change these first, in the same migration above this statement.',
          details: { table: table.name, column: change.column },
        },
      );
    }
    const required = column.notNull && column.default === null && column.identity === null && column.generated === null;
    const inKey = table.constraints.some(
      (constraint) => constraint.kind === 'primary_key' && constraint.columns.includes(column.name),
    );
    return [
      ...(required && !inKey ? [loosen(change, table, context)] : []),
      directStep('contract', change.sql, dropColumn.undo(change, catalog), [
        ...(inKey
          ? [`${column.name} is part of the primary key: the new application must go on writing it until contract.`]
          : []),
        ...blocking.map((dependent) => `CASCADE, as written, also drops ${describeDependent(dependent)}.`),
      ]),
    ];
  },

  /** The columns that take its place. */
  joins: (change, later, { catalog, directives }) =>
    later.change.kind === 'add_column' &&
    isExchanged({ change: later.change, directives: later.directives }, { change, directives }, catalog),

  undo: (change, catalog) => {
    const table = resolveTable(catalog, change.table);
    if (table === null || columnOf(table, change.column) === null) return nothingToUndo;
    return cannotUndo(`the values of ${table.name}.${change.column} are gone`);
  },
};

/** It would be dropped without having been kept in step. */
function notExchanged(change: DropColumn, table: Table, replacement: string): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${change.column} and ${replacement}, which takes its place, cannot be kept in step: a statement between the two is about one of these columns, or -- migrate:using is missing above ADD COLUMN ${replacement}.`,
    {
      hint: `Write the value of ${replacement} above its ADD COLUMN, as -- migrate:using <expression>, instead of an UPDATE; let DROP COLUMN ${change.column} follow the ADD COLUMN statements, and put the other statements behind it.`,
      details: { table: table.name, column: change.column },
    },
  );
}

/** Lets the new application write rows without the column. The way back gives those rows the value of `migrate:reverse`. */
function loosen(change: DropColumn, table: Table, { catalog, migration, directives }: PlanContext): StepDraft {
  const column = columnOf(table, change.column);
  const reverse: readonly UndoAction[] =
    directives.reverse === null
      ? []
      : [
          {
            kind: 'backfill',
            table: { schema: table.schema, name: table.name },
            alias: null,
            command: 'update',
            set: [{ column: change.column, expression: directives.reverse }],
            where: null,
            guard: sql`${identifier(change.column)} IS NULL`.text,
            verify: null,
            batchSize: directives.batch.size,
            pauseMs: directives.batch.pauseMs,
          },
        ];
  return {
    phase: 'expand',
    title: `Let new rows of ${table.name} leave out ${change.column}`,
    run: transactional(...dropNotNull(table, change.column, catalog)),
    undo: column === null ? nothingToUndo : undoBy(...reverse, ...restoreNotNull(table, column, catalog, migration)),
    notes:
      directives.reverse === null
        ? [
            `Rows that the new application writes without ${change.column} stand in the way of a rollback; -- migrate:reverse <expression> gives them a value.`,
          ]
        : [],
  };
}

/**
 * Where heirs keep a column of that name, they keep its NOT NULL, too; before Postgres 18, in which each has a constraint
 * of its own, DROP NOT NULL would take theirs along. So there it is said table by table.
 */
function dropNotNull(table: Table, column: string, catalog: Catalog): readonly string[] {
  const keeps = (member: Table): boolean => columnOf(member, column)?.ownToo === true;
  const keeping = descendantsOf(catalog, table).filter(keeps);
  const one = (only: SqlFragment, member: Table) =>
    sql`ALTER TABLE ${only}${qualified(member)} ALTER COLUMN ${identifier(column)} DROP NOT NULL`.text;
  if (keeping.length === 0 || has(catalog.version, 'namedNotNullConstraints')) return [one(raw(''), table)];
  const kept = keeping.flatMap((member) => familyOf(catalog, member));
  return familyOf(catalog, table)
    .filter((member) => !kept.some((other) => sameName(other, member)))
    .map((member) => one(raw('ONLY '), member));
}
