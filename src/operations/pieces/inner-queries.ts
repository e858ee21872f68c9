/** The queries inside a statement, with what each of them can see: sub-queries, FROM items, WITH queries, at any depth. */
import type { Node, SelectStmt, WithClause } from '@pgsql/types';
import { visit } from '../../sql/walk.ts';
import { conjuncts, equality, levelOf, resolveColumn, type Level } from './query-level.ts';
import { columnPath, type Queries, type Source, type Surroundings } from './query-sources.ts';

export type InnerQuery = {
  readonly query: SelectStmt;
  /** What it reads; null when that is not understood. */
  readonly level: Level | null;
  /** What it sees around it, innermost first. */
  readonly outer: readonly (readonly Source[])[];
  readonly around: Surroundings;
  /**
   * `value`: a scalar, EXISTS or ARRAY. `member`: `x IN (…)` that must hold, which an index of what it reads can answer.
   * `whole`: it is read as a whole whatever the row (NOT IN, ALL, IN under OR). `source`: in FROM or WITH.
   */
  readonly place: 'value' | 'member' | 'whole' | 'source';
};

export function withQueries(clause: WithClause | undefined, around: Surroundings): Surroundings {
  const queries = new Map(around.queries);
  for (const each of clause?.ctes ?? []) {
    const name = 'CommonTableExpr' in each ? (each.CommonTableExpr.ctename ?? '') : '';
    for (const query of queriesOf(each)) queries.set(name, query);
  }
  return { ...around, queries: queries satisfies Queries };
}

/** In these expressions, which see `levels`. */
export function innerQueries(
  expressions: unknown,
  levels: readonly (readonly Source[])[],
  around: Surroundings,
): readonly InnerQuery[] {
  const found: InnerQuery[] = [];
  visit(expressions, (tag, fields) => {
    if (tag !== 'SubLink') return true;
    const { subselect, testexpr, subLinkType } = fields as {
      // the grammar's fields of a SubLink
      readonly subselect?: Node;
      readonly testexpr?: Node;
      readonly subLinkType?: string;
    };
    found.push(...innerQueries(testexpr, levels, around));
    const place = subLinkType === 'ANY_SUBLINK' || subLinkType === 'ALL_SUBLINK' ? 'whole' : 'value';
    found.push(...queryAndInner(subselect, levels, around, place));
    return false;
  });
  return found;
}

/** In a condition: `x IN (…)` as one of its parts can be answered by an index. */
export function innerQueriesOfCondition(
  condition: Node | undefined,
  levels: readonly (readonly Source[])[],
  around: Surroundings,
): readonly InnerQuery[] {
  return conjuncts(condition).flatMap((part) => {
    if (!('SubLink' in part) || part.SubLink.subLinkType !== 'ANY_SUBLINK' || (part.SubLink.operName ?? []).length > 0)
      return innerQueries(part, levels, around);
    const { subselect, testexpr } = part.SubLink;
    return [...innerQueries(testexpr, levels, around), ...queryAndInner(subselect, levels, around, 'member')];
  });
}

/** In a FROM list, at the level of its own sources. */
export function innerQueriesOfFrom(
  items: readonly Node[],
  level: Level | null,
  outer: readonly (readonly Source[])[],
  around: Surroundings,
): readonly InnerQuery[] {
  const inside = level === null ? outer : [level.sources, ...outer];
  return items.flatMap((item): readonly InnerQuery[] => {
    if ('RangeSubselect' in item) {
      const { subquery, lateral } = item.RangeSubselect;
      return queryAndInner(subquery, lateral === true ? inside : outer, around, 'source');
    }
    if ('JoinExpr' in item) {
      const { larg, rarg, quals } = item.JoinExpr;
      const sides = [larg, rarg].flatMap((side) => side ?? []);
      return [...innerQueriesOfFrom(sides, level, outer, around), ...innerQueriesOfCondition(quals, inside, around)];
    }
    return innerQueries(item, inside, around);
  });
}

