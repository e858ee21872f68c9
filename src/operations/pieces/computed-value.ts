/**
 * What a trigger must not be asked to compute for a column (`migrate:using`).
 *
 * A BEFORE trigger runs before generated columns have their values: an expression that reads one would see NULL, and
 * could give every new row another value than the backfill gives the old ones. And it fires for what a foreign key does
 * to the row, too: when ON DELETE SET NULL empties the column and the trigger puts a value in its place, Postgres takes
 * the row as dealt with and looks at it no more, so that the reference could point to a row that is gone.
 */
import { columnOf } from '../../catalog/lookup.ts';
import type { Constraint, Table } from '../../catalog/model.ts';
import { MigrateError } from '../../errors.ts';
import { parseExpression } from '../../sql/parse.ts';
import { columnReferences } from '../../sql/walk.ts';

export type ComputedValue = {
  readonly table: Table;
  readonly column: string;
  readonly expression: string;
  /** `empty`: the trigger acts when the column is NULL; `any`: whatever value it was given. */
  readonly replaces: 'empty' | 'any';
};

export function refuseUncomputable({ table, column, expression, replaces }: ComputedValue): void {
  const details = { table: table.name, schema: table.schema, column };
  const generated = columnReferences(parseExpression(expression)).find(
    (reference) => (columnOf(table, reference.column)?.generated ?? null) !== null,
  );
  if (generated !== undefined) {
    throw new MigrateError(
      'CANNOT_PLAN',
      `The value for ${table.name}.${column} reads the generated column ${generated.column}, which has no value yet when a trigger fills a row that is written.`,
      { hint: `Write the expression of ${generated.column} in its place.`, details },
    );
  }
  const key = table.constraints.find(
    (constraint) => constraint.columns.includes(column) && changesOwnRows(constraint, replaces),
  );
  if (key === undefined) return;
  throw new MigrateError(
    'CANNOT_PLAN',
    `${table.name}.${column} cannot be given a value by a trigger, because the foreign key ${key.name} changes it when a row of ${key.references?.table.name ?? ''} goes or changes: the trigger would undo that, and the reference could point to a row that is not there.`,
    {
      hint: `Let ${key.name} act otherwise first (ON DELETE RESTRICT or CASCADE, no ON UPDATE CASCADE): drop it and add it again in a migration of its own. Or fill the rows with an UPDATE above this statement, and leave migrate:using out.`,
      details: { ...details, constraint: key.name },
    },
  );
}

function changesOwnRows({ references }: Constraint, replaces: ComputedValue['replaces']): boolean {
  if (references === null) return false;
  const actions = [references.onDelete, references.onUpdate];
  return (
    actions.includes('set null') ||
    actions.includes('set default') ||
    (replaces === 'any' && references.onUpdate === 'cascade')
  );
}
