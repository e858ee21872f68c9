/**
 * DROP CONSTRAINT (row 18).
 *
 * A check, a foreign key or a named NOT NULL (Postgres 18) only refuses: without it nobody is refused more, so it goes in
 * expand. A unique or primary key or an exclusion is also something that the old application leans on (ON CONFLICT, the
 * index), so it waits for contract. ACCESS EXCLUSIVE for a moment, for a foreign key on the referenced table as well
 * (measured: drop_constraint.fk). Never CASCADE: what would go with it is named.
 *
 * The undo puts it back by the safe path, NOT VALID and VALIDATE, or an index built concurrently and made the constraint.
 */
import { dropConstraint as removeConstraint, updateColumn } from '../catalog/edit.ts';
import { constraintOf, foreignKeysTo, resolveTable, tableNamed } from '../catalog/lookup.ts';
import type { Catalog, Column, Constraint, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import { identifier, literal, qualified, raw, sql } from '../sql/template.ts';
import type { DropConstraint } from './change.ts';
import { tableCommand } from './decode/alter-table.ts';
import { noEffects } from './effects.ts';
import type { Operation } from './operation.ts';
import { restoreIndexed, restoreUnindexed } from './pieces/restore-constraint.ts';
import { constraintParts } from './pieces/constraint-parts.ts';
import { directStep } from './pieces/direct.ts';
import { touchColumnsOf } from './pieces/goes-along.ts';
import { lockOn } from './pieces/locks.ts';
import { withPartitions } from './pieces/table-family.ts';
import { nothingToUndo, transactional, undoBy, type Undo, type UndoAction } from './step-draft.ts';
import { touchColumn, touchConstraint, touchPrimaryKey, touchRelation } from './touch.ts';

export const dropConstraint: Operation<DropConstraint> = {
  kind: 'drop_constraint',

  decode(part) {
    const found = tableCommand(part, 'AT_DropConstraint');
    if (found === null) return null;
    const { table, ifTableExists, command } = found;
    return [
      {
        kind: 'drop_constraint',
        sql: part.sql,
        table,
        ifTableExists,
        name: command.name ?? '',
        ifExists: command.missing_ok === true,
        cascade: command.behavior === 'DROP_CASCADE',
      },
    ];
  },

  apply(catalog, change) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return catalog;
    const column = notNullColumn(table, change.name);
    if (column !== null) {
      return updateColumn(catalog, table, column.name, (before) => ({
        ...before,
        notNull: false,
        notNullConstraint: null,
      }));
    }
    return constraintParts(catalog, table, change.name).reduce(
      (before, part) => removeConstraint(before, part.table, part.constraint),
      catalog,
    );
  },

  touches(change, catalog) {
    const table = resolveTable(catalog, change.table);
    const constraint = table === null ? null : constraintOf(table, change.name);
    const column = table === null ? null : notNullColumn(table, change.name);
    const indexes = table?.indexes.filter((index) => index.constraint === change.name) ?? [];
    const parts = table === null ? [] : constraintParts(catalog, table, change.name);
    return {
      reads: [],
      writes: [
        touchConstraint(catalog, change.table, change.name),
        ...(column === null ? [] : [touchColumn(catalog, change.table, column.name)]),
        ...parts.flatMap((part) => {
          const index = constraintOf(part.table, part.constraint)?.index;
          return index ? [touchRelation(catalog, { schema: part.table.schema, name: index })] : [];
        }),
        ...(constraint?.kind === 'primary_key' ? [touchPrimaryKey(catalog, change.table)] : []),
        ...(table === null ? [] : indexes.flatMap((index) => touchColumnsOf(catalog, table, index))),
      ],
    };
  },

  effects(change, catalog) {
    const table = resolveTable(catalog, change.table);
    if (table === null) return noEffects;
    const constraint = constraintOf(table, change.name);
    const referenced = constraint?.references ? tableNamed(catalog, constraint.references.table) : null;
    const leaning = constraint === null || !change.cascade ? [] : keysLeaningOn(constraint, table, catalog);
    const locked = [
      table,
      ...constraintParts(catalog, table, change.name).map((part) => part.table),
      ...(referenced === null ? [] : withPartitions(catalog, referenced)),
      ...leaning.map((key) => key.table),
    ];
    return {
      ...noEffects,
      locks: [...new Set(locked)].flatMap((each) => lockOn(each, 'ACCESS EXCLUSIVE')),
      drops:
        constraint === null && notNullColumn(table, change.name) === null
          ? []
          : [`constraint ${change.name} of ${table.name}`],
    };
  },

  plan(change, context) {
    const { catalog, directives } = context;
    const table = resolveTable(catalog, change.table);
    const constraint = table === null ? null : constraintOf(table, change.name);
    const column = table === null ? null : notNullColumn(table, change.name);
    const missing = table !== null && constraint === null && column === null;
    // The catalog is the whole truth unless an opaque statement was folded into it.
    if (missing && change.ifExists && catalog.uncertain.length === 0) return [];
    if (table !== null && constraint !== null) refuseWhatLeansOnIt(change, table, constraint, catalog);
    const widening = column !== null || constraint?.kind === 'check' || constraint?.kind === 'foreign_key';
    const phase = directives.phase ?? (widening ? 'expand' : 'contract');
    const statement =
      table === null || !change.cascade
        ? change.sql
        : sql`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${raw(change.ifExists ? 'IF EXISTS ' : '')}${identifier(change.name)}`
            .text;
    return [directStep(phase, statement, table === null ? nothingToUndo : restore(catalog, table, change.name, true))];
  },

  undo(change, catalog) {
    const table = resolveTable(catalog, change.table);
    return table === null ? nothingToUndo : restore(catalog, table, change.name, false);
  },
};

