/**
 * The rows that a partition may hold, as a check on its own columns.
 *
 * ATTACH PARTITION reads the whole table under ACCESS EXCLUSIVE, unless a valid check of it implies the partition's
 * constraint (measured: attach_partition against attach_partition.with_check). So this writes down what Postgres itself
 * derives from a bound (get_qual_from_partbound in src/backend/partitioning/partbounds.c), in the same shape, with those of
 * all tables above; a NULL in a range key belongs nowhere. Null where the bound is no constant: then nothing can be proved.
 */
import type { Node, PartitionBoundSpec, PartitionElem, PartitionSpec } from '@pgsql/types';
import { childrenOf, columnOf, tableNamed } from '../../catalog/lookup.ts';
import type { Catalog, Table } from '../../catalog/model.ts';
import { emitExpression } from '../../sql/emit.ts';
import { parseExpression, parseStatements } from '../../sql/parse.ts';
import { identifier, literal, qualified, raw, sql } from '../../sql/template.ts';
import { withoutCasts } from '../../sql/walk.ts';

/** One end of a range in one column of the key. */
type Datum = { readonly kind: 'value'; readonly text: string } | { readonly kind: 'least' } | { readonly kind: 'most' };

type Key = {
  readonly strategy: 'list' | 'range' | 'hash';
  /** The key's columns or expressions as SQL. */
  readonly elements: readonly { readonly text: string; readonly type: string | null }[];
};

export function parseBound(bound: string): PartitionBoundSpec | null {
  const node = parseStatements(`CREATE TABLE c PARTITION OF p ${bound}`)[0]?.node;
  return node !== undefined && 'CreateStmt' in node ? (node.CreateStmt.partbound ?? null) : null;
}

/** What every row of a partition of this table with this bound satisfies. */
export function partitionCheck(catalog: Catalog, parent: Table, bound: PartitionBoundSpec): string | null {
  const own = bound.is_default === true ? defaultCheck(catalog, parent) : boundCheck(parent, bound);
  if (parent.partitionOf === null || own === null) return own;
  const above = tableNamed(catalog, parent.partitionOf.parent);
  const outer = parseBound(parent.partitionOf.bound);
  const inherited = above === null || outer === null ? null : partitionCheck(catalog, above, outer);
  return inherited === null ? null : `(${inherited}) AND (${own})`;
}

function boundCheck(parent: Table, bound: PartitionBoundSpec): string | null {
  const key = keyOf(parent);
  if (key === null) return null;
  switch (key.strategy) {
    case 'hash':
      return hashCheck(parent, key, bound);
    case 'list': {
      const values = listValues(key, bound);
      return values === null ? null : listCheck(key, values);
    }
    case 'range': {
      const ranges = rangeCheck(key, bound);
      return ranges === null ? null : all([...neverNull(key), ...ranges]);
    }
  }
}

/** Of a default partition: what belongs into no other one (get_qual_for_list and get_qual_for_range, is_default). */
function defaultCheck(catalog: Catalog, parent: Table): string | null {
  const key = keyOf(parent);
  if (key === null || key.strategy === 'hash') return null;
  const bounds = childrenOf(catalog, parent).flatMap(({ partitionOf }) =>
    partitionOf === null || partitionOf.bound === 'DEFAULT' ? [] : [parseBound(partitionOf.bound)],
  );
  if (bounds.length === 0) return 'true';
  if (key.strategy === 'list') {
    const lists = bounds.map((bound) => (bound === null ? null : listValues(key, bound)));
    const known = lists.flatMap((values) => (values === null ? [] : [values]));
    return known.length < lists.length ? null : `NOT (${listCheck(key, known.flat())})`;
  }
  const ranges = bounds.map((bound) => (bound === null ? null : rangeCheck(key, bound)));
  const known = ranges.flatMap((range) => (range === null ? [] : [all(range)]));
  if (known.length < ranges.length) return null;
  return `NOT (${all([...neverNull(key), any(known)])})`;
}

