/**
 * A column that follows an expression over its row: the shadow of a column whose type changes, the copy of a generated
 * column. Nobody writes it but the trigger, which computes it anew for every INSERT and UPDATE.
 *
 * The expression sees the row under the table's own name, as it would in ALTER TABLE … USING; there are no variables
 * that a column could be mistaken for. An expression that can fail for some value (text to integer) must not fail the old
 * application's statement, which has nothing to do with the new type: `keepNull` leaves the column NULL then, and the
 * gate before the swap finds the row.
 */
import type { Catalog, Table } from '../../catalog/model.ts';
import { identifier, raw, sql } from '../../sql/template.ts';
import { syncTrigger, type TriggerStatements } from './sync-trigger.ts';

export type OneWaySync = {
  readonly catalog: Catalog;
  readonly migration: string;
  readonly table: Table;
  readonly column: string;
  /** SQL over the table's columns. */
  readonly expression: string;
  readonly onError: 'raise' | 'keepNull';
};

export function oneWaySync(sync: OneWaySync): TriggerStatements {
  const { catalog, migration, table, column, expression, onError } = sync;
  const target = sql`NEW.${identifier(column)}`;
  const compute = sql`SELECT (${raw(expression)}) INTO ${target} FROM (SELECT NEW.*) AS ${identifier(table.name)}`;
  const guarded = sql`BEGIN
    ${compute};
  EXCEPTION WHEN OTHERS THEN
    ${target} := NULL;
  END`;
  const body = onError === 'raise' ? compute : guarded;
  return syncTrigger({
    catalog,
    migration,
    table,
    column,
    position: 'last',
    body: [body.text],
    when: null,
  });
}
