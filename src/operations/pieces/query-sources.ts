/**
 * What stands in a FROM list, and what is known of it: by which of its columns at most one row is found, by which an
 * index finds its rows, whether it is small by nature.
 *
 * Guarantee: what is not understood is never called unique, indexed or small.
 */
import type { ColumnRef, Node, RangeFunction, RangeVar, SelectStmt } from '@pgsql/types';
import { childrenOf, columnOf, constraintOf, primaryKey, resolveRelation } from '../../catalog/lookup.ts';
import type { Catalog, Index, Table } from '../../catalog/model.ts';
import { isAggregate, isSetReturning } from '../../postgres/function-kinds.ts';
import { functionCalls, visit } from '../../sql/walk.ts';
import { stringValue, stringValues } from '../decode/names.ts';
import { fixedByConstants, isReached, levelOf, resolveColumn } from './query-level.ts';

export type Source = {
  /** By which the query calls it. */
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly relation:
    { readonly kind: 'table'; readonly table: Table } | { readonly kind: 'view' | 'unknown' | 'computed' };
  /** Null when not known. */
  readonly columns: readonly string[] | null;
  readonly typeOf: (column: string) => string | null;
  /** Sets of columns of which each finds at most one row; the empty set where there is only one. */
  readonly uniqueOn: readonly (readonly string[])[];
  /** Columns by which an index finds its rows. */
  readonly reachedBy: readonly string[];
  /** Reading all of it costs a batch next to nothing. */
  readonly small: boolean;
  /** Whether its rows come from tables, so that they may change. */
  readonly readsTables: boolean;
};

/** WITH queries that can be seen, by name. */
export type Queries = ReadonlyMap<string, SelectStmt>;

export type Surroundings = { readonly catalog: Catalog; readonly queries: Queries };

const smallBytes = 1_048_576; // about ten thousand rows: a batch reads them in a few milliseconds

export function sourceOf(item: Node, around: Surroundings): Source {
  if ('RangeVar' in item) return ofName(item.RangeVar, around);
  if ('RangeSubselect' in item) {
    const { subquery, alias } = item.RangeSubselect;
    const name = alias?.aliasname ?? '';
    return subquery !== undefined && 'SelectStmt' in subquery
      ? ofQuery(name, subquery.SelectStmt, stringValues(alias?.colnames), around)
      : unknown(name);
  }
  if ('RangeFunction' in item) return ofFunction(item.RangeFunction);
  return unknown('');
}

export function tableSource(table: Table, name: string, catalog: Catalog): Source {
  // An heir's rows are not in the indexes of its parent.
  const hasHeirs = table.kind !== 'partitioned' && childrenOf(catalog, table).length > 0;
  const usable = table.indexes.filter(
    (index) => index.valid && index.predicate === null && index.method === 'btree' && !hasHeirs,
  );
  const isDeferrable = ({ constraint }: Index) =>
    constraint !== null && constraintOf(table, constraint)?.deferrable === true;
  // A folded primary key may have no index in the catalog.
  const key = hasHeirs ? null : primaryKey(table);
  return {
    name,
    what: table.name,
    relation: { kind: 'table', table },
    columns: table.columns.map((column) => column.name),
    typeOf: (column) => columnOf(table, column)?.type ?? null,
    uniqueOn: [
      ...(key === null || key.deferrable ? [] : [key.columns]),
      ...usable.filter((index) => index.unique && !isDeferrable(index)).flatMap(plainKeys),
    ],
    reachedBy: [...(key?.columns.slice(0, 1) ?? []), ...usable.flatMap(({ keys }) => keys[0]?.column ?? [])],
    small: table.kind === 'table' && !hasHeirs && table.estimate !== null && table.estimate.bytes <= smallBytes,
    readsTables: true,
  };
}

function plainKeys({ keys }: Index): readonly (readonly string[])[] {
  const names = keys.flatMap(({ column, operatorClass, collation }) =>
    column === null || operatorClass !== null || collation !== null ? [] : [column],
  );
  return names.length === keys.length ? [names] : [];
}

