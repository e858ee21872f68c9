/** Whether one column takes the place of another: it is made from it, or the other from it. */
import { expressionUses } from '../../catalog/expression-columns.ts';
import { resolveTable, sameName } from '../../catalog/lookup.ts';
import type { Catalog } from '../../catalog/model.ts';
import type { AddColumn, DropColumn } from '../change.ts';
import type { PlanDirectives } from '../operation.ts';

type With<C> = { readonly change: C; readonly directives: PlanDirectives };

export function isExchanged(added: With<AddColumn>, dropped: With<DropColumn>, catalog: Catalog): boolean {
  const table = resolveTable(catalog, added.change.table);
  const other = resolveTable(catalog, dropped.change.table);
  if (table === null || other === null || !sameName(table, other)) return false;
  return (
    expressionUses(added.directives.using, dropped.change.column, table.name) ||
    expressionUses(dropped.directives.reverse, added.change.column.name, table.name)
  );
}
