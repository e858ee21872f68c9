/** Enums, domains, composite types, ranges and base types. Row types of tables and array types come with their owner. */

import type { TypeObject } from '../../catalog/model.ts';
import { commentJoin, grants, nameText, sorted } from './scope.ts';

export type TypeRow = {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'e' | 'd' | 'c' | 'r' | 'b';
  readonly labels: readonly string[] | null;
  readonly baseType: string | null;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly constraints: readonly Constraint[] | null;
  readonly attributes: readonly Attribute[] | null;
  readonly range: readonly Attribute[] | null;
  readonly functions: readonly Attribute[] | null;
  readonly owner: string;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
};

type Attribute = { readonly name: string; readonly type: string | null };
type Constraint = { readonly name: string; readonly definition: string; readonly validated: boolean };

/** ` COLLATE …` where a collation is not the type's own. */
function collate(collation: string, type: string): string {
  return `coalesce((select ' COLLATE ' || ${nameText('cn.nspname', 'co.collname')}
      from pg_collation co
        join pg_namespace cn on cn.oid = co.collnamespace
        join pg_type ct on ct.oid = ${type} and ct.typcollation <> co.oid
     where co.oid = ${collation}), '')`;
}

/** A domain's own default is deparsed anew: the text in typdefault was spelled under the search path of its CREATE. */
export const typesSql = `
  select ns.nspname as schema, t.typname as name, t.typtype as kind,
    (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels,
    case when t.typtype = 'd' then
      format_type(t.typbasetype, t.typtypmod) || ${collate('t.typcollation', 't.typbasetype')} end as "baseType",
    t.typnotnull as "notNull",
    case when t.typtype = 'd' then pg_get_expr(t.typdefaultbin, 0) end as default,
    (select json_agg(json_build_object('name', con.conname, 'definition', pg_get_constraintdef(con.oid),
        'validated', con.convalidated) order by con.conname)
       from pg_constraint con where con.contypid = t.oid and con.contype = 'c') as constraints,
    (select json_agg(json_build_object('name', a.attname, 'type',
        format_type(a.atttypid, a.atttypmod) || ${collate('a.attcollation', 'a.atttypid')}) order by a.attnum)
       from pg_attribute a
      where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as attributes,
    (select json_build_array(
        json_build_object('name', 'subtype', 'type', format_type(r.rngsubtype, null)),
        json_build_object('name', 'subtype_opclass', 'type',
          (select ${nameText('opn.nspname', 'opc.opcname')} from pg_opclass opc
             join pg_namespace opn on opn.oid = opc.opcnamespace where opc.oid = r.rngsubopc and not opc.opcdefault)),
        json_build_object('name', 'collation', 'type', nullif(${collate('r.rngcollation', 'r.rngsubtype')}, '')),
        json_build_object('name', 'canonical', 'type', nullif(r.rngcanonical, 0)::regproc),
        json_build_object('name', 'subtype_diff', 'type', nullif(r.rngsubdiff, 0)::regproc),
        json_build_object('name', 'multirange_type_name', 'type', format_type(r.rngmultitypid, null)))
       from pg_range r where r.rngtypid = t.oid) as range,
    case when t.typtype = 'b' then json_build_array(
        json_build_object('name', 'input', 'type', t.typinput),
        json_build_object('name', 'output', 'type', t.typoutput),
        json_build_object('name', 'internallength', 'type', t.typlen::text)) end as functions,
    pg_get_userbyid(t.typowner) as owner, comment.description as comment,
    ${grants('t.typacl', 'T', 't.typowner')} as grants
  from ns
    join pg_type t on t.typnamespace = ns.oid and t.typisdefined and t.typtype in ('e', 'd', 'c', 'r', 'b')
    left join pg_class c on c.oid = t.typrelid
    ${commentJoin('pg_type', 't.oid')}
  where (t.typtype <> 'c' or c.relkind = 'c')
    and not exists (select from pg_type element where element.typarray = t.oid)
    and not exists (select from ext where ext.classid = 'pg_type'::regclass and ext.objid = t.oid)`;

const kinds = { e: 'enum', d: 'domain', c: 'composite', r: 'range', b: 'base' } as const;

export function typeFrom(row: TypeRow): TypeObject {
  return {
    schema: row.schema,
    name: row.name,
    kind: kinds[row.kind],
    labels: row.labels ?? [],
    baseType: row.baseType,
    notNull: row.notNull,
    default: row.default,
    constraints: (row.constraints ?? []).map(({ name, definition, validated }) => ({
      name,
      definition: definition.replace(/ NOT VALID$/, ''),
      validated,
    })),
    attributes: [...(row.attributes ?? []), ...(row.range ?? []), ...(row.functions ?? [])].flatMap(({ name, type }) =>
      type === null ? [] : [{ name, type: type.trim() }],
    ),
    owner: row.owner,
    comment: row.comment,
    grants: sorted(row.grants),
  };
}