function ofName(range: RangeVar, around: Surroundings): Source {
  const written = range.relname ?? '';
  const name = range.alias?.aliasname ?? written;
  const renamed = stringValues(range.alias?.colnames);
  const query = range.schemaname === undefined ? around.queries.get(written) : undefined;
  if (query !== undefined) return ofQuery(name, query, renamed, around);
  const found = resolveRelation(around.catalog, { schema: range.schemaname ?? null, name: written });
  if (found?.kind === 'table' && renamed.length === 0) return tableSource(found.table, name, around.catalog);
  if (found?.kind !== 'view') return { ...unknown(name), what: written };
  const columns = found.view.columns.map((column) => column.name);
  return { ...unknown(name), what: written, relation: { kind: 'view' }, columns };
}

/** A function's rows are made of its arguments. */
function ofFunction({ alias, functions }: RangeFunction): Source {
  const [called] = (functions ?? []).flatMap((each) => functionCalls(each));
  const name = alias?.aliasname ?? called?.name ?? '';
  const columns = stringValues(alias?.colnames);
  return computed(name, columns.length === 0 ? null : columns, { small: true });
}

/** A sub-query or a WITH query. */
function ofQuery(name: string, query: SelectStmt, renamed: readonly string[], around: Surroundings): Source {
  if ((query.valuesLists ?? []).length > 0) return ofValues(name, query, renamed);
  const outputs = outputsOf(query).map((output, index) => ({ ...output, name: renamed[index] ?? output.name }));
  const columns = outputs.every((output) => output.name !== '*') ? outputs.map((output) => output.name) : null;
  const readsTables = readsAnyTable(query);
  const level = levelOf(query, around);
  if (level === null || columns === null) return computed(name, null, { readsTables });
  const bounded = isReached(level, []);
  const named = (column: string): string | undefined =>
    outputs.find(({ reference }) => reference === column)?.name ?? undefined;
  const typeOf = (column: string): string | null => {
    const path = outputs.find((output) => output.name === column)?.path ?? [];
    const found = path.length === 0 ? null : resolveColumn(path, [level.sources]);
    return found === null ? null : found.source.typeOf(found.column);
  };
  const shape = { readsTables, small: bounded, typeOf };
  if (isGrouped(query)) {
    const groups = (query.groupClause ?? []).map((each) => named(plainColumn(each) ?? ''));
    const known = groups.flatMap((each) => each ?? []);
    return computed(name, columns, { ...shape, uniqueOn: known.length === groups.length ? [known] : [] });
  }
  const [only] = level.sources;
  const many = (query.targetList ?? []).some((target) =>
    functionCalls(target).some(({ name: called }) => isSetReturning(called)),
  );
  if (!isPlain(query) || many || level.sources.length !== 1 || only === undefined)
    return computed(name, columns, shape);
  // The rows of one table, fewer perhaps, under other names: the server reads them as it would read the table.
  const fixed = fixedByConstants(only, level);
  return computed(name, columns, {
    ...shape,
    uniqueOn: only.uniqueOn.flatMap((key) => {
      const open = key.filter((column) => !fixed.has(column)).map(named);
      const known = open.flatMap((each) => each ?? []);
      return known.length === open.length ? [known] : [];
    }),
    reachedBy: only.reachedBy.flatMap((column) => named(column) ?? []),
  });
}

function ofValues(name: string, { valuesLists = [] }: SelectStmt, renamed: readonly string[]): Source {
  const rows = valuesLists.map((row) => ('List' in row ? (row.List.items ?? []) : []));
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) => renamed[index] ?? `column${index + 1}`);
  const given = columns.map((_, index) => rows.map((row) => constantOf(row[index])));
  const typeAt = (index: number): string | null => {
    const [first, ...more] = given[index] ?? [];
    return first !== undefined && more.every((each) => each?.type === first?.type) ? (first?.type ?? null) : null;
  };
  const isDistinct = (index: number) =>
    typeAt(index) !== null && new Set(given[index]?.map((each) => each?.text)).size === rows.length;
  return computed(name, columns, {
    small: true,
    typeOf: (column) => typeAt(columns.indexOf(column)),
    uniqueOn: rows.length === 1 ? [[]] : columns.flatMap((column, index) => (isDistinct(index) ? [[column]] : [])),
  });
}

