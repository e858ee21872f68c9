/**
 * Which columns the triggers of a change read: those of `migrate:using`, of `USING`, and of a check that rows are repaired
 * for. The column that the change itself is about is none of them. Two triggers of one row fire in the order of their
 * names, so none may read what another one still has to write.
 */
import { columnOf, resolveTable } from '../catalog/lookup.ts';
import type { Catalog } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { touchColumn } from '../operations/touch.ts';
import { parseExpression } from '../sql/parse.ts';
import { columnReferences } from '../sql/walk.ts';

export type TriggerValues = {
  /** Columns, as touch keys. */
  readonly reads: readonly string[];
  /** True when it keeps a column in two shapes until contract. */
  readonly keepsTwoShapes: boolean;
};

const noTriggerValues: TriggerValues = { reads: [], keepsTwoShapes: false };

/** `using` is what stands above the statement. */
export function triggerValues(change: Change, using: string | null, catalog: Catalog): TriggerValues {
  switch (change.kind) {
    case 'add_column':
      return reading(change.table, [using], change.column.name, catalog);
    case 'set_not_null':
      return reading(change.table, [using], change.column, catalog);
    case 'add_unique':
      return reading(change.table, [using], null, catalog);
    case 'add_check':
      return reading(change.table, using === null ? [] : [using, change.constraint.expression], null, catalog);
    case 'alter_column_type':
      return { ...reading(change.table, [change.using], change.column, catalog), keepsTwoShapes: true };
    case 'rename_column':
      return { reads: [], keepsTwoShapes: true };
    default:
      return noTriggerValues;
  }
}

function reading(
  name: { readonly schema: string | null; readonly name: string },
  expressions: readonly (string | null)[],
  own: string | null,
  catalog: Catalog,
): TriggerValues {
  const table = resolveTable(catalog, name);
  if (table === null) return noTriggerValues;
  const columns = expressions
    .filter((text) => text !== null)
    .flatMap((text) => columnReferences(parseExpression(text)).map(({ column }) => column))
    .filter((column) => column !== own && columnOf(table, column) !== null);
  return { reads: columns.map((column) => touchColumn(catalog, name, column)), keepsTwoShapes: false };
}