/** Puts it back: on a table in use by the safe path, else as it was written. */
function restore(catalog: Catalog, table: Table, name: string, inUse: boolean): Undo {
  const column = notNullColumn(table, name);
  if (column !== null) return undoBy(...restoreNotNull(table, column));
  const constraint = constraintOf(table, name);
  if (constraint === null) return nothingToUndo;
  if (constraint.index === null) return undoBy(...restoreUnindexed(catalog, table, constraint));
  return undoBy(...restoreIndexed(table, constraint, inUse));
}

/** Foreign keys lean on a unique or primary key; CASCADE would drop them silently, and without it Postgres refuses. */
function refuseWhatLeansOnIt(change: DropConstraint, table: Table, constraint: Constraint, catalog: Catalog): void {
  const leaning = keysLeaningOn(constraint, table, catalog);
  if (leaning.length === 0) return;
  const named = leaning.map((key) => `${key.constraint.name} of ${key.table.name}`).join(', ');
  const one = leaning.length === 1;
  throw new MigrateError(
    'CANNOT_PLAN',
    `${change.name} of ${table.name} cannot be dropped: the foreign ${one ? 'key' : 'keys'} ${named} ${one ? 'needs' : 'need'} it.`,
    {
      hint: `Drop ${one ? 'it' : 'them'} first${change.cascade ? ', instead of CASCADE' : ''}:\n${leaning
        .map(
          (key) =>
            `  ${sql`ALTER TABLE ${qualified(key.table)} DROP CONSTRAINT ${identifier(key.constraint.name)}`.text};`,
        )
        .join('\n')}`,
      details: { table: table.name, schema: table.schema, constraint: change.name },
    },
  );
}

/** Foreign keys whose referenced columns have no other unique index. */
function keysLeaningOn(constraint: Constraint, table: Table, catalog: Catalog) {
  if (constraint.index === null || constraint.kind === 'exclusion') return [];
  const others = table.indexes.filter(
    (index) => index.unique && index.predicate === null && index.name !== constraint.index,
  );
  return foreignKeysTo(catalog, table).filter(({ constraint: key }) => {
    const columns = key.references?.columns ?? [];
    const covers = (names: readonly (string | null)[]): boolean =>
      names.length === columns.length && names.every((name) => name !== null && columns.includes(name));
    return covers(constraint.columns) && !others.some((index) => covers(index.keys.map((part) => part.column)));
  });
}

function restoreNotNull(table: Table, column: Column): readonly UndoAction[] {
  const constraint = column.notNullConstraint;
  if (constraint === null) return [];
  const alter = sql`ALTER TABLE ${qualified(table)}`;
  const name = identifier(constraint.name);
  const inherit = constraint.noInherit ? ' NO INHERIT' : '';
  const comment =
    constraint.comment === null
      ? []
      : [sql`COMMENT ON CONSTRAINT ${name} ON ${qualified(table)} IS ${literal(constraint.comment)}`.text];
  return [
    transactional(
      sql`${alter} ADD CONSTRAINT ${name} NOT NULL ${identifier(column.name)}${raw(inherit)} NOT VALID`.text,
      ...comment,
    ),
    ...(constraint.validated ? [transactional(sql`${alter} VALIDATE CONSTRAINT ${name}`.text)] : []),
  ];
}

function notNullColumn(table: Table, name: string): Column | null {
  return table.columns.find((column) => column.notNullConstraint?.name === name) ?? null;
}
