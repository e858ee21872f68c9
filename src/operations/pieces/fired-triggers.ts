/**
 * The user's triggers that a backfill fires: audit rows, `updated_at`, messages to other systems. They are not held back
 * (that would also hold back foreign keys), so whoever reviews the plan is told which they are.
 */
import { tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Trigger } from '../../catalog/model.ts';
import { parseStatements } from '../../sql/parse.ts';
import type { BackfillRun } from '../step-draft.ts';
import { ledgerSchema } from './helper-function.ts';
import { familyOf } from './table-family.ts';

type Event = Trigger['events'][number];

/** In a sentence, or null when there is none. */
export function firedTriggers(run: BackfillRun, catalog: Catalog): string | null {
  const table = tableNamed(catalog, run.insert?.into ?? run.table);
  if (table === null) return null;
  const events = eventsOf(run);
  const columns = new Set(run.set.map(({ column }) => column));
  const fired = familyOf(catalog, table).flatMap((each) =>
    each.triggers
      .filter((trigger) => !trigger.inherited && !isOurs(trigger) && fires(trigger, events, columns))
      .map((trigger) => describe(trigger, each === table ? '' : ` of ${each.name}`, events)),
  );
  return fired.length === 0 ? null : `It fires triggers of ${table.name}: ${fired.join(', ')}.`;
}

function eventsOf({ command, insert }: BackfillRun): ReadonlySet<Event> {
  const node = insert === undefined ? undefined : parseStatements(insert.statement)[0]?.node;
  const updates =
    node !== undefined && 'InsertStmt' in node && node.InsertStmt.onConflictClause?.action === 'ONCONFLICT_UPDATE';
  return new Set<Event>([command, ...(updates ? (['update'] as const) : [])]);
}

/** Those that keep two columns equal, and the twins of the user's own. */
function isOurs({ name, function: called }: Trigger): boolean {
  return called.schema === ledgerSchema || name.includes('onward_');
}

function fires(trigger: Trigger, events: ReadonlySet<Event>, columns: ReadonlySet<string>): boolean {
  if (trigger.enabled === 'disabled' || trigger.enabled === 'replica') return false;
  const { updateOf } = trigger;
  // An INSERT … ON CONFLICT names its columns elsewhere: all are taken for changed.
  const named = updateOf.length === 0 || columns.size === 0 || updateOf.some((column) => columns.has(column));
  return trigger.events.some((event) => events.has(event) && (event !== 'update' || named));
}

function describe({ name, timing, events: own, level }: Trigger, of: string, events: ReadonlySet<Event>): string {
  const when = own.filter((event) => events.has(event)).join(' or ');
  return `${name}${of} (${timing} ${when}, for each ${level === 'row' ? 'row' : 'batch'})`;
}
