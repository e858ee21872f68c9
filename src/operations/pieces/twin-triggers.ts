/**
 * Triggers of the user's that fire on UPDATE OF a column, once more for the copy of that column.
 *
 * `UPDATE OF` looks at the columns that a statement names, not at what other triggers change
 * (https://www.postgresql.org/docs/current/sql-createtrigger.html): an application that writes the copy would pass them
 * by. The twin calls the same function, sorts right behind the original, and fires only when the value changed, so that
 * a backfill of the copy does not fire it for every row.
 */
import type { Table, Trigger } from '../../catalog/model.ts';
import { emit } from '../../sql/emit.ts';
import { parseExpression, parseStatements } from '../../sql/parse.ts';
import { identifier, qualified, sql } from '../../sql/template.ts';
import { derivedName } from '../derived-name.ts';
import type { TriggerStatements } from './sync-trigger.ts';
import { differ } from './value-difference.ts';

/** TRIGGER_TYPE_UPDATE in src/include/catalog/pg_trigger.h. */
const updateEvent = 16;

/** Bytes of the original's name that the twin keeps, so that it sorts beside it; the rest of the 63 are the hash. */
const keptNameLength = 30;

export type Twins = { readonly table: Table; readonly from: string; readonly to: string; readonly migration: string };

export function triggersOn(table: Table, column: string): readonly Trigger[] {
  return table.triggers.filter(
    (trigger) => trigger.updateOf.includes(column) && trigger.enabled !== 'disabled' && !trigger.inherited,
  );
}

export function twinTriggers(twins: Twins): TriggerStatements {
  const { table, from, migration } = twins;
  const made = triggersOn(table, from).map((trigger) => {
    // ASCII only, so that a character and a byte are one.
    const start = trigger.name.replaceAll(/[^ -~]/g, '').slice(0, keptNameLength);
    const name = `${start}~${derivedName('sync', migration, table, trigger.name)}`;
    return { trigger, name };
  });
  return {
    create: made.flatMap(({ trigger, name }) => {
      const always = sql`ALTER TABLE ${qualified(table)} ENABLE ALWAYS TRIGGER ${identifier(name)}`.text;
      return [twinStatement(twins, trigger, name), ...(trigger.enabled === 'always' ? [always] : [])];
    }),
    drop: made.map(({ name }) => sql`DROP TRIGGER IF EXISTS ${identifier(name)} ON ${qualified(table)}`.text),
  };
}

function twinStatement({ table, from, to }: Twins, trigger: Trigger, name: string): string {
  const node = parseStatements(trigger.definition)[0]?.node;
  if (node === undefined || !('CreateTrigStmt' in node)) return trigger.definition;
  const { whenClause, ...rest } = node.CreateTrigStmt;
  const column = table.columns.find((own) => own.name === from);
  const compared = { type: column?.type ?? 'text', collation: column?.collation ?? null };
  const changed = parseExpression(differ(compared, sql`OLD.${identifier(from)}`, sql`NEW.${identifier(from)}`).text);
  return emit({
    CreateTrigStmt: {
      ...rest,
      trigname: name,
      replace: false,
      relation: { schemaname: table.schema, relname: table.name, inh: true, relpersistence: 'p' },
      events: updateEvent,
      columns: [{ String: { sval: to } }],
      whenClause:
        whenClause === undefined ? changed : { BoolExpr: { boolop: 'AND_EXPR', args: [whenClause, changed] } },
    },
  });
}
