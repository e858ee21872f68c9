/** Indexes of tables and materialized views, key by key. */

import type { Index, IndexKey, QualifiedName } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { commentJoin, nameText, sorted } from './scope.ts';

export type IndexRow = {
  readonly id: string;
  readonly on: string;
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly predicate: string | null;
  readonly nullsNotDistinct: boolean;
  readonly valid: boolean;
  /** Null when the index was dropped after the statement had begun. */
  readonly definition: string | null;
  readonly constraint: string | null;
  readonly replicaIdentity: boolean;
  readonly clustered: boolean;
  readonly options: readonly string[] | null;
  readonly statistics: readonly string[] | null;
  readonly tablespace: string | null;
  readonly partitionOf: QualifiedName | null;
  readonly comment: string | null;
};

export function indexesSql(version: number): string {
  return `
  select i.indexrelid as id, i.indrelid as on, c.relname as name, am.amname as method, i.indisunique as unique,
    pg_get_expr(i.indpred, i.indrelid) as predicate,
    ${has(version, 'nullsNotDistinct') ? 'i.indnullsnotdistinct' : 'false'} as "nullsNotDistinct",
    i.indisvalid as valid, pg_get_indexdef(i.indexrelid) as definition, con.conname as constraint,
    i.indisreplident as "replicaIdentity", i.indisclustered as clustered, to_json(c.reloptions) as options,
    (select json_agg(format('statistics(%s)=%s', a.attnum, a.attstattarget))
       from pg_attribute a where a.attrelid = i.indexrelid and a.attstattarget >= 0) as statistics,
    space.spcname as tablespace,
    (select json_build_object('schema', pn.nspname, 'name', p.relname)
       from pg_inherits inh join pg_class p on p.oid = inh.inhparent join pg_namespace pn on pn.oid = p.relnamespace
      where inh.inhrelid = i.indexrelid) as "partitionOf",
    comment.description as comment
  from rel
    join pg_index i on i.indrelid = rel.oid
    join pg_class c on c.oid = i.indexrelid
    join pg_am am on am.oid = c.relam
    left join pg_constraint con
      on con.conindid = i.indexrelid and con.conrelid = i.indrelid and con.contype in ('p', 'u', 'x')
    left join pg_tablespace space on space.oid = c.reltablespace
    ${commentJoin('pg_class', 'i.indexrelid')}`;
}

export type IndexKeyRow = {
  readonly index: string;
  /** False for a column of INCLUDE. */
  readonly isKey: boolean;
  readonly column: string | null;
  readonly expression: string;
  readonly operatorClass: string | null;
  readonly collation: string | null;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
};

/**
 * The columns of indexes, in order. indclass, indcollation and indoption have an entry per key column only, and count
 * from 0; in indoption, 1 is DESC and 2 is NULLS FIRST (src/include/catalog/pg_index.h).
 */
export const indexKeysSql = `
  select i.indexrelid as index, key.place <= i.indnkeyatts as "isKey", a.attname as column,
    case when key.attnum = 0 then pg_get_indexdef(i.indexrelid, key.place::int, false)
      else quote_ident(a.attname) end as expression,
    case when key.place <= i.indnkeyatts and not opc.opcdefault
      then ${nameText('opn.nspname', 'opc.opcname')} end as "operatorClass",
    case when co.oid is not null then ${nameText('cn.nspname', 'co.collname')} end as collation,
    coalesce(i.indoption[key.place - 1] & 1, 0) = 1 as descending,
    coalesce(i.indoption[key.place - 1] & 2, 0) = 2 as "nullsFirst"
  from rel
    join pg_index i on i.indrelid = rel.oid
    cross join lateral unnest(i.indkey::int2[]) with ordinality key(attnum, place)
    left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = key.attnum and key.attnum <> 0
    left join pg_attribute ia on ia.attrelid = i.indexrelid and ia.attnum = key.place
    left join pg_type t on t.oid = ia.atttypid
    left join pg_opclass opc on opc.oid = i.indclass[key.place - 1]
    left join pg_namespace opn on opn.oid = opc.opcnamespace
    left join pg_collation co
      on co.oid = i.indcollation[key.place - 1] and co.oid <> coalesce(a.attcollation, t.typcollation)
    left join pg_namespace cn on cn.oid = co.collnamespace
  order by i.indexrelid, key.place`;

export function indexFrom(row: IndexRow, keys: readonly IndexKeyRow[]): Index {
  return {
    name: row.name,
    method: row.method,
    unique: row.unique,
    keys: keys.filter((key) => key.isKey).map(indexKeyFrom),
    include: keys.flatMap((key) => (key.isKey || key.column === null ? [] : [key.column])),
    predicate: row.predicate,
    nullsNotDistinct: row.nullsNotDistinct,
    valid: row.valid,
    definition: row.definition ?? '',
    constraint: row.constraint,
    replicaIdentity: row.replicaIdentity,
    clustered: row.clustered,
    options: sorted([...(row.options ?? []), ...(row.statistics ?? [])]),
    tablespace: row.tablespace,
    partitionOf: row.partitionOf,
    comment: row.comment,
  };
}

function indexKeyFrom({ column, expression, operatorClass, collation, descending, nullsFirst }: IndexKeyRow): IndexKey {
  return { column, expression, operatorClass, collation, descending, nullsFirst };
}
