/**
 * One value under two names: for the time of a rename, the column and its copy hold the same value in every row, whichever
 * of the two an application knows.
 *
 * A trigger cannot see which columns a statement names, only the row. So it decides by what differs:
 *
 * UPDATE. The side that changed wins. Neither changed: the row is older than the trigger, and the copy takes the value.
 * Both changed to different values: one statement wrote both names; no choice would be right, so it fails.
 *
 * INSERT. The side that is not given holds its default, so the side that differs from its default was given. For that the
 * copy carries the same default as the column. Both differ from the default and from each other: it fails, as above.
 * An explicit NULL differs from a default that is not NULL, and is kept.
 *
 * INSERT with a volatile default (nextval, gen_random_uuid) or identity: the column's default gives another value each
 * time, so nothing can be compared with it. The copy has no default then: NULL means that it was not given, anything else
 * wins. An explicit NULL through the copy cannot be told from nothing, which is harmless only where NULL is not allowed:
 * the caller refuses a nullable column with a volatile default.
 *
 * Two triggers. A BEFORE trigger of the user's that reads or changes the column fires between them: the first one has
 * given it the value under the name it knows, the last one takes what it made of it. Without such triggers the last one
 * alone decides. Both only fire when the two sides differ, and also for what logical replication writes: whoever reads the
 * other name would not see it.
 */
import type { Catalog, Table } from '../../catalog/model.ts';
import { identifier, literal, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { rowChangingTriggers, syncTrigger, type TriggerStatements } from './sync-trigger.ts';
import { differ, equalityIsIdentity } from './value-difference.ts';

export type TwoWaySync = {
  readonly catalog: Catalog;
  readonly migration: string;
  readonly table: Table;
  /** The name that has been there. */
  readonly from: string;
  /** The copy's name. */
  readonly to: string;
  /** The copy's type; the column's own may be a domain over it. */
  readonly type: string;
  readonly collation: string | null;
  /** `volatile`: the copy has none. `plain`: the same on both sides, null for none. */
  readonly default: { readonly kind: 'plain'; readonly expression: string | null } | { readonly kind: 'volatile' };
};

export function twoWaySync(sync: TwoWaySync): TriggerStatements {
  const { catalog, migration, table, from, to } = sync;
  const common = { catalog, migration, table, column: from, when: sidesDiffer(sync) };
  const decide = decision(sync);
  if (rowChangingTriggers(table).length === 0) {
    return syncTrigger({ ...common, position: 'last', body: [decide] });
  }
  const first = syncTrigger({ ...common, position: 'first', body: [decide] });
  const follow = sql`NEW.${identifier(to)} := NEW.${identifier(from)}`.text;
  const last = syncTrigger({ ...common, position: 'last', body: [follow] });
  return { create: [...first.create, ...last.create], drop: [...first.drop, ...last.drop] };
}

/** The column's value in the type of its copy: a record image comparison takes no domain beside its base type. */
export function inTypeOfCopy(column: { readonly type: string }, copy: { readonly type: string }, value: SqlFragment) {
  return column.type === copy.type ? value : sql`CAST(${value} AS ${raw(copy.type)})`;
}

function side({ table, from, type }: TwoWaySync, row: 'NEW' | 'OLD'): SqlFragment {
  const own = table.columns.find((column) => column.name === from) ?? { type };
  return inTypeOfCopy(own, { type }, sql`${raw(row)}.${identifier(from)}`);
}

function copy({ to }: TwoWaySync, row: 'NEW' | 'OLD'): SqlFragment {
  return sql`${raw(row)}.${identifier(to)}`;
}

function sidesDiffer(sync: TwoWaySync): SqlFragment {
  return differ(sync, side(sync, 'NEW'), copy(sync, 'NEW'));
}

function decision(sync: TwoWaySync): string {
  const fromWins = sql`NEW.${identifier(sync.to)} := NEW.${identifier(sync.from)};`;
  const toWins = sql`NEW.${identifier(sync.from)} := NEW.${identifier(sync.to)};`;
  const conflict = sql`RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = ${literal(
    `Columns "${sync.from}" and "${sync.to}" of "${sync.table.name}" were given two different values, but they are one column under two names until migration ${sync.migration} is finished.`,
  )}, HINT = 'Write one of the two, or the same value into both.';`;
  const changed = (value: (sync: TwoWaySync, row: 'NEW' | 'OLD') => SqlFragment) =>
    differ(sync, value(sync, 'NEW'), value(sync, 'OLD'));
  return sql`IF TG_OP = 'INSERT' THEN
    ${onInsert(sync, fromWins, toWins, conflict)}
  ELSIF ${changed(copy)} THEN
    IF ${changed(side)} THEN
      ${conflict}
    END IF;
    ${toWins}
  ELSE
    ${fromWins}
  END IF`.text;
}

function onInsert(sync: TwoWaySync, fromWins: SqlFragment, toWins: SqlFragment, conflict: SqlFragment): SqlFragment {
  const given = (value: SqlFragment): SqlFragment => {
    if (sync.default.kind === 'volatile') return sql`${value} IS NOT NULL`;
    const expression = sync.default.expression;
    if (expression === null && equalityIsIdentity(sync)) return sql`${value} IS NOT NULL`;
    return differ(sync, value, sql`CAST(${raw(expression ?? 'NULL')} AS ${raw(sync.type)})`);
  };
  const both =
    sync.default.kind === 'volatile'
      ? raw('')
      : sql`IF ${given(side(sync, 'NEW'))} THEN
        ${conflict}
      END IF;
      `;
  return sql`IF ${given(copy(sync, 'NEW'))} THEN
      ${both}${toWins}
    ELSE
      ${fromWins}
    END IF;`;
}
