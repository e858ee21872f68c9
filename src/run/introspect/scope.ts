/**
 * Which objects are part of a schema: the common table expressions that every part of the statement starts from, and
 * the small pieces of SQL that several parts share.
 *
 * Not part: the system's schemas, temporary objects (they live in pg_temp_N), schemas that the caller leaves out, and
 * what belongs to an extension (`CREATE EXTENSION` brings it).
 */

/** `$1` is the list of schemas to leave out. */
export const scope = `
  ns as materialized (
    select oid, nspname, nspowner, nspacl from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and nspname <> all ($1::text[])
  ),
  ext as materialized (
    select classid, objid from pg_depend where deptype = 'e'
  ),
  rel as materialized (
    select c.*, ns.nspname
    from pg_class c join ns on ns.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
      and not exists (select from ext where ext.classid = 'pg_class'::regclass and ext.objid = c.oid)
  )`;

/** The comment on an object, as a join. `column` is for columns only. */
export function commentJoin(catalog: string, id: string, column = '0'): string {
  return `left join pg_description comment
    on comment.classoid = '${catalog}'::regclass and comment.objoid = ${id} and comment.objsubid = ${column}`;
}

/**
 * The privileges in force. A NULL means the built-in default, which is spelled out here: so the same privileges look the
 * same whether they were never touched or granted and revoked again. Type letters: acldefault in acl.c.
 */
export function grants(acl: string, type: 'r' | 's' | 'n' | 'T' | 'f', owner: string): string {
  return `(select json_agg(item::text) from unnest(coalesce(${acl}, acldefault('${type}', ${owner}))) item)`;
}

/** The name of a collation or operator class as SQL; without the schema when it is pg_catalog. */
export function nameText(schema: string, name: string): string {
  return `case when ${schema} = 'pg_catalog' then '' else quote_ident(${schema}) || '.' end || quote_ident(${name})`;
}

/** Sorted, because the order in which privileges were granted means nothing. */
export function sorted(values: readonly string[] | null): readonly string[] {
  return (values ?? []).toSorted();
}

/** The items under the object they belong to. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
