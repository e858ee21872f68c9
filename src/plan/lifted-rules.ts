/**
 * A rule that a migration takes away stays until contract, because the old version relies on it: a unique key, a check, a
 * foreign key. A data statement below may write what the rule forbids, so it waits until the rule is gone.
 */
import { resolveTable } from '../catalog/lookup.ts';
import type { Catalog, ObjectKey, Table } from '../catalog/model.ts';
import type { Change } from '../operations/change.ts';
import { applyChange } from '../operations/index.ts';
import type { PlanDirectives, Touches } from '../operations/operation.ts';
import { touchReferred, touchValues } from '../operations/touch.ts';
import { rulesOf } from './table-rules.ts';

/** What the change touches besides, of the values that columns may have. */
export function withRules(touches: Touches, change: Change, directives: PlanDirectives, catalog: Catalog): Touches {
  const reads = ruledValues(change, directives, catalog);
  const writes = liftedRules(change, catalog);
  return reads.length + writes.length === 0
    ? touches
    : { ...touches, reads: [...touches.reads, ...reads], writes: [...touches.writes, ...writes] };
}

const liftingKinds: ReadonlySet<Change['kind']> = new Set([
  'drop_constraint',
  'drop_column',
  'drop_table',
  'drop_index',
  'detach_partition',
]);

function liftedRules(change: Change, catalog: Catalog): readonly string[] {
  if (!liftingKinds.has(change.kind)) return [];
  const after = applyChange(catalog, change);
  return [...catalog.tables].flatMap(([key, table]) => liftedFrom(table, key, catalog, after));
}

function liftedFrom(table: Table, key: ObjectKey, catalog: Catalog, after: Catalog): readonly string[] {
  const now = after.tables.get(key);
  if (now === table) return [];
  const kept = now === undefined ? new Map() : rulesOf(now);
  const gone = [...rulesOf(table)].filter(([rule]) => !kept.has(rule)).map(([, rule]) => rule);
  const columns = now === undefined ? [] : gone.flatMap((rule) => (rule.rule === 'not null' ? [] : rule.columns));
  const referred = gone.flatMap(({ references }) => (references === null ? [] : [touchReferred(catalog, references)]));
  return [...columns.map((column) => touchValues(catalog, table, column)), ...referred];
}

function ruledValues(change: Change, directives: PlanDirectives, catalog: Catalog): readonly string[] {
  if (change.kind === 'set_not_null' && directives.using !== null)
    return [touchValues(catalog, change.table, change.column)];
  if (change.kind !== 'change_rows') return [];
  const table = resolveTable(catalog, change.table);
  if (table === null) return [];
  const columns = change.command === 'insert' ? table.columns.map(({ name }) => name) : change.assigned;
  const values = change.command === 'delete' ? [] : columns.map((column) => touchValues(catalog, table, column));
  const isReferred = change.command === 'delete' || change.assigned.some((column) => isInKey(table, column));
  const referred = isReferred && change.command !== 'insert' ? [touchReferred(catalog, table)] : [];
  return [...values, ...referred];
}

function isInKey({ indexes }: Table, name: string): boolean {
  return indexes.some(({ unique, keys }) => unique && keys.some(({ column }) => column === name));
}