/** A constant whose spelling tells whether it equals another one of its type. */
function constantOf(node: Node | undefined): { readonly type: string; readonly text: string } | null {
  if (node === undefined || !('A_Const' in node)) return null;
  const { ival, sval } = node.A_Const;
  if (ival !== undefined) return { type: 'integer', text: String(ival.ival ?? 0) };
  return sval === undefined ? null : { type: 'text', text: sval.sval ?? '' };
}

type Output = {
  readonly name: string;
  /** The column that it is, unchanged. */
  readonly reference: string | null;
  readonly path: readonly string[];
};

function outputsOf({ targetList = [] }: SelectStmt): readonly Output[] {
  return targetList.map((target) => {
    const value = 'ResTarget' in target ? target.ResTarget.val : undefined;
    const path = value !== undefined && 'ColumnRef' in value ? columnPath(value.ColumnRef) : [];
    const reference = path.at(-1) ?? null;
    if (value === undefined || reference === '*') return { name: '*', reference: null, path: [] };
    const given = 'ResTarget' in target ? target.ResTarget.name : undefined;
    return { name: given ?? reference ?? '?column?', reference, path };
  });
}

export function plainColumn(node: Node): string | null {
  if (!('ColumnRef' in node)) return null;
  const last = (node.ColumnRef.fields ?? []).at(-1);
  if (last === undefined) return null;
  return 'A_Star' in last ? '*' : stringValue(last);
}

export function columnPath({ fields = [] }: ColumnRef): readonly string[] {
  return fields.map((field) => ('A_Star' in field ? '*' : stringValue(field)));
}

/** Whether it gives one row for each row that it reads and keeps: no grouping, no limit, no set operation. */
export function isPlain(query: SelectStmt): boolean {
  return (
    !isGrouped(query) &&
    query.op === 'SETOP_NONE' &&
    query.distinctClause === undefined &&
    query.limitCount === undefined &&
    query.limitOffset === undefined &&
    query.valuesLists === undefined &&
    !hasWindow(query)
  );
}

/** GROUP BY, HAVING or an aggregate. Over no group columns the result is one row. */
function isGrouped(query: SelectStmt): boolean {
  if (query.groupClause !== undefined || query.havingClause !== undefined) return true;
  let found = false;
  visit([query.targetList, query.havingClause], (tag, fields) => {
    if (tag === 'SubLink') return false;
    if (tag === 'FuncCall' && fields['over'] === undefined) {
      const names = functionCalls({ FuncCall: fields }).map((call) => call.name);
      if (fields['agg_star'] === true || names.some(isAggregate)) found = true;
    }
    return true;
  });
  return found;
}

function hasWindow(query: SelectStmt): boolean {
  let found = query.windowClause !== undefined;
  visit(query.targetList, (tag, fields) => {
    if (tag === 'FuncCall' && fields['over'] !== undefined) found = true;
  });
  return found;
}

function readsAnyTable(query: SelectStmt): boolean {
  let found = false;
  visit({ SelectStmt: query }, (tag) => {
    if (tag === 'RangeVar') found = true;
  });
  return found;
}

function computed(name: string, columns: readonly string[] | null, shape: Partial<Source>): Source {
  return {
    name,
    what: name === '' ? 'the sub-query' : name,
    relation: { kind: 'computed' },
    columns,
    typeOf: () => null,
    uniqueOn: [],
    reachedBy: [],
    small: false,
    readsTables: false,
    ...shape,
  };
}

function unknown(name: string): Source {
  return { ...computed(name, null, { readsTables: true }), relation: { kind: 'unknown' } };
}
