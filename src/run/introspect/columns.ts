/** Columns of tables and views. */

import type { Column, NotNullConstraint, QualifiedName, ViewColumn } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { commentJoin, nameText, sorted } from './scope.ts';

export type ColumnRow = {
  /** Of the table or view. */
  readonly on: string;
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
  readonly expression: string | null;
  readonly notNull: boolean;
  readonly notNullConstraint: NotNullConstraint | null;
  readonly generated: '' | 's' | 'v';
  readonly identity: '' | 'a' | 'd';
  readonly sequence: QualifiedName | null;
  readonly storage: 'p' | 'e' | 'm' | 'x' | null;
  readonly compression: '' | 'p' | 'l';
  readonly statisticsTarget: number | null;
  readonly options: readonly string[] | null;
  readonly foreignOptions: readonly string[] | null;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
  readonly ownToo: boolean;
  /** -1 for a type of variable length. */
  readonly length: number;
};

/** In the order of attnum. Before Postgres 17 an unset statistics target is -1, since then NULL. */
export function columnsSql(version: number): string {
  const named = has(version, 'namedNotNullConstraints');
  return `
  select a.attrelid as on, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    case when a.attcollation <> t.typcollation and a.attcollation <> 0
      then (select ${nameText('cn.nspname', 'co.collname')}
              from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
             where co.oid = a.attcollation) end as collation,
    pg_get_expr(d.adbin, d.adrelid) as expression,
    a.attnotnull as "notNull",
    ${named ? notNullConstraint : 'null'} as "notNullConstraint",
    a.attgenerated as generated, a.attidentity as identity,
    case when a.attidentity <> '' then
      (select json_build_object('schema', sn.nspname, 'name', s.relname)
         from pg_depend dep
           join pg_class s on s.oid = dep.objid and s.relkind = 'S'
           join pg_namespace sn on sn.oid = s.relnamespace
        where dep.classid = 'pg_class'::regclass and dep.refclassid = 'pg_class'::regclass and dep.deptype = 'i'
          and dep.refobjid = a.attrelid and dep.refobjsubid = a.attnum) end as sequence,
    case when a.attstorage <> t.typstorage then a.attstorage end as storage,
    a.attcompression as compression,
    case when a.attstattarget >= 0 then a.attstattarget end as "statisticsTarget",
    to_json(a.attoptions) as options, to_json(a.attfdwoptions) as "foreignOptions",
    comment.description as comment,
    (select json_agg(item::text) from unnest(a.attacl) item) as grants,
    a.attislocal and a.attinhcount > 0 as "ownToo", a.attlen as length
  from rel
    join pg_attribute a on a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    ${named ? notNullJoin : ''}
    ${commentJoin('pg_class', 'a.attrelid', 'a.attnum')}
  where rel.relkind <> 'S'
  order by a.attrelid, a.attnum`;
}

const notNullConstraint = `
    case when nn.oid is not null then json_build_object(
      'name', nn.conname, 'validated', nn.convalidated, 'noInherit', nn.connoinherit,
      'comment', obj_description(nn.oid, 'pg_constraint')) end`;

const notNullJoin = `
    left join pg_constraint nn on nn.conrelid = a.attrelid and nn.contype = 'n' and nn.conkey = array[a.attnum]`;

const storages = { p: 'plain', e: 'external', m: 'main', x: 'extended' } as const;
const compressions = { p: 'pglz', l: 'lz4' } as const;

/** `inheritedSequence`: the parent's, for a partition's identity column, which has none of its own (Postgres 17). */
export function columnFrom(row: ColumnRow, inheritedSequence: QualifiedName | null): Column {
  const sequence = row.sequence ?? inheritedSequence;
  return {
    name: row.name,
    type: row.type,
    collation: row.collation,
    default: row.generated === '' ? row.expression : null,
    notNull: row.notNull,
    notNullConstraint: row.notNullConstraint,
    generated:
      row.generated === ''
        ? null
        : { expression: row.expression ?? '', kind: row.generated === 's' ? 'stored' : 'virtual' },
    identity:
      row.identity === '' || sequence === null
        ? null
        : { kind: row.identity === 'a' ? 'always' : 'by default', sequence },
    storage: row.storage === null ? null : storages[row.storage],
    compression: row.compression === '' ? null : compressions[row.compression],
    statisticsTarget: row.statisticsTarget,
    options: sorted([...(row.options ?? []), ...(row.foreignOptions ?? []).map((option) => `option.${option}`)]),
    comment: row.comment,
    grants: sorted(row.grants),
    ...(row.ownToo ? { ownToo: true } : {}),
  };
}

export function viewColumnFrom(row: ColumnRow): ViewColumn {
  return {
    name: row.name,
    type: row.type,
    default: row.expression,
    comment: row.comment,
    grants: sorted(row.grants),
  };
}

const variableWidthBytes = 32; // what the planner takes for a value of unknown length (get_typavgwidth in lsyscache.c)

export function rowWidthBytes(columns: readonly ColumnRow[]): number {
  return columns.reduce((sum, { length }) => sum + (length > 0 ? length : variableWidthBytes), 0);
}