function keyOf({ partitionKey, columns }: Table): Key | null {
  if (partitionKey === null) return null;
  const node = parseStatements(`CREATE TABLE p () PARTITION BY ${partitionKey}`)[0]?.node;
  const spec: PartitionSpec | undefined =
    node !== undefined && 'CreateStmt' in node ? node.CreateStmt.partspec : undefined;
  const strategy = strategies[spec?.strategy ?? ''];
  if (spec === undefined || strategy === undefined) return null;
  const elements = (spec.partParams ?? []).flatMap((item) => ('PartitionElem' in item ? [item.PartitionElem] : []));
  return {
    strategy,
    elements: elements.map((element) => ({
      text: elementText(element),
      type: element.name === undefined ? null : (columnOf({ columns }, element.name)?.type ?? null),
    })),
  };
}

const strategies: Readonly<Record<string, Key['strategy']>> = {
  PARTITION_STRATEGY_LIST: 'list',
  PARTITION_STRATEGY_RANGE: 'range',
  PARTITION_STRATEGY_HASH: 'hash',
};

function elementText({ name, expr, collation }: PartitionElem): string {
  const base = name === undefined ? `(${expr === undefined ? '' : emitExpression(expr)})` : identifier(name).text;
  const names = (collation ?? []).flatMap((part) =>
    'String' in part ? [identifier(part.String.sval ?? '').text] : [],
  );
  return names.length === 0 ? base : `${base} COLLATE ${names.join('.')}`;
}

function hashCheck(parent: Table, key: Key, { modulus = 0, remainder = 0 }: PartitionBoundSpec): string {
  const elements = key.elements.map(({ text }) => text).join(', ');
  const table = literal(qualified(parent).text).text;
  return `satisfies_hash_partition(${table}::regclass, ${modulus}, ${remainder}, ${elements})`;
}

/** NULL as null; nothing when a value is no constant. */
function listValues(key: Key, { listdatums }: PartitionBoundSpec): readonly (string | null)[] | null {
  const type = key.elements[0]?.type ?? null;
  const values = (listdatums ?? []).map((node) => (isNull(node) ? null : constant(node, type)));
  return values.includes(undefined) ? null : values.map((value) => value ?? null);
}

function listCheck(key: Key, values: readonly (string | null)[]): string {
  const of = key.elements[0]?.text ?? '';
  const set = [...new Set(values)];
  const known = set.flatMap((value) => (value === null ? [] : [value]));
  // As the server itself spells IN.
  const equal = known.length === 1 ? `${of} = ${known[0] ?? ''}` : `${of} = ANY (ARRAY[${known.join(', ')}])`;
  const within = known.length === 0 ? [] : [equal];
  return set.includes(null) ? any([`${of} IS NULL`, ...within]) : all([`${of} IS NOT NULL`, ...within]);
}

function neverNull(key: Key): readonly string[] {
  return key.elements.map(({ text }) => `${text} IS NOT NULL`);
}

/** get_qual_for_range: the columns that both ends share, then an OR of ever longer comparisons for each end. */
function rangeCheck(key: Key, { lowerdatums, upperdatums }: PartitionBoundSpec): readonly string[] | null {
  const lower = datums(key, lowerdatums);
  const upper = datums(key, upperdatums);
  if (lower === null || upper === null) return null;
  const shared = lower.findIndex((datum, at) => {
    const other = upper[at];
    return datum.kind !== 'value' || other?.kind !== 'value' || datum.text !== other.text;
  });
  const first = shared === -1 ? lower.length : shared;
  const equal = key.elements.slice(0, first).map(({ text }, at) => `${text} = ${valueOf(lower[at])}`);
  const rest = { ...key, elements: key.elements.slice(first) };
  const ends = [end(rest, lower.slice(first), 'lower'), end(rest, upper.slice(first), 'upper')];
  const found = [...equal, ...ends.flatMap((arms) => (arms.length === 0 ? [] : [any(arms)]))];
  return found.length === 0 ? ['true'] : found;
}

