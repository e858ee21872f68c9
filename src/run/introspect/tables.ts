/** Tables: everything that stands in pg_class, and how large they are. */

import type { QualifiedName, Table } from '../../catalog/model.ts';
import { pageBytes, rowOverheadBytes } from '../../postgres/storage.ts';
import { commentJoin, grants, sorted } from './scope.ts';

export type TableRow = {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'r' | 'p' | 'f';
  readonly persistence: 'p' | 'u' | 't';
  readonly partitionKey: string | null;
  readonly partitionKeyColumns: readonly string[] | null;
  readonly isPartition: boolean;
  readonly bound: string | null;
  readonly parents: readonly QualifiedName[] | null;
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  readonly replicaIdentity: 'd' | 'f' | 'n' | 'i';
  readonly options: readonly string[] | null;
  readonly toastOptions: readonly string[] | null;
  readonly foreignServer: string | null;
  readonly foreignOptions: readonly string[] | null;
  readonly accessMethod: string | null;
  readonly tablespace: string | null;
  readonly owner: string;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
  readonly rows: number;
  readonly pages: number;
  readonly attributes: number;
  readonly heapBytes: number | null;
  readonly totalBytes: number | null;
};

/**
 * The columns of a partition key: the plain ones in their order (partattrs), then those that only its expressions use.
 * Of either kind pg_depend has an entry, the wrong way round: the column depends on the table (StorePartitionKey).
 */
export const tablesSql = `
  select rel.oid as id, rel.nspname as schema, rel.relname as name, rel.relkind as kind,
    rel.relpersistence as persistence,
    case when rel.relkind = 'p' then pg_get_partkeydef(rel.oid) end as "partitionKey",
    (select json_agg(a.attname order by array_position(pt.partattrs::int2[], a.attnum), a.attname)
       from pg_partitioned_table pt
         join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = pt.partrelid and d.objsubid > 0
           and d.refclassid = 'pg_class'::regclass and d.refobjid = pt.partrelid and d.refobjsubid = 0
           and d.deptype = 'i'
         join pg_attribute a on a.attrelid = pt.partrelid and a.attnum = d.objsubid
      where pt.partrelid = rel.oid) as "partitionKeyColumns",
    rel.relispartition as "isPartition",
    case when rel.relispartition then pg_get_expr(rel.relpartbound, rel.oid) end as bound,
    (select json_agg(json_build_object('schema', pn.nspname, 'name', p.relname) order by i.inhseqno)
       from pg_inherits i join pg_class p on p.oid = i.inhparent join pg_namespace pn on pn.oid = p.relnamespace
      where i.inhrelid = rel.oid) as parents,
    rel.relrowsecurity as "rowSecurity", rel.relforcerowsecurity as "forceRowSecurity",
    rel.relreplident as "replicaIdentity",
    to_json(rel.reloptions) as options, to_json(toast.reloptions) as "toastOptions",
    server.srvname as "foreignServer", to_json(ft.ftoptions) as "foreignOptions",
    case when am.amname <> 'heap' then am.amname end as "accessMethod",
    space.spcname as tablespace,
    pg_get_userbyid(rel.relowner) as owner, comment.description as comment,
    ${grants('rel.relacl', 'r', 'rel.relowner')} as grants,
    rel.reltuples as rows, rel.relpages as pages, rel.relnatts as attributes,
    case when rel.relkind = 'r' then pg_relation_size(rel.oid) end as "heapBytes",
    case when rel.relkind = 'r' then pg_total_relation_size(rel.oid) end as "totalBytes"
  from rel
    left join pg_class toast on toast.oid = rel.reltoastrelid
    left join pg_foreign_table ft on ft.ftrelid = rel.oid
    left join pg_foreign_server server on server.oid = ft.ftserver
    left join pg_am am on am.oid = rel.relam
    left join pg_tablespace space on space.oid = rel.reltablespace
    ${commentJoin('pg_class', 'rel.oid')}
  where rel.relkind in ('r', 'p', 'f')`;

const kinds = { r: 'table', p: 'partitioned', f: 'foreign' } as const;
const persistences = { p: 'permanent', u: 'unlogged', t: 'temporary' } as const;
const replicaIdentities = { d: 'default', f: 'full', n: 'nothing', i: 'index' } as const;

type Parts = Pick<Table, 'columns' | 'constraints' | 'indexes' | 'triggers' | 'policies' | 'rules' | 'statistics'>;

export function tableFrom(row: TableRow, parts: Parts, estimate: Table['estimate']): Table {
  const [parent] = row.parents ?? [];
  return {
    schema: row.schema,
    name: row.name,
    kind: kinds[row.kind],
    persistence: persistences[row.persistence],
    ...parts,
    partitionKey: row.partitionKey,
    partitionKeyColumns: row.partitionKeyColumns ?? [],
    partitionOf: row.isPartition && parent !== undefined ? { parent, bound: row.bound ?? '' } : null,
    inherits: row.isPartition ? [] : (row.parents ?? []),
    rowSecurity: { enabled: row.rowSecurity, forced: row.forceRowSecurity },
    replicaIdentity: replicaIdentities[row.replicaIdentity],
    options: sorted([
      ...(row.options ?? []),
      ...(row.toastOptions ?? []).map((option) => `toast.${option}`),
      ...(row.foreignServer === null ? [] : [`server=${row.foreignServer}`]),
      ...(row.foreignOptions ?? []).map((option) => `option.${option}`),
    ]),
    accessMethod: row.accessMethod,
    tablespace: row.tablespace,
    owner: row.owner,
    comment: row.comment,
    grants: sorted(row.grants),
    estimate,
  };
}

/**
 * How many rows, as the planner would guess (estimate_rel_size): the density that was last counted, times the pages
 * there are now. Never counted (reltuples is -1 since Postgres 14): what fits, going by the width of the columns.
 */
export function estimateFrom(row: TableRow, rowWidthBytes: number): NonNullable<Table['estimate']> {
  const heapBytes = row.heapBytes ?? 0;
  const size = { bytes: row.totalBytes ?? 0, heapBytes, attributes: row.attributes };
  if (row.kind === 'f') return { rows: Math.max(0, row.rows), ...size };
  if (heapBytes === 0) return { rows: 0, ...size };
  if (row.rows > 0 && row.pages > 0)
    return { rows: Math.round((row.rows / row.pages) * (heapBytes / pageBytes)), ...size };
  return { rows: Math.round(heapBytes / (rowWidthBytes + rowOverheadBytes)), ...size };
}
