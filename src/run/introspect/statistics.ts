/** Extended statistics (CREATE STATISTICS). */

import type { ExtendedStatistics, QualifiedName } from '../../catalog/model.ts';
import { identifier, join, qualified, raw, sql } from '../../sql/template.ts';
import { commentJoin } from './scope.ts';

type Kind = 'd' | 'f' | 'm' | 'e';

export type StatisticsRow = {
  readonly on: string;
  readonly schema: string;
  readonly name: string;
  readonly kinds: readonly Kind[];
  /** Listed by name, without those that only its expressions use. */
  readonly keys: readonly string[] | null;
  readonly columns: readonly string[] | null;
  readonly expressions: readonly string[] | null;
  readonly target: number | null;
  readonly comment: string | null;
};

/** An unset target is -1 before Postgres 17 and NULL since. */
export const statisticsSql = `
  select s.stxrelid as on, n.nspname as schema, s.stxname as name, to_json(s.stxkind) as kinds,
    (select json_agg(a.attname)
       from unnest(s.stxkeys::int2[]) key(attnum)
         join pg_attribute a on a.attrelid = s.stxrelid and a.attnum = key.attnum) as keys,
    (select json_agg(a.attname)
       from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.classid = 'pg_statistic_ext'::regclass and d.objid = s.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid = s.stxrelid and d.refobjsubid > 0) as columns,
    to_json(pg_get_statisticsobjdef_expressions(s.oid)) as expressions,
    case when s.stxstattarget >= 0 then s.stxstattarget end as target,
    comment.description as comment
  from rel
    join pg_statistic_ext s on s.stxrelid = rel.oid
    join pg_namespace n on n.oid = s.stxnamespace
    ${commentJoin('pg_statistic_ext', 's.oid')}`;

/** Kind `e` (the statistics of the expressions themselves) comes with any expression and cannot be asked for. */
const kindNames: Readonly<Record<Kind, string | null>> = { d: 'ndistinct', f: 'dependencies', m: 'mcv', e: null };

/**
 * The definition is put together here and not by pg_get_statisticsobjdef: Postgres keeps the columns sorted by attnum,
 * so that its text changes with the order of the table's columns, which means nothing to the statistics.
 */
export function statisticsFrom(row: StatisticsRow, table: QualifiedName): ExtendedStatistics {
  const keys = (row.keys ?? []).toSorted();
  const expressions = row.expressions ?? [];
  const kinds = row.kinds.flatMap((kind) => kindNames[kind] ?? []).toSorted();
  const terms = [...keys.map(identifier), ...expressions.map((expression) => raw(`(${expression})`))];
  // One expression alone has no kinds to choose from.
  const list = kinds.length === 0 ? raw('') : sql` (${join(kinds.map(raw))})`;
  return {
    schema: row.schema,
    name: row.name,
    columns: [...new Set(row.columns)].toSorted(),
    definition: sql`CREATE STATISTICS ${qualified(row)}${list} ON ${join(terms)} FROM ${qualified(table)}`.text,
    target: row.target,
    comment: row.comment,
  };
}
