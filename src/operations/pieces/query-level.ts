/**
 * One level of a query: what stands in its FROM, and the conditions that tie it together. From them follows which rows of
 * one source belong to a row of another: found by an equality of columns, and by nothing else.
 *
 * Guarantee: a condition that is not understood ties nothing.
 */
import type { JoinExpr, Node, SelectStmt } from '@pgsql/types';
import { typeText } from '../../sql/type-name.ts';
import { visit } from '../../sql/walk.ts';
import { stringValue, stringValues } from '../decode/names.ts';
import { columnPath, sourceOf, type Source, type Surroundings } from './query-sources.ts';

type Condition = {
  readonly node: Node;
  /** An outer join's ON holds for the sources of its optional side only; null: for all. */
  readonly ties: ReadonlySet<Source> | null;
};

export type Level = {
  readonly sources: readonly Source[];
  readonly conditions: readonly Condition[];
  /** Sources that an outer join may leave out. */
  readonly optional: ReadonlySet<Source>;
};

/** Null when its FROM holds something that is not understood. */
export function levelOf(
  { fromClause = [], whereClause }: Pick<SelectStmt, 'fromClause' | 'whereClause'>,
  around: Surroundings,
): Level | null {
  const parts = fromClause.map((item) => levelOfItem(item, around));
  if (parts.some((part) => part === null)) return null;
  const known = parts.flatMap((part) => part ?? []);
  return {
    sources: known.flatMap(({ sources }) => sources),
    conditions: [...known.flatMap(({ conditions }) => conditions), ...conjuncts(whereClause).map((node) => all(node))],
    optional: new Set(known.flatMap(({ optional }) => [...optional])),
  };
}

function levelOfItem(item: Node, around: Surroundings): Level | null {
  if (!('JoinExpr' in item)) return { sources: [sourceOf(item, around)], conditions: [], optional: new Set() };
  const join = item.JoinExpr;
  const { larg, rarg, quals, jointype, isNatural, alias } = join;
  if (larg === undefined || rarg === undefined || isNatural === true || alias !== undefined) return null;
  const left = levelOfItem(larg, around);
  const right = levelOfItem(rarg, around);
  if (left === null || right === null) return null;
  const on = [...conjuncts(quals), ...usingConditions(join, left, right)];
  const shape = { sources: [...left.sources, ...right.sources] };
  const inside = [...left.conditions, ...right.conditions];
  const missing = new Set([...left.optional, ...right.optional]);
  switch (jointype) {
    case 'JOIN_INNER':
      return { ...shape, conditions: [...inside, ...on.map(all)], optional: missing };
    case 'JOIN_LEFT':
      return {
        ...shape,
        conditions: [...inside, ...on.map((node) => ({ node, ties: new Set(right.sources) }))],
        optional: new Set([...missing, ...right.sources]),
      };
    case 'JOIN_RIGHT':
      return {
        ...shape,
        conditions: [...inside, ...on.map((node) => ({ node, ties: new Set(left.sources) }))],
        optional: new Set([...missing, ...left.sources]),
      };
    default:
      return null;
  }
}

function all(node: Node): Condition {
  return { node, ties: null };
}

/** `USING (a)` as `right.a = left.a`. */
function usingConditions({ usingClause = [] }: JoinExpr, left: Level, right: Level): readonly Node[] {
  return stringValues(usingClause).flatMap((column) => {
    const has = ({ columns }: Source) => columns?.includes(column) === true;
    const [a, ...moreLeft] = left.sources.filter(has);
    const [b, ...moreRight] = right.sources.filter(has);
    if (a === undefined || b === undefined || moreLeft.length + moreRight.length > 0) return [];
    return [equality(reference(b.name, column), reference(a.name, column))];
  });
}

function reference(...path: readonly string[]): Node {
  return { ColumnRef: { fields: path.map((sval) => ({ String: { sval } })) } };
}

export function equality(lexpr: Node, rexpr: Node): Node {
  return { A_Expr: { kind: 'AEXPR_OP', name: [{ String: { sval: '=' } }], lexpr, rexpr } };
}

/** The parts of a condition of which every one must hold. */
export function conjuncts(condition: Node | undefined): readonly Node[] {
  if (condition === undefined) return [];
  if ('BoolExpr' in condition && condition.BoolExpr.boolop === 'AND_EXPR')
    return (condition.BoolExpr.args ?? []).flatMap(conjuncts);
  return [condition];
}

export type Found = {
  readonly source: Source;
  readonly column: string;
  /** 0 is the innermost. */ readonly depth: number;
};

/** Whose column it is; null when that cannot be said. */
export function resolveColumn(path: readonly string[], levels: readonly (readonly Source[])[]): Found | null {
  const column = path.at(-1) ?? '';
  const qualifier = path.at(-2);
  for (const [depth, sources] of levels.entries()) {
    if (qualifier !== undefined) {
      const source = sources.find(({ name }) => name === qualifier);
      if (source !== undefined) return { source, column, depth };
      continue;
    }
    const having = sources.filter(({ columns }) => columns?.includes(column) === true);
    const [source] = having;
    if (having.length === 1 && source !== undefined) return { source, column, depth };
    if (having.length > 1 || sources.some(({ columns }) => columns === null)) return null;
  }
  return null;
}