function end({ elements }: Key, bounds: readonly Datum[], side: 'lower' | 'upper'): readonly string[] {
  const arms: string[] = [];
  for (let last = 0; last < elements.length; last += 1) {
    if (bounds[last]?.kind !== 'value') break;
    const next = bounds[last + 1];
    const closed = side === 'lower' ? next === undefined || next.kind === 'least' : next?.kind === 'most';
    const operator = side === 'lower' ? (closed ? '>=' : '>') : closed ? '<=' : '<';
    const compared = elements
      .slice(0, last + 1)
      .map(({ text }, at) => `${text} ${at === last ? operator : '='} ${valueOf(bounds[at])}`);
    arms.push(all(compared));
  }
  return arms;
}

function valueOf(datum: Datum | undefined): string {
  return datum?.kind === 'value' ? datum.text : '';
}

function datums(key: Key, nodes: readonly Node[] | undefined): readonly Datum[] | null {
  const found = (nodes ?? []).map((node, at): Datum | null => {
    if ('ColumnRef' in node) {
      const [field] = node.ColumnRef.fields ?? [];
      const word = field !== undefined && 'String' in field ? field.String.sval : undefined;
      return word === 'minvalue' ? { kind: 'least' } : word === 'maxvalue' ? { kind: 'most' } : null;
    }
    const text = constant(node, key.elements[at]?.type ?? null);
    return text === undefined ? null : { kind: 'value', text };
  });
  const known = found.flatMap((datum) => (datum === null ? [] : [datum]));
  return known.length === key.elements.length && known.length === found.length ? known : null;
}

function isNull(node: Node): boolean {
  return 'A_Const' in node && node.A_Const.isnull === true;
}

/** Undefined for what is computed when the statement runs (now()): a check could not say the same. */
function constant(node: Node, type: string | null): string | undefined {
  const inner = 'TypeCast' in node ? node.TypeCast.arg : node;
  if (inner === undefined || !('A_Const' in inner)) {
    const negative = inner !== undefined && 'A_Expr' in inner && inner.A_Expr.lexpr === undefined;
    if (!negative) return undefined;
  }
  const text = emitExpression(node);
  return type === null ? text : sql`CAST(${raw(text)} AS ${raw(type)})`.text;
}

function all(terms: readonly string[]): string {
  return terms.length === 1 ? (terms[0] ?? '') : terms.map((term) => `(${term})`).join(' AND ');
}

function any(terms: readonly string[]): string {
  return terms.length === 1 ? (terms[0] ?? '') : terms.map((term) => `(${term})`).join(' OR ');
}

/** Whether valid checks of the table and its NOT NULL columns prove the expression, as far as their texts tell. */
export function provesCheck({ constraints, columns }: Table, expression: string): boolean {
  const known = new Set([
    ...constraints.flatMap((constraint) =>
      constraint.kind === 'check' && constraint.validated && constraint.expression !== null
        ? [plain(parseExpression(constraint.expression)), ...conjuncts(constraint.expression)]
        : [],
    ),
    ...columns
      .filter(({ notNull }) => notNull)
      .map(({ name }) => plain(parseExpression(`${identifier(name).text} IS NOT NULL`))),
  ]);
  return known.has(plain(parseExpression(expression))) || conjuncts(expression).every((term) => known.has(term));
}

function conjuncts(expression: string): readonly string[] {
  const split = (node: Node): readonly Node[] =>
    'BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR' ? (node.BoolExpr.args ?? []).flatMap(split) : [node];
  return split(parseExpression(expression)).map(plain);
}

/** Without casts, which the server puts where the person does not. */
function plain(node: Node): string {
  return emitExpression(withoutCasts(node));
}
