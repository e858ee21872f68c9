/** What Postgres runs or checks beside a statement: triggers, rules and row security policies. */

import type { ColumnUse, Policy, QualifiedName, Rule, Trigger } from '../../catalog/model.ts';
import { commentJoin, sorted } from './scope.ts';

export type TriggerRow = {
  readonly on: string;
  readonly name: string;
  /** Null when the trigger was dropped after the statement had begun. */
  readonly definition: string | null;
  readonly type: number;
  readonly updateOf: readonly string[] | null;
  readonly function: QualifiedName;
  readonly enabled: Enabled;
  readonly inherited: boolean;
  readonly comment: string | null;
};

type Enabled = 'O' | 'D' | 'R' | 'A';

/**
 * Internal triggers carry out foreign keys and deferrable keys and belong to them. On Postgres 14 the clones of a
 * partitioned table's triggers are marked as internal as well, hence the second look.
 */
export const triggersSql = `
  select tg.tgrelid as on, tg.tgname as name, pg_get_triggerdef(tg.oid) as definition, tg.tgtype as type,
    (select json_agg(a.attname order by key.place)
       from unnest(tg.tgattr::int2[]) with ordinality key(attnum, place)
         join pg_attribute a on a.attrelid = tg.tgrelid and a.attnum = key.attnum) as "updateOf",
    json_build_object('schema', pn.nspname, 'name', p.proname) as function,
    tg.tgenabled as enabled, tg.tgparentid <> 0 as inherited, comment.description as comment
  from rel
    join pg_trigger tg on tg.tgrelid = rel.oid
    join pg_proc p on p.oid = tg.tgfoid
    join pg_namespace pn on pn.oid = p.pronamespace
    left join pg_constraint con on con.oid = tg.tgconstraint
    ${commentJoin('pg_trigger', 'tg.oid')}
  where not tg.tgisinternal or (tg.tgparentid <> 0 and coalesce(con.contype, 't') = 't')`;

const enabledStates = { O: 'origin', D: 'disabled', R: 'replica', A: 'always' } as const;

/** Bits of tgtype: src/include/catalog/pg_trigger.h. */
const triggerBits = { row: 1, before: 2, insert: 4, delete: 8, update: 16, truncate: 32, insteadOf: 64 } as const;

export function triggerFrom(row: TriggerRow): Trigger {
  const is = (bit: keyof typeof triggerBits): boolean => (row.type & triggerBits[bit]) !== 0;
  return {
    name: row.name,
    definition: row.definition ?? '',
    timing: is('insteadOf') ? 'instead of' : is('before') ? 'before' : 'after',
    level: is('row') ? 'row' : 'statement',
    events: (['insert', 'update', 'delete', 'truncate'] as const).filter(is),
    updateOf: row.updateOf ?? [],
    function: row.function,
    enabled: enabledStates[row.enabled],
    inherited: row.inherited,
    comment: row.comment,
  };
}

export type RuleRow = {
  readonly id: string;
  readonly on: string;
  readonly name: string;
  readonly definition: string | null;
  readonly enabled: Enabled;
  readonly comment: string | null;
};

/** Without the rule that makes a view a view. */
export const rulesSql = `
  select r.oid as id, r.ev_class as on, r.rulename as name, pg_get_ruledef(r.oid) as definition,
    r.ev_enabled as enabled, comment.description as comment
  from rel
    join pg_rewrite r on r.ev_class = rel.oid and r.rulename <> '_RETURN'
    ${commentJoin('pg_rewrite', 'r.oid')}`;

export function ruleFrom(row: RuleRow, uses: readonly ColumnUse[]): Rule {
  return {
    name: row.name,
    definition: (row.definition ?? '').replace(/;$/, ''),
    enabled: enabledStates[row.enabled],
    uses,
    comment: row.comment,
  };
}

export type PolicyRow = {
  readonly id: string;
  readonly on: string;
  readonly name: string;
  readonly command: '*' | 'r' | 'a' | 'w' | 'd';
  readonly permissive: boolean;
  readonly roles: readonly string[] | null;
  readonly using: string | null;
  readonly withCheck: string | null;
  readonly comment: string | null;
};

/** Role 0 is PUBLIC, and stands alone. */
export const policiesSql = `
  select pol.oid as id, pol.polrelid as on, pol.polname as name, pol.polcmd as command,
    pol.polpermissive as permissive,
    (select json_agg(case when role = 0 then 'public' else pg_get_userbyid(role) end) from unnest(pol.polroles) role)
      as roles,
    pg_get_expr(pol.polqual, pol.polrelid) as using,
    pg_get_expr(pol.polwithcheck, pol.polrelid) as "withCheck",
    comment.description as comment
  from rel
    join pg_policy pol on pol.polrelid = rel.oid
    ${commentJoin('pg_policy', 'pol.oid')}`;

const commands = { '*': 'all', r: 'select', a: 'insert', w: 'update', d: 'delete' } as const;

export function policyFrom(row: PolicyRow, table: QualifiedName, uses: readonly ColumnUse[]): Policy {
  const isOwn = (use: ColumnUse): boolean => use.table.schema === table.schema && use.table.name === table.name;
  return {
    name: row.name,
    command: commands[row.command],
    permissive: row.permissive,
    roles: sorted(row.roles),
    using: row.using,
    withCheck: row.withCheck,
    columns: uses.flatMap((use) => (isOwn(use) && use.column !== null ? [use.column] : [])),
    uses: uses.filter((use) => !isOwn(use)),
    comment: row.comment,
  };
}
