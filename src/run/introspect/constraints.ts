/** CHECK, foreign key, primary key, unique and exclusion constraints. NOT NULL belongs to its column. */

import type { Constraint, ForeignKeyAction, QualifiedName } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { commentJoin } from './scope.ts';

type Action = 'a' | 'r' | 'c' | 'n' | 'd';

export type ConstraintRow = {
  readonly on: string;
  readonly name: string;
  readonly kind: 'c' | 'f' | 'p' | 'u' | 'x';
  readonly columns: readonly string[] | null;
  /** Null when the constraint was dropped after the statement had begun. */
  readonly definition: string | null;
  readonly validated: boolean;
  readonly enforced: boolean;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly noInherit: boolean;
  readonly referencedTable: QualifiedName | null;
  readonly referencedColumns: readonly string[] | null;
  readonly onDelete: Action;
  readonly onUpdate: Action;
  readonly match: 's' | 'f' | 'p';
  readonly expression: string | null;
  readonly index: string | null;
  readonly inherited: boolean;
  readonly comment: string | null;
};

/**
 * A foreign key to a partitioned table has one more row per partition of that table, on the referencing table itself
 * and with the first row as its parent: those are the server's own business and cannot be dropped alone.
 * `connoinherit` is also true of keys of plain tables, where it means nothing.
 */
export function constraintsSql(version: number): string {
  return `
  select con.conrelid as on, con.conname as name, con.contype as kind,
    (select json_agg(a.attname order by key.place)
       from unnest(con.conkey) with ordinality key(attnum, place)
         join pg_attribute a on a.attrelid = con.conrelid and a.attnum = key.attnum) as columns,
    pg_get_constraintdef(con.oid) as definition,
    con.convalidated as validated, ${has(version, 'notEnforcedConstraints') ? 'con.conenforced' : 'true'} as enforced,
    con.condeferrable as deferrable, con.condeferred as "initiallyDeferred",
    con.contype = 'c' and con.connoinherit as "noInherit",
    case when con.contype = 'f' then json_build_object('schema', fn.nspname, 'name', f.relname) end as "referencedTable",
    (select json_agg(a.attname order by key.place)
       from unnest(con.confkey) with ordinality key(attnum, place)
         join pg_attribute a on a.attrelid = con.confrelid and a.attnum = key.attnum) as "referencedColumns",
    con.confdeltype as "onDelete", con.confupdtype as "onUpdate", con.confmatchtype as match,
    case when con.contype = 'c' then pg_get_expr(con.conbin, con.conrelid) end as expression,
    case when con.contype in ('p', 'u', 'x') then i.relname end as index,
    con.coninhcount > 0 or con.conparentid <> 0 as inherited,
    comment.description as comment
  from rel
    join pg_constraint con on con.conrelid = rel.oid and con.contype in ('c', 'f', 'p', 'u', 'x')
    left join pg_constraint parent on parent.oid = con.conparentid
    left join pg_class f on f.oid = con.confrelid
    left join pg_namespace fn on fn.oid = f.relnamespace
    left join pg_class i on i.oid = con.conindid
    ${commentJoin('pg_constraint', 'con.oid')}
  where parent.conrelid is distinct from con.conrelid`;
}

const kinds = { c: 'check', f: 'foreign_key', p: 'primary_key', u: 'unique', x: 'exclusion' } as const;

const actions: Readonly<Record<Action, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

export function constraintFrom(row: ConstraintRow): Constraint {
  const columns = row.columns ?? [];
  return {
    name: row.name,
    kind: kinds[row.kind],
    columns: row.kind === 'c' ? columns.toSorted() : columns,
    definition: withoutState(row.definition ?? ''),
    validated: row.validated,
    enforced: row.enforced,
    deferrable: row.deferrable,
    initiallyDeferred: row.initiallyDeferred,
    noInherit: row.noInherit,
    references:
      row.referencedTable === null
        ? null
        : {
            table: row.referencedTable,
            columns: row.referencedColumns ?? [],
            onDelete: actions[row.onDelete],
            onUpdate: actions[row.onUpdate],
            match: row.match === 'f' ? 'full' : 'simple', // PARTIAL is in the grammar but was never implemented
          },
    expression: row.expression,
    index: row.index,
    inherited: row.inherited,
    comment: row.comment,
  };
}

/** pg_get_constraintdef ends with the constraint's state, which the model holds as flags. */
function withoutState(definition: string): string {
  return definition.replace(/ NOT (?:VALID|ENFORCED)$/, '');
}
