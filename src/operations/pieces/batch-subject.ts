/**
 * What the obligations of batchable.ts are asked about: a data statement with all that it reads, and the table along
 * whose rows it would be cut.
 */
import type { Node } from '@pgsql/types';
import type { Catalog, Table } from '../../catalog/model.ts';
import type { Assignment, DataStatement } from './data-statement.ts';
import {
  innerQueries,
  innerQueriesOfCondition,
  innerQueriesOfFrom,
  innerQueriesOfWith,
  withQueries,
  type InnerQuery,
} from './inner-queries.ts';
import { levelOf, manyRows, type Level } from './query-level.ts';
import { isPlain, tableSource, type Queries, type Source, type Surroundings } from './query-sources.ts';
import { familyOf } from './table-family.ts';

export type Subject = {
  readonly statement: DataStatement;
  readonly assignments: readonly Assignment[];
  readonly target: Table;
  /** What is walked: the target, or what an INSERT reads. */
  readonly walked: Source & { readonly relation: { readonly kind: 'table' } };
  readonly catalog: Catalog;
  /** The target with its partitions and inheriting tables. */
  readonly family: readonly Table[];
  readonly assigned: ReadonlySet<string>;
  /** What stands beside the walked table in FROM. */
  readonly level: Level;
  /** Evaluated for each row. */
  readonly expressions: readonly Node[];
  readonly inner: readonly InnerQuery[];
};

/** A text says why it is not understood. */
export function subjectOf(
  statement: DataStatement,
  target: Table,
  catalog: Catalog,
  queries: Queries = new Map(),
): Subject | string {
  const { command, assignments, where, insert } = statement;
  if (assignments === null) return 'its assignments are not one expression for each column';
  let around: Surroundings = { catalog, queries };
  const inner: InnerQuery[] = [];
  for (const clause of statement.with) {
    const named = (clause.ctes ?? []).flatMap((each) => ('CommonTableExpr' in each ? [each.CommonTableExpr] : []));
    if (clause.recursive === true) return 'its WITH is recursive';
    if (named.some(({ ctequery }) => ctequery === undefined || !('SelectStmt' in ctequery)))
      return 'its WITH changes rows too';
    around = withQueries(clause, around);
    inner.push(...innerQueriesOfWith(clause, around));
  }
  const read = levelOf(
    { fromClause: [...statement.from], ...(where === undefined ? {} : { whereClause: where }) },
    around,
  );
  if (read === null) return 'what it reads from is not understood';
  const own = tableSource(target, statement.target.alias?.aliasname ?? target.name, catalog);
  const level = command === 'insert' ? read : { ...read, sources: [own, ...read.sources] };
  const merged = isOneRowForOne(statement);
  if (merged !== null) return merged;
  const walked = command === 'insert' ? walkedOf(level) : own;
  if (typeof walked === 'string') return walked;
  const conditions = [where, insert?.conflict?.whereClause].flatMap((each) => each ?? []);
  const values = assignments.flatMap(({ value }) => value ?? []);
  // ON CONFLICT DO UPDATE sees the row that is there, and the one that is not let in.
  const ofConflict = [[own, { ...own, name: 'excluded' }]];
  const levels = [level.sources];
  return {
    statement,
    assignments,
    target,
    walked: walked as Subject['walked'], // both come from a table
    catalog,
    family: familyOf(catalog, target),
    assigned: new Set(assignments.map(({ column }) => column)),
    level,
    expressions: [...values, ...(insert?.values ?? []), ...conditions],
    inner: [
      ...inner,
      ...innerQueriesOfFrom(statement.from, level, [], around),
      ...innerQueriesOfCondition(where, levels, around),
      ...innerQueries(insert?.values ?? [], levels, around),
      ...innerQueries([values, insert?.conflict?.whereClause], command === 'insert' ? ofConflict : levels, around),
    ],
  };
}

/** The table whose rows give the inserted ones: each of its rows, with the at most one of every other table. */
function walkedOf(level: Level): Source | string {
  const tables = level.sources.filter(({ relation }) => relation.kind === 'table');
  if (tables.length === 0) return 'it does not read from a table';
  const whole = tables.filter((source) => !level.optional.has(source));
  const walked = whole.find((source) => manyRows(level, [source]).every(({ readsTables }) => !readsTables));
  return walked ?? `several rows of ${tables.at(-1)?.what ?? ''} can belong to one of ${tables[0]?.what ?? ''}`;
}

/** An inserted row must come from one row that is read, not from several of them, and not from their order. */
function isOneRowForOne({ insert }: DataStatement): string | null {
  if (insert === null) return null;
  const { query } = insert;
  if (!isPlain(query)) return 'a row that it inserts is made of more than one row that it reads';
  if (query.sortClause !== undefined) return 'ORDER BY decides in which order its rows are numbered';
  return null;
}

export function sourcesOf({ level, walked, inner }: Subject): readonly Source[] {
  return [
    ...level.sources.filter((source) => source !== walked),
    ...inner.flatMap((each) => each.level?.sources ?? []),
  ];
}

/** Beside the walked row itself. */
export function tablesRead(subject: Subject): readonly Table[] {
  const { walked, statement } = subject;
  const tables = sourcesOf(subject).flatMap(({ relation }) => (relation.kind === 'table' ? [relation.table] : []));
  return [...new Set(statement.command === 'insert' ? [walked.relation.table, ...tables] : tables)];
}
