/**
 * A table can have had 1600 columns in its life: a dropped one keeps its number for ever. A plan that would go beyond is
 * refused before anything runs, and one that comes near says so.
 */
import { updateTable } from '../catalog/edit.ts';
import { columnOf, resolveTable } from '../catalog/lookup.ts';
import type { Catalog, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { Change } from '../operations/change.ts';
import { familyOf } from '../operations/pieces/table-family.ts';
import { mostAttributes } from '../postgres/storage.ts';

/** From here on a person should know: the hidden column of a change of type takes a number, too. */
const worryingAttributes = 1200;

export type CountedAttributes = {
  /** `after`, with the numbers that the change has taken. */
  readonly catalog: Catalog;
  /** A sentence when a table comes near the end. */
  readonly note: string | null;
};

/** Throws CANNOT_PLAN when a table has no number left for the column that the change adds. */
export function countAttributes(change: Change, before: Catalog, after: Catalog): CountedAttributes {
  const table = change.kind === 'add_column' ? resolveTable(before, change.table) : null;
  if (change.kind !== 'add_column' || table === null) return { catalog: after, note: null };
  const reached = familyOf(before, table).filter((each) => columnOf(each, change.column.name) === null);
  const counted = reached.flatMap((each) =>
    each.estimate?.attributes === undefined ? [] : [{ table: each, used: each.estimate.attributes + 1 }],
  );
  const full = counted.find(({ used }) => used > mostAttributes);
  if (full !== undefined) throw noRoom(full.table);
  const near = counted.find(({ used }) => used > worryingAttributes);
  return {
    catalog: counted.reduce(
      (edited, { table: each, used }) =>
        updateTable(edited, each, (known) => ({
          ...known,
          estimate: known.estimate === null ? null : { ...known.estimate, attributes: used },
        })),
      after,
    ),
    note:
      near === undefined
        ? null
        : `${near.table.name} has had ${near.used} of the ${mostAttributes} columns that a table can ever have: those that were dropped count.`,
  };
}

function noRoom({ name }: Table): MigrateError {
  return new MigrateError(
    'CANNOT_PLAN',
    `${name} has no room for another column: it has had all ${mostAttributes} that a table can ever have, those that were dropped included.`,
    {
      hint: `Only a new table begins from the start: CREATE TABLE … (LIKE ${name} INCLUDING ALL), copy the rows, and rename the two.`,
      details: { table: name, most: mostAttributes },
    },
  );
}
