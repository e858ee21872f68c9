/** Functions, procedures and aggregates. */

import type { ColumnUse, FunctionObject } from '../../catalog/model.ts';
import { commentJoin, grants, sorted } from './scope.ts';

export type FunctionRow = {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly argumentTypes: string;
  readonly identityArguments: string;
  /** Null when the function was dropped after the statement had begun. */
  readonly definition: string | null;
  readonly volatility: 'i' | 's' | 'v';
  readonly owner: string;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
};

/** `NAME = value` where there is a value. */
function option(name: string, value: string): string {
  return `'${name} = ' || ${value}`;
}

function calls(name: string, column: string): string {
  return option(name, `nullif(agg.${column}, 0)::regproc`);
}

/** No function of the server spells an aggregate, so this does, with every option that is not at its default. */
const aggregateDefinition = `
      'CREATE AGGREGATE ' || quote_ident(ns.nspname) || '.' || quote_ident(p.proname)
      || '(' || pg_get_function_arguments(p.oid) || ') (' || concat_ws(', ',
        ${[
          calls('SFUNC', 'aggtransfn'),
          option('STYPE', 'format_type(agg.aggtranstype, null)'),
          option('SSPACE', 'nullif(agg.aggtransspace, 0)'),
          calls('FINALFUNC', 'aggfinalfn'),
          `case when agg.aggfinalextra then 'FINALFUNC_EXTRA' end`,
          option(
            'FINALFUNC_MODIFY',
            `nullif(agg.aggfinalmodify, case agg.aggkind when 'n' then 'r' else 'w' end)::text`,
          ),
          calls('COMBINEFUNC', 'aggcombinefn'),
          calls('SERIALFUNC', 'aggserialfn'),
          calls('DESERIALFUNC', 'aggdeserialfn'),
          option('INITCOND', 'quote_literal(agg.agginitval)'),
          calls('MSFUNC', 'aggmtransfn'),
          calls('MINVFUNC', 'aggminvtransfn'),
          option('MSTYPE', 'format_type(nullif(agg.aggmtranstype, 0), null)'),
          option('MSSPACE', 'nullif(agg.aggmtransspace, 0)'),
          calls('MFINALFUNC', 'aggmfinalfn'),
          `case when agg.aggmfinalextra then 'MFINALFUNC_EXTRA' end`,
          option('MINITCOND', 'quote_literal(agg.aggminitval)'),
          option('SORTOP', 'nullif(agg.aggsortop, 0)::regoperator'),
          `case when agg.aggkind = 'h' then 'HYPOTHETICAL' end`,
          option('PARALLEL', `nullif(p.proparallel, 'u')::text`),
        ].join(',\n        ')}) || ')'`;

/** Without the constructors of range types, which the type brings (pg_depend `i`). */
export const functionsSql = `
  select p.oid as id, ns.nspname as schema, p.proname as name, p.prokind as kind,
    oidvectortypes(p.proargtypes) as "argumentTypes",
    pg_get_function_identity_arguments(p.oid) as "identityArguments",
    case when p.prokind = 'a' then ${aggregateDefinition} else pg_get_functiondef(p.oid) end as definition,
    p.provolatile as volatility, pg_get_userbyid(p.proowner) as owner, comment.description as comment,
    ${grants('p.proacl', 'f', 'p.proowner')} as grants
  from ns
    join pg_proc p on p.pronamespace = ns.oid
    left join pg_aggregate agg on agg.aggfnoid = p.oid
    ${commentJoin('pg_proc', 'p.oid')}
  where not exists (
    select from pg_depend d
    where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype in ('e', 'i'))`;

const kinds = { f: 'function', p: 'procedure', a: 'aggregate', w: 'window' } as const;
const volatilities = { i: 'immutable', s: 'stable', v: 'volatile' } as const;

export function functionFrom(row: FunctionRow, uses: readonly ColumnUse[]): FunctionObject {
  return {
    schema: row.schema,
    name: row.name,
    kind: kinds[row.kind],
    argumentTypes: row.argumentTypes,
    identityArguments: row.identityArguments,
    definition: (row.definition ?? '').trimEnd(),
    volatility: volatilities[row.volatility],
    uses,
    owner: row.owner,
    comment: row.comment,
    grants: sorted(row.grants),
  };
}
