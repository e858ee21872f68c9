/** What belongs to the database rather than to a table: schemas, extensions, publications. */

import type { Publication, PublishedTable, SchemaObject } from '../../catalog/model.ts';
import { has } from '../../postgres/version.ts';
import { commentJoin, grants, sorted } from './scope.ts';

export type SchemaRow = {
  readonly name: string;
  readonly owner: string;
  readonly comment: string | null;
  readonly grants: readonly string[] | null;
};

export const schemasSql = `
  select ns.nspname as name, pg_get_userbyid(ns.nspowner) as owner, comment.description as comment,
    ${grants('ns.nspacl', 'n', 'ns.nspowner')} as grants
  from ns
    ${commentJoin('pg_namespace', 'ns.oid')}
  where not exists (select from ext where ext.classid = 'pg_namespace'::regclass and ext.objid = ns.oid)`;

export function schemaFrom(row: SchemaRow): SchemaObject {
  return { ...row, grants: sorted(row.grants) };
}

export type ExtensionRow = { readonly name: string; readonly schema: string };

export const extensionsSql = `
  select e.extname as name, n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace`;

export type PublicationRow = {
  readonly name: string;
  readonly allTables: boolean;
  readonly tables: readonly PublishedTable[] | null;
  readonly schemas: readonly string[] | null;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly truncate: boolean;
  readonly viaPartitionRoot: boolean;
  readonly owner: string;
  readonly comment: string | null;
};

export function publicationsSql(version: number): string {
  const lists = has(version, 'publicationColumnLists');
  const columns = lists
    ? `(select json_agg(a.attname) from unnest(pr.prattrs::int2[]) key(attnum)
          join pg_attribute a on a.attrelid = pr.prrelid and a.attnum = key.attnum)`
    : 'null';
  // FOR TABLES IN SCHEMA came with column lists.
  const schemas = lists
    ? `(select json_agg(n.nspname) from pg_publication_namespace pn join pg_namespace n on n.oid = pn.pnnspid
        where pn.pnpubid = p.oid)`
    : 'null';
  return `
  select p.pubname as name, p.puballtables as "allTables",
    (select json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'columns', ${columns},
        'where', ${lists ? 'pg_get_expr(pr.prqual, pr.prrelid)' : 'null'}))
       from pg_publication_rel pr
         join pg_class c on c.oid = pr.prrelid
         join pg_namespace n on n.oid = c.relnamespace
      where pr.prpubid = p.oid) as tables,
    ${schemas} as schemas,
    p.pubinsert as insert, p.pubupdate as update, p.pubdelete as delete, p.pubtruncate as truncate,
    p.pubviaroot as "viaPartitionRoot", pg_get_userbyid(p.pubowner) as owner, comment.description as comment
  from pg_publication p
    ${commentJoin('pg_publication', 'p.oid')}`;
}

export function publicationFrom(row: PublicationRow): Publication {
  const tables = (row.tables ?? []).map((table) => ({ ...table, columns: table.columns?.toSorted() ?? null }));
  const key = (table: PublishedTable): string => JSON.stringify([table.schema, table.name]);
  return {
    name: row.name,
    tables: row.allTables ? null : tables.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
    schemas: sorted(row.schemas),
    publishes: (['insert', 'update', 'delete', 'truncate'] as const).filter((event) => row[event]),
    viaPartitionRoot: row.viaPartitionRoot,
    owner: row.owner,
    comment: row.comment,
  };
}
