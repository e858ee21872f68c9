/**
 * Whether interleaved passes pay on a chunk, as far as the catalog and the statistics can tell: no index has to hear of
 * the change, the rows of a stretch lie together on pages, and a page holds as many rows as there are passes.
 *
 * A summarising index (BRIN) does not keep an update from being HOT from Postgres 16 on.
 * https://www.postgresql.org/docs/16/release-16.html (Allow HOT updates if only BRIN-indexed columns are updated)
 */
import { identifier, join, qualified, sql } from '../../sql/template.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import { isHashed } from './interleaving.ts';

const orderly = 0.9; // correlation of the key with the place of the rows: below it each batch touches few rows of many pages

type Found = {
  readonly rows_per_block: number | null;
  readonly correlation: number | null;
  readonly is_indexed: boolean;
};

/** The rows of a page when passes pay, null when they do not. */
export async function rowsPerBlockForPasses(
  session: Session,
  run: BackfillRun,
  chunk: Pick<ChunkRecord, 'table' | 'kind' | 'columns' | 'types'>,
  passes: number,
): Promise<number | null> {
  const { rows } = await session.query<Found>(facts, [
    chunk.table.schema,
    chunk.table.name,
    run.set.map(({ column }) => column),
    chunk.columns[0] ?? null,
  ]);
  const [found] = rows;
  if (found === undefined || found.is_indexed) return null;
  if (found.rows_per_block === null || found.rows_per_block < passes) return null;
  if (chunk.kind === 'key' && (found.correlation ?? 0) < orderly) return null;
  if (isHashed(chunk) && !(await canHash(session, chunk))) return null;
  return found.rows_per_block;
}

/**
 * An index hears of a column that it holds (also by INCLUDE), of those that its expressions and its predicate read, and of
 * a generated column when one that it is made from changes. A whole row (`varattno 0`) in them is any column.
 */
const facts = `
  with target as (
    select c.oid, c.reltuples, c.relpages from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2
  ), named as (
    select a.attnum from target join pg_attribute a on a.attrelid = target.oid
     where a.attname = any ($3::text[]) and a.attnum > 0 and not a.attisdropped
  ), changed as (
    select attnum from named
    union
    select g.attnum
      from target join pg_attribute g on g.attrelid = target.oid and g.attgenerated <> ''
      left join pg_attrdef e on e.adrelid = g.attrelid and e.adnum = g.attnum
      join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = target.oid
       and (d.classid = 'pg_class'::regclass and d.objid = target.oid and d.objsubid = g.attnum
            or d.classid = 'pg_attrdef'::regclass and d.objid = e.oid)
     where d.refobjsubid in (select attnum from named)
  )
  select (case when reltuples > 0 and relpages > 0 then reltuples / relpages end)::float8 as rows_per_block,
    (select abs(s.correlation)::float8 from pg_stats s
      where s.schemaname = $1 and s.tablename = $2 and s.attname = $4 and not s.inherited) as correlation,
    exists (
      select from pg_index i join pg_class ic on ic.oid = i.indexrelid join pg_am am on am.oid = ic.relam
       where i.indrelid = target.oid and i.indislive
         and not (am.amname = 'brin' and current_setting('server_version_num')::int >= 160000)
         and (exists (select from changed where changed.attnum = any (i.indkey::int2[]))
              or concat(i.indexprs::text, i.indpred::text) like '%:varattno 0 %'
              or exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                   and d.refclassid = 'pg_class'::regclass and d.refobjid = target.oid
                   and d.refobjsubid in (select attnum from changed)))
    ) as is_indexed
    from target`;

/** Some types that can be sorted cannot be hashed (`bit varying`); only a row of them tells. */
async function canHash(session: Session, { table, columns }: Pick<ChunkRecord, 'table' | 'columns'>): Promise<boolean> {
  const row = join(columns.map((column) => identifier(column)));
  try {
    await session.query(sql`select hash_record_extended(row(${row}), 0) from only ${qualified(table)} limit 1`.text);
    return true;
  } catch (error) {
    if (sqlstateOf(error) === sqlstate.undefinedFunction) return false;
    throw error;
  }
}
