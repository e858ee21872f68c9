/**
 * By which key a table can be walked in batches: the primary key, or another unique index whose order is the order of
 * its columns' plain `<`, so that `(a, b) > ($1, $2)` is a range of that index.
 *
 * Keys travel as text and are cast to their column's type by the server: a bigint, a numeric or a timestamp never
 * passes through a JavaScript number or date. Text of date and time types is taken from JSON, which spells them in ISO
 * whatever DateStyle says, so that a cursor written by one session means the same in another.
 */
import type { Session } from '../session.ts';

type KeyColumn = {
  readonly name: string;
  /** As format_type spells it, with its schema where it is not pg_catalog's. */
  readonly type: string;
};

export type BatchingKey = { readonly index: string; readonly columns: readonly KeyColumn[] };

/**
 * Usable keys of a table (its name as SQL, or its oid), the best first. Not usable: partial indexes and such on expressions (they do not hold every
 * row, or not by its columns), nullable columns (a NULL is in no range; from 18 on a NOT NULL may be there but not yet
 * valid), descending order, another operator class or collation than the column's own, deferrable constraints.
 */
export async function batchingKeys(session: Session, table: string): Promise<readonly BatchingKey[]> {
  const { rows } = await session.query<{ index: string; columns: string[]; types: string[] }>(
    `select ic.relname as index, k.columns, k.types
       from pg_index i
       join pg_class ic on ic.oid = i.indexrelid
       join pg_am am on am.oid = ic.relam and am.amname = 'btree'
       cross join lateral (
         select array_agg(a.attname::text order by c.position) as columns,
                array_agg(format_type(a.atttypid, a.atttypmod) order by c.position) as types,
                bool_and(a.attnotnull and i.indoption[c.position - 1] = 0 and o.opcdefault
                  and i.indcollation[c.position - 1] = a.attcollation
                  and not exists (select from pg_constraint n where n.conrelid = i.indrelid and n.contype = 'n'
                                     and n.conkey = array[a.attnum] and not n.convalidated)) as usable
           from generate_series(1, i.indnkeyatts) as c (position)
           join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[c.position - 1]
           join pg_opclass o on o.oid = i.indclass[c.position - 1]
       ) as k
      where i.indrelid = $1::regclass and i.indisunique and i.indimmediate and i.indisvalid and i.indisready
        and i.indpred is null and i.indexprs is null and k.usable
      order by i.indisprimary desc, i.indnkeyatts, ic.relname`,
    [table],
  );
  return rows.map((row) => ({
    index: row.index,
    columns: row.columns.map((name, index) => ({ name, type: row.types[index] ?? 'text' })),
  }));
}

/** The best key that the job itself does not change: a row that moves along its key would be met twice. */
export function chooseKey(keys: readonly BatchingKey[], changed: ReadonlySet<string>): BatchingKey | null {
  return keys.find((key) => !key.columns.some((column) => changed.has(column.name))) ?? null;
}

/** Types whose text depends on DateStyle: see above. */
export function isDateOrTime(type: string): boolean {
  return /^(date|timestamp)\b/.test(type);
}