/** The queries of a WITH clause. */
export function innerQueriesOfWith(clause: WithClause | undefined, around: Surroundings): readonly InnerQuery[] {
  return (clause?.ctes ?? []).flatMap((each) =>
    'CommonTableExpr' in each ? queryAndInner(each.CommonTableExpr.ctequery, [], around, 'source') : [],
  );
}

function queryAndInner(
  node: Node | undefined,
  outer: readonly (readonly Source[])[],
  before: Surroundings,
  place: InnerQuery['place'],
): readonly InnerQuery[] {
  if (node === undefined || !('SelectStmt' in node)) return [];
  const query = node.SelectStmt;
  const around = withQueries(query.withClause, before);
  if (query.op !== undefined && query.op !== 'SETOP_NONE') {
    const sides = [query.larg, query.rarg].flatMap((side) => (side === undefined ? [] : [{ SelectStmt: side }]));
    return [
      { query, level: null, outer, around, place },
      ...sides.flatMap((side) => queryAndInner(side, outer, around, 'whole')),
    ];
  }
  const bare = levelOf(query, around);
  const level = bare === null || place !== 'member' ? bare : tiedByTest(bare, query);
  const inside = bare === null ? outer : [bare.sources, ...outer];
  const { targetList, whereClause, fromClause = [], withClause, ...clauses } = query;
  return [
    { query, level, outer, around, place },
    ...innerQueriesOfWith(withClause, around),
    ...innerQueriesOfFrom(fromClause, bare, outer, around),
    ...innerQueriesOfCondition(whereClause, inside, around),
    ...innerQueries([targetList, ...Object.values(clauses)], inside, around),
  ];
}

/** `x IN (SELECT a …)` holds where `a = x` does, and x is given. */
function tiedByTest(level: Level, { targetList = [] }: SelectStmt): Level {
  const outputs = targetList.flatMap((each) => ('ResTarget' in each && each.ResTarget.val ? [each.ResTarget.val] : []));
  const given: Node = { A_Const: { isnull: true } };
  return {
    ...level,
    conditions: [...level.conditions, ...outputs.map((output) => ({ node: equality(output, given), ties: null }))],
  };
}

/** Whether it mentions a column of what is around it, so that its result belongs to a row. */
export function isCorrelated({ query, outer, around }: InnerQuery): boolean {
  return mentionsOuter(query, outer, around, 1);
}

/** `nesting`: how many levels there are between the query and what is around the outermost one. */
function mentionsOuter(
  query: SelectStmt,
  outer: readonly (readonly Source[])[],
  before: Surroundings,
  nesting: number,
): boolean {
  const around = withQueries(query.withClause, before);
  const named = (query.withClause?.ctes ?? []).flatMap(queriesOf);
  if (named.some((each) => mentionsOuter(each, outer, around, nesting))) return true;
  if (query.op !== undefined && query.op !== 'SETOP_NONE')
    return [query.larg, query.rarg].some((side) => side !== undefined && mentionsOuter(side, outer, around, nesting));
  const level = levelOf(query, around);
  if (level === null) return false;
  const levels = [level.sources, ...outer];
  const outputs = new Set(
    (query.targetList ?? []).map((each) => ('ResTarget' in each ? each.ResTarget.name : undefined)),
  );
  const { withClause: _named, ...clauses } = query;
  let found = false;
  for (const [clause, part] of Object.entries(clauses)) {
    visit(part, (tag, fields) => {
      if (tag === 'ColumnRef') {
        const path = columnPath(fields);
        // ORDER BY and GROUP BY know the names of the result.
        if ((clause === 'sortClause' || clause === 'groupClause') && path.length === 1 && outputs.has(path[0]))
          return true;
        const column = resolveColumn(path, levels);
        if (column !== null && column.depth >= nesting) found = true;
        return true;
      }
      if (tag !== 'SelectStmt') return true;
      // The parser's fields under this tag.
      if (mentionsOuter(fields, levels, around, nesting + 1)) found = true;
      return false;
    });
  }
  return found;
}

function queriesOf(each: Node): readonly SelectStmt[] {
  const query = 'CommonTableExpr' in each ? each.CommonTableExpr.ctequery : undefined;
  return query !== undefined && 'SelectStmt' in query ? [query.SelectStmt] : [];
}
