/**
 * Checks over columns that change their type, tried on the rows as they will be: before anything is made, because their
 * copies on the shadows come only with contract. A check that has no meaning for the new type (`text < integer`) fails
 * here too, with the server's own words, also on a table without rows.
 *
 * The check is not rewritten: it reads a query that gives the converted values the columns' names.
 */
import type { Constraint } from '../../catalog/model.ts';
import { identifier, join, qualified, raw, sql } from '../../sql/template.ts';
import { isInteger } from './type-conversion.ts';
import { nothingToUndo, type StepDraft } from '../step-draft.ts';
import type { Shadow } from './shadow-column.ts';

/** Given the moves of one table. An integer of another size is the same number, and needs no second look. */
export function convertedCheckGates(all: readonly Shadow[]): readonly StepDraft[] {
  const moves = all.filter(({ column, type, conversion }) => {
    const isAssigned = conversion.value === identifier(column.name).text;
    return !(isAssigned && isInteger(column.type) && isInteger(type));
  });
  const [first] = moves;
  if (first === undefined) return [];
  return first.table.constraints
    .filter(({ kind, columns }) => kind === 'check' && moves.some(({ column }) => columns.includes(column.name)))
    .map((check) => gate(check, first, moves));
}

function gate(
  { name, expression, columns, validated, noInherit }: Constraint,
  { table }: Shadow,
  moves: readonly Shadow[],
): StepDraft {
  const values = columns.map((column) => {
    const move = moves.find((each) => each.column.name === column);
    return move === undefined ? identifier(column) : sql`${raw(move.conversion.cast)} AS ${identifier(column)}`;
  });
  const rows = sql`SELECT ${join(values)} FROM ${raw(noInherit ? 'ONLY ' : '')}${qualified(table)}`;
  // What is not validated may have any rows; that it can be read with the new type is all there is to see.
  const which = validated ? sql`NOT (${raw(expression ?? 'true')})` : sql`false AND NOT (${raw(expression ?? 'true')})`;
  const from = sql`FROM (${rows}) AS ${identifier(table.name)} WHERE ${which}`;
  const changed = moves.filter(({ column }) => columns.includes(column.name));
  const types = changed.map(({ column, type }) => `${column.name} as ${type}`).join(' and ');
  return {
    phase: 'expand',
    title: `Count rows of ${table.name} that would violate ${name} with ${types}`,
    run: {
      kind: 'gate',
      what: `rows of ${table.name} violate ${name} with ${types}: CHECK (${expression ?? ''})`,
      countSql: sql`SELECT count(*) ${from}`.text,
      sampleSql: sql`SELECT ${join(columns.map((column) => identifier(column)))} ${from} LIMIT 5`.text,
      hint: `Correct these rows, or drop ${name} above the statement, in the same migration, and add it below as it is to be.`,
    },
    undo: nothingToUndo,
    notes: [],
  };
}
