/**
 * The pieces of a NOT NULL without a scan under ACCESS EXCLUSIVE.
 *
 * Postgres 12–17: a validated `CHECK (c IS NOT NULL)` proves that no row is NULL, so SET NOT NULL skips its scan; the
 * check is dropped in the same transaction. Only the plain form proves it: an implying check (`c > 0`) or a NOT VALID one
 * does not. Postgres 18: `ADD CONSTRAINT … NOT NULL c NOT VALID` and VALIDATE do it natively, and the constraint that is
 * left is exactly the one that SET NOT NULL makes. (Measured on 12–18: set_not_null.*, add_not_null_constraint.*.)
 *
 * Order: the NOT VALID constraint rejects new NULLs at once, so it must come after old writers are gone or are filled by
 * a trigger; the validation takes SHARE UPDATE EXCLUSIVE, for which nobody who reads or writes waits.
 */
import type { Catalog, Column, Table } from '../../catalog/model.ts';
import { keyForBackfill } from '../../catalog/lookup.ts';
import { chooseName } from '../../postgres/names.ts';
import { has } from '../../postgres/version.ts';
import { identifier, join, qualified, raw, sql } from '../../sql/template.ts';
import { derivedName } from '../derived-name.ts';
import {
  nothingToUndo,
  transactional,
  undoBy,
  type GateRun,
  type Phase,
  type StepDraft,
  type UndoAction,
} from '../step-draft.ts';

export type NotNullTarget = {
  readonly table: Table;
  readonly column: string;
  /** Name for the constraint on Postgres ≥ 18; null: the one that Postgres itself would choose. */
  readonly constraintName: string | null;
};

/** The steps from "no row is NULL any more" to NOT NULL. */
export function notNullSteps(
  target: NotNullTarget,
  catalog: Catalog,
  migration: string,
  phase: Phase,
): readonly StepDraft[] {
  const { table, column } = target;
  const name = `${table.name}.${column}`;
  const on = qualified(table);
  const of = identifier(column);
  if (has(catalog.version, 'nativeNotNullNotValid')) {
    const constraint = identifier(target.constraintName ?? notNullName(table, column));
    return [
      {
        phase,
        title: `Require ${name} to be not null for new rows`,
        run: transactional(sql`ALTER TABLE ${on} ADD CONSTRAINT ${constraint} NOT NULL ${of} NOT VALID`.text),
        undo: undoBy(transactional(sql`ALTER TABLE ${on} ALTER COLUMN ${of} DROP NOT NULL`.text)),
        notes: [],
      },
      {
        phase,
        title: `Check that no row of ${name} is null`,
        run: transactional(sql`ALTER TABLE ${on} VALIDATE CONSTRAINT ${constraint}`.text),
        undo: nothingToUndo,
        notes: [],
      },
    ];
  }
  const check = identifier(derivedName('check', migration, table, column, 'not null'));
  return [
    {
      phase,
      title: `Require ${name} to be not null for new rows`,
      run: transactional(sql`ALTER TABLE ${on} ADD CONSTRAINT ${check} CHECK (${of} IS NOT NULL) NOT VALID`.text),
      undo: undoBy(transactional(sql`ALTER TABLE ${on} DROP CONSTRAINT IF EXISTS ${check}`.text)),
      notes: [],
    },
    {
      phase,
      title: `Check that no row of ${name} is null`,
      run: transactional(sql`ALTER TABLE ${on} VALIDATE CONSTRAINT ${check}`.text),
      undo: nothingToUndo,
      notes: [],
    },
    {
      phase,
      title: `Set ${name} not null`,
      run: transactional(
        sql`ALTER TABLE ${on} ALTER COLUMN ${of} SET NOT NULL`.text,
        sql`ALTER TABLE ${on} DROP CONSTRAINT ${check}`.text,
      ),
      undo: undoBy(transactional(sql`ALTER TABLE ${on} ALTER COLUMN ${of} DROP NOT NULL`.text)),
      notes: ['The validated check proves that no row is null, so no scan is needed under the lock.'],
    },
  ];
}

/** The name that Postgres ≥ 18 gives to the constraint behind SET NOT NULL. */
export function notNullName(table: Table, column: string): string {
  return chooseName(
    { table: table.name, columns: [column], label: 'not_null' },
    (candidate) =>
      table.constraints.some(({ name }) => name === candidate) ||
      table.columns.some(({ notNullConstraint }) => notNullConstraint?.name === candidate),
  );
}

/** No row may be NULL: counted before anything is changed, with the keys of some that are. */
export function noNullsGate(table: Table, column: string): GateRun {
  const key = keyForBackfill(table)?.map((part) => part.name) ?? [];
  const sample = key.length === 0 ? raw('ctid') : join(key.map(identifier));
  const from = sql`FROM ${qualified(table)} WHERE ${identifier(column)} IS NULL`;
  return {
    kind: 'gate',
    what: `rows of ${table.name} have no ${column}`,
    countSql: sql`SELECT count(*) ${from}`.text,
    sampleSql: sql`SELECT ${sample} ${from} LIMIT 5`.text,
    hint: `Give these rows a value, or write the value above the statement: -- migrate:using <expression>`,
  };
}

/** The way back to NOT NULL after a DROP NOT NULL, under the name that its constraint had (Postgres ≥ 18). */
export function restoreNotNull(
  table: Table,
  column: Column,
  catalog: Catalog,
  migration: string,
): readonly UndoAction[] {
  const target = { table, column: column.name, constraintName: column.notNullConstraint?.name ?? null };
  return notNullSteps(target, catalog, migration, 'contract').flatMap(({ run }) => (run.kind === 'sql' ? [run] : []));
}
