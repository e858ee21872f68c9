/**
 * A column that takes the place of another one: how a type changes without writing the table anew under a lock.
 *
 * Expand adds the shadow, hidden behind a helper's name, with the trigger that computes it for every row written from
 * then on. The backfill computes it for the others. Then, still before the swap, everything slow is built on it: plain
 * indexes and statistics right after the backfill (nobody can notice them), and in contract what can refuse a row: NOT
 * NULL, checks, unique keys, foreign keys in both directions. The swap is one transaction that only drops and renames:
 * it leaves every name as plain ALTER COLUMN … TYPE leaves it.
 *
 * A key moves together with the columns that refer to it, as far as the migration changes them too: their shadows are
 * tied to each other by foreign keys before the swap, and all change places in one transaction, so that no foreign key is
 * missing or unchecked at any moment.
 *
 * Nobody writes the shadow before the swap, so the trigger works in one direction, and until then everything can be
 * taken back by dropping the shadow.
 */
import { functionKey } from '../../catalog/model.ts';
import { identifier, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { PlanDirectives } from '../operation.ts';
import { cannotUndo, nothingToUndo, transactional, undoBy, type StepDraft } from '../step-draft.ts';
import { oneWaySync } from './one-way-sync.ts';
import { publicationsOf } from './publications-of.ts';
import {
  shadowIdentity,
  shadowNotNull,
  shadowSequences,
  shadowSettings,
  shadowStatistics,
} from './shadow-attributes.ts';
import { shadowChecks, shadowForeignKeys } from './shadow-constraints.ts';
import { shadowIndexes } from './shadow-indexes.ts';
import { alter, byTable, shadowTitle, type Move, type ShadowPart } from './shadow-part.ts';
import { helperComment, type TriggerStatements } from './sync-trigger.ts';
import { isString, type Conversion } from './type-conversion.ts';
import { differ } from './value-difference.ts';

export type Shadow = Move & {
  readonly collation: string | null;
  readonly conversion: Conversion;
  readonly batch: PlanDirectives['batch'];
  /** What the person must know of this change. */
  readonly notes: readonly string[];
};

/** For one column or for several that change places in one transaction. */
export function shadowSteps(moves: readonly Shadow[]): readonly StepDraft[] {
  const parts = partsOf(moves);
  const before = parts.flatMap((part) => part.steps);
  const triggers = moves.map((move) =>
    oneWaySync({
      catalog: move.catalog,
      migration: move.migration,
      table: move.table,
      column: move.shadow,
      expression: move.conversion.value,
      onError: move.conversion.total ? 'raise' : 'keepNull',
    }),
  );
  return [
    ...moves.flatMap((move, at) => triggers.slice(at, at + 1).map((trigger) => addShadow(move, trigger))),
    ...moves.map(fillShadow),
    ...before.filter((step) => step.phase === 'backfill'),
    ...moves.map(compare),
    ...before.filter((step) => step.phase !== 'backfill'),
    swap(
      moves,
      parts,
      triggers.flatMap(({ drop }) => drop),
    ),
  ];
}

/** In the order in which they can be built: a foreign key needs the unique index it points to. */
function partsOf(moves: readonly Move[]): readonly ShadowPart[] {
  const tables = byTable(moves);
  return [
    ...moves.map(shadowNotNull),
    ...tables.flatMap(shadowChecks),
    ...tables.flatMap(shadowIndexes),
    ...shadowForeignKeys(moves),
    ...tables.flatMap(shadowStatistics),
    ...moves.flatMap(shadowSequences),
    ...moves.map(shadowIdentity),
    ...moves.map(shadowSettings),
  ];
}

function addShadow(move: Shadow, trigger: TriggerStatements): StepDraft {
  const { table, column, shadow, type, collation, migration, notes } = move;
  const on = alter(table);
  const of = sql`${on} ALTER COLUMN ${identifier(shadow)}`;
  const collate = collation === null ? raw('') : sql` COLLATE ${raw(collation)}`;
  const rehearsed = rehearsal(move);
  return {
    phase: 'expand',
    title: `Prepare ${table.name}.${column.name} as ${type} in a hidden column`,
    run: transactional(
      sql`${on} ADD COLUMN ${identifier(shadow)} ${raw(type)}${collate}`.text,
      ...rehearsed.map((expression) => sql`${of} SET DEFAULT ${raw(expression)}`.text),
      ...(rehearsed.length === 0 ? [] : [sql`${of} DROP DEFAULT`.text]),
      sql`COMMENT ON COLUMN ${qualified(table)}.${identifier(shadow)} IS ${helperComment(migration)}`.text,
      ...trigger.create,
    ),
    undo: undoBy(transactional(...trigger.drop, sql`${on} DROP COLUMN IF EXISTS ${identifier(shadow)}`.text)),
    notes: [
      ...notes,
      ...publicationsOf(move.catalog, table).map(
        ({ name }) =>
          `The publication ${name} sends the hidden column, too. Before this step, on its subscribers: ALTER TABLE ${table.name} ADD COLUMN ${shadow} ${type}; after contract, drop it there and change the type of ${column.name}.`,
      ),
      ...(rehearsed.length === 0
        ? []
        : [
            'The defaults that are set and dropped again let the server itself say, before anything is changed, whether it accepts the change.',
          ]),
    ],
  };
}

/** SET DEFAULT converts as an assignment does, so it fails exactly where ALTER COLUMN … TYPE would. */
function rehearsal(move: Shadow): readonly string[] {
  const { column } = move;
  return [
    ...(isAssigned(move) ? [sql`CAST(NULL AS ${raw(column.type)})`.text] : []),
    ...(column.default === null ? [] : [column.default]),
  ];
}

function outOfStep({ shadow, type, collation, conversion }: Shadow): string {
  return differ({ type, collation }, identifier(shadow), raw(conversion.cast)).text;
}

function fillShadow(move: Shadow): StepDraft {
  const { table, column, shadow, type, conversion, batch } = move;
  return {
    phase: 'backfill',
    title: `Convert ${table.name}.${column.name} to ${type} in existing rows`,
    run: {
      kind: 'backfill',
      table: { schema: table.schema, name: table.name },
      alias: null,
      command: 'update',
      set: [{ column: shadow, expression: conversion.value }],
      where: null,
      guard: outOfStep(move),
      verify: outOfStep(move),
      batchSize: batch.size,
      pauseMs: batch.pauseMs,
    },
    undo: nothingToUndo,
    notes: [],
  };
}

function compare(move: Shadow): StepDraft {
  const { table, column, type } = move;
  const from = sql`FROM ${qualified(table)} WHERE ${raw(outOfStep(move))}`;
  return {
    phase: 'contract',
    title: `Compare every ${table.name}.${column.name} with its value as ${type}`,
    run: {
      kind: 'gate',
      what: `rows of ${table.name} have a ${column.name} that is not converted to ${type}`,
      countSql: sql`SELECT count(*) ${from}`.text,
      sampleSql: sql`SELECT ${identifier(column.name)} ${from} LIMIT 5`.text,
      hint: `Correct the values of ${column.name} in these rows; any UPDATE of a row converts it again.`,
    },
    undo: nothingToUndo,
    notes: [],
  };
}

function swap(moves: readonly Shadow[], parts: readonly ShadowPart[], dropTriggers: readonly string[]): StepDraft {
  const list = (text: (move: Shadow) => string) => moves.map(text).join(' and ');
  const names = list(({ table, column }) => `${table.name}.${column.name}`);
  return {
    phase: 'contract',
    swaps: 'columns',
    title: `Put ${shadowTitle(...moves)} in ${moves.length === 1 ? 'its place' : 'their places'}`,
    run: transactional(
      ...dropTriggers,
      ...parts.flatMap((part) => part.beforeDrop),
      ...moves.flatMap(({ table, column, shadow }) => [
        sql`${alter(table)} DROP COLUMN ${identifier(column.name)}`.text,
        sql`${alter(table)} RENAME COLUMN ${identifier(shadow)} TO ${identifier(column.name)}`.text,
      ]),
      ...parts.flatMap((part) => part.afterRename),
      ...new Set(moves.flatMap(forgetPlansOfTriggers)),
    ),
    undo: cannotUndo(
      `the values of ${list(({ table, column }) => `${table.name}.${column.name} as ${column.type}`)} are gone`,
    ),
    notes: [
      ...byTable(moves).flatMap(noteOfOrder),
      `Prepared statements that read ${names} fail once with "cached plan must not change result type" (0A000); a retry works.`,
    ],
  };
}

/** Given the moves of one table. The order of the columns is the one thing that differs from the plain statement. */
function noteOfOrder(moves: readonly Move[]): readonly string[] {
  const [first] = moves;
  const moved = moves.map(({ column }) => column.name);
  const last = first?.table.columns.slice(-moved.length).map(({ name }) => name) ?? [];
  if (first === undefined || last.every((name, at) => name === moved[at])) return [];
  return [
    `${moved.join(' and ')} stand${moved.length === 1 ? 's' : ''} behind the other columns of ${first.table.name} then: write the names of the columns in INSERT, and do not rely on the order of SELECT *.`,
  ];
}

/**
 * A session that has run a PL/pgSQL trigger keeps the types of the row's columns in its cached expressions, and fails at
 * every later row (42804) when a column changes its type, also after a plain ALTER COLUMN … TYPE. Changing the function,
 * even to what it is, makes each session plan it anew (reproduced: alter_column_type/user-triggers).
 */
function forgetPlansOfTriggers({ catalog, table }: Shadow): readonly string[] {
  const functions = table.triggers.flatMap((trigger) => catalog.functions.get(functionKey(trigger.function, '')) ?? []);
  return [...new Set(functions)].map(
    (found) => sql`ALTER FUNCTION ${qualified(found)}() ${raw(found.volatility.toUpperCase())}`.text,
  );
}

/** Existing values that the new type refuses, before anything is changed. Null when there can be none. */
export function conversionGate(move: Shadow): StepDraft | null {
  const { table, column, type, conversion } = move;
  if (conversion.total) return null;
  const cast = raw(conversion.cast);
  // A comparison with itself is never true, but it makes the server convert each value: the first that cannot be
  // converted fails here, with the server's own words. What NOT NULL would refuse later counts as a violation now.
  const unfit = (
    cutOff(move) ?? [
      sql`record_image_ne(ROW(${cast}), ROW(${cast}))`,
      ...(column.notNull && !isAssigned(move) ? [sql`${cast} IS NULL`] : []),
    ]
  ).map((condition) => condition.text);
  const from = sql`FROM ${qualified(table)} WHERE ${raw(unfit.join(' OR '))}`;
  return {
    phase: 'expand',
    title: `Convert every ${table.name}.${column.name} to ${type} once, to see that it can be done`,
    run: {
      kind: 'gate',
      what: `rows of ${table.name} have a ${column.name} that does not fit ${type}`,
      countSql: sql`SELECT count(*) ${from}`.text,
      sampleSql: sql`SELECT ${identifier(column.name)} ${from} LIMIT 5`.text,
      hint: `Correct these values, or write how they are to be converted: ALTER TABLE … ALTER COLUMN ${column.name} TYPE ${type} USING <expression>`,
    },
    undo: nothingToUndo,
    notes: [],
  };
}

/**
 * An assignment refuses a text that is too long, apart from blanks at its end; the cast in the comparison would cut it.
 * Null where the conversion is another one.
 */
function cutOff(move: Shadow): readonly SqlFragment[] | null {
  const { column, type, conversion } = move;
  if (!isAssigned(move) || !isString(column.type) || !/^(character|character varying)\(\d+\)$/.test(type)) return null;
  const text = (value: string) => sql`rtrim(CAST(${raw(value)} AS text), ${literal(' ')})`;
  return [sql`${text(conversion.cast)} IS DISTINCT FROM ${text(conversion.value)}`];
}

/** Without USING. */
function isAssigned({ column, conversion }: Shadow): boolean {
  return conversion.value === identifier(column.name).text;
}