/**
 * The columns of `source` that have one value once the rows of `known` are given: those that are compared by `=` with
 * something made of constants and of columns of `known`.
 */
export function determined(
  source: Source,
  { sources, conditions }: Level,
  known: ReadonlySet<Source>,
  outer: readonly (readonly Source[])[],
): ReadonlySet<string> {
  const levels = [sources, ...outer];
  const columns = new Set<string>();
  for (const { node, ties } of conditions) {
    if (ties !== null && !ties.has(source)) continue;
    for (const [one, other] of equalities(node)) {
      const column = ownColumn(one, source, levels);
      if (column !== null && isGiven(other, known, levels) && isSameEquality(source.typeOf(column), other, levels))
        columns.add(column);
    }
  }
  return columns;
}

/** Both readings of `a = b`, and of each pair in `(a, b) = (c, d)`. */
function equalities(node: Node): readonly (readonly [Node, Node])[] {
  if (!('A_Expr' in node)) return [];
  const { kind, name = [], lexpr, rexpr } = node.A_Expr;
  if (kind !== 'AEXPR_OP' || name.length !== 1 || stringValue(name[0]) !== '=') return [];
  if (lexpr === undefined || rexpr === undefined) return [];
  if ('RowExpr' in lexpr && 'RowExpr' in rexpr) {
    const right = rexpr.RowExpr.args ?? [];
    return (lexpr.RowExpr.args ?? []).flatMap((left, index) => {
      const other = right[index];
      return other === undefined ? [] : equalities(equality(left, other));
    });
  }
  return [
    [lexpr, rexpr],
    [rexpr, lexpr],
  ];
}

function ownColumn(node: Node, source: Source, levels: readonly (readonly Source[])[]): string | null {
  if (!('ColumnRef' in node)) return null;
  const found = resolveColumn(columnPath(node.ColumnRef), levels);
  return found !== null && found.depth === 0 && found.source === source ? found.column : null;
}

/** Made of constants, and of columns of rows that are there already. */
function isGiven(node: Node, known: ReadonlySet<Source>, levels: readonly (readonly Source[])[]): boolean {
  let given = true;
  visit(node, (tag, fields) => {
    if (tag === 'SubLink') given = false;
    if (tag !== 'ColumnRef') return;
    const found = resolveColumn(columnPath(fields), levels);
    if (found === null || (found.depth === 0 && !known.has(found.source))) given = false;
  });
  return given;
}

const wholeNumbers: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint']);
const texts = /^(?:text|character varying(?:\(\d+\))?)$/;

/**
 * Whether `column = other` is the equality of the column's own index: `bigint = double precision` is not, under it two
 * numbers may be equal to one. What is compared with a text is text.
 */
function isSameEquality(type: string | null, other: Node, levels: readonly (readonly Source[])[]): boolean {
  if (type === null) return false;
  if (texts.test(type) || 'A_Const' in other) return true;
  const given = typeOfGiven(other, levels);
  return given !== null && (given === type || (wholeNumbers.has(given) && wholeNumbers.has(type)));
}

function typeOfGiven(node: Node, levels: readonly (readonly Source[])[]): string | null {
  if ('TypeCast' in node) return node.TypeCast.typeName === undefined ? null : typeText(node.TypeCast.typeName);
  if (!('ColumnRef' in node)) return null;
  const found = resolveColumn(columnPath(node.ColumnRef), levels);
  return found === null ? null : found.source.typeOf(found.column);
}

/** The columns of the source that its query compares with constants. */
export function fixedByConstants(source: Source, level: Level): ReadonlySet<string> {
  return determined(source, level, new Set(), []);
}

/** The sources of which more than one row may belong to a row of `known`. */
export function manyRows(level: Level, known: readonly Source[]): readonly Source[] {
  return remaining(level, known, [], (source, columns) =>
    source.uniqueOn.some((key) => key.every((column) => columns.has(column))),
  );
}

/** The sources that neither are small nor have an index by which their rows are found from what is `known` and around. */
export function notReached(
  level: Level,
  known: readonly Source[],
  outer: readonly (readonly Source[])[] = [],
): readonly Source[] {
  return remaining(
    level,
    known,
    outer,
    (source, columns) => source.small || source.reachedBy.some((column) => columns.has(column)),
  );
}

export function isReached(level: Level, known: readonly Source[]): boolean {
  return notReached(level, known).length === 0;
}

function remaining(
  level: Level,
  known: readonly Source[],
  outer: readonly (readonly Source[])[],
  isFound: (source: Source, columns: ReadonlySet<string>) => boolean,
): readonly Source[] {
  const found = new Set(known);
  for (;;) {
    const left = level.sources.filter((source) => !found.has(source));
    const next = left.find((source) => isFound(source, determined(source, level, found, outer)));
    if (next === undefined) return left;
    found.add(next);
  }
}
