/**
 * Which columns the queries inside views, rules, policies and `BEGIN ATOMIC` functions use, from pg_depend.
 *
 * Postgres notes a use of the whole table only where it notes no column of it, so `column: null` means: the table, and
 * perhaps no column in particular (`SELECT count(*)`).
 */

import type { ColumnUse } from '../../catalog/model.ts';
import { groupBy } from './scope.ts';

export type UseRow = {
  /** The rule (of a view: the one that makes it a view), the policy or the function. */
  readonly by: string;
  /** The view or table whose rule it is. */
  readonly ruleOf: string | null;
  readonly isViewQuery: boolean;
  readonly schema: string;
  readonly table: string;
  readonly column: string | null;
};

export const usesSql = `
  select distinct d.objid as by, r.ev_class as "ruleOf", coalesce(r.rulename = '_RETURN', false) as "isViewQuery",
    n.nspname as schema, c.relname as table, a.attname as column
  from pg_depend d
    join pg_class c on c.oid = d.refobjid and c.relkind in ('r', 'p', 'f', 'v', 'm')
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and d.refobjsubid > 0
    left join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
  where d.refclassid = 'pg_class'::regclass and d.deptype = 'n'
    and d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass)
    and (r.ev_class is null or r.ev_class <> d.refobjid or (d.refobjsubid > 0 and r.rulename <> '_RETURN'))
    and (r.ev_class is null or exists (select from rel where rel.oid = r.ev_class))`;

export type Uses = {
  /** Of a view's query, by the view. */
  readonly ofView: (id: string) => readonly ColumnUse[];
  /** Of another rule, a policy or a function. */
  readonly of: (id: string) => readonly ColumnUse[];
};

export function usesFrom(rows: readonly UseRow[]): Uses {
  const byView = groupBy(
    rows.filter((row) => row.isViewQuery),
    (row) => row.ruleOf ?? '',
  );
  const byObject = groupBy(rows, (row) => row.by);
  return {
    ofView: (id) => columnUses(byView.get(id) ?? []),
    of: (id) => columnUses(byObject.get(id) ?? []),
  };
}

function columnUses(rows: readonly UseRow[]): readonly ColumnUse[] {
  return rows
    .map(({ schema, table, column }) => ({ table: { schema, name: table }, column }))
    .map((use) => ({ use, key: JSON.stringify([use.table.schema, use.table.name, use.column ?? '']) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ use }) => use);
}
