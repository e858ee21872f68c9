/**
 * What a block of code asks before it changes something, answered from the catalog: `IF NOT EXISTS (SELECT FROM
 * information_schema.columns …)`, and which error an `EXCEPTION WHEN duplicate_object` waits for.
 *
 * Null means that the catalog cannot tell, and whoever asks must not guess: a query on rows, a function, a catalog table
 * that is not modelled, objects of an extension (which are not read).
 */
import type { Node, SelectStmt } from '@pgsql/types';
import { columnOf, constraintOf, nameForNew, relationExists, resolveName, resolveTable } from '../../catalog/lookup.ts';
import { objectKey, type Catalog } from '../../catalog/model.ts';
import { parseExpression } from '../../sql/parse.ts';
import type { Change } from '../change.ts';
import { chosenConstraintName } from './chosen-name.ts';

export function decideCondition(condition: string, catalog: Catalog): boolean | null {
  if (catalog.uncertain.length > 0) return null;
  try {
    return decide(parseExpression(condition), catalog);
  } catch {
    return null; // it names variables in a way that is no SQL expression
  }
}

function decide(node: Node, catalog: Catalog): boolean | null {
  if ('BoolExpr' in node) {
    const parts = (node.BoolExpr.args ?? []).map((part) => decide(part, catalog));
    switch (node.BoolExpr.boolop) {
      case 'NOT_EXPR':
        return parts[0] === null || parts[0] === undefined ? null : !parts[0];
      case 'AND_EXPR':
        return parts.includes(false) ? false : parts.includes(null) ? null : true;
      case 'OR_EXPR':
        return parts.includes(true) ? true : parts.includes(null) ? null : false;
      default:
        return null;
    }
  }
  if (!('SubLink' in node) || node.SubLink.subLinkType !== 'EXISTS_SUBLINK') return null;
  const query = node.SubLink.subselect;
  return query !== undefined && 'SelectStmt' in query ? exists(query.SelectStmt, catalog) : null;
}

/** `FROM one_catalog_table WHERE column = 'constant' AND …`; anything more is not decided. */
function exists(query: SelectStmt, catalog: Catalog): boolean | null {
  const { targetList: _what, fromClause = [], whereClause, limitOption: _limit, op, ...clauses } = query;
  const [from] = fromClause;
  if (op !== 'SETOP_NONE' || fromClause.length !== 1 || from === undefined || !('RangeVar' in from)) return null;
  const more = Object.entries(clauses).filter(([, value]) => value !== undefined && value !== false);
  if (more.some(([name]) => name !== 'limitCount')) return null;
  const { schemaname, relname = '' } = from.RangeVar;
  const name = schemaname === 'information_schema' ? `information_schema.${relname}` : relname;
  if (schemaname !== undefined && schemaname !== 'information_schema' && schemaname !== 'pg_catalog') return null;
  const rows = catalogRows[name]?.(catalog);
  const wanted = whereClause === undefined ? null : equalities(whereClause);
  if (rows === undefined || wanted === null || wanted.size === 0) return null;
  if (!rows.every((row) => [...wanted.keys()].every((column) => column in row))) return null;
  if (rows.some((row) => [...wanted].every(([column, value]) => row[column] === value))) return true;
  return isComplete(wanted, catalog) ? false : null;
}

/** What an extension brings is not in the catalog. */
function isComplete(wanted: ReadonlyMap<string, string>, catalog: Catalog): boolean {
  const schema = wanted.get('table_schema') ?? wanted.get('schemaname');
  const table = wanted.get('table_name') ?? wanted.get('tablename');
  const isOurs = schema !== undefined && table !== undefined && catalog.tables.has(objectKey({ schema, name: table }));
  return isOurs || [...catalog.extensions.keys()].every((name) => bareExtensions.has(name));
}

/** They bring functions and operators, but neither relations nor types nor constraints. */
export const bareExtensions: ReadonlySet<string> = new Set([
  'plpgsql',
  'pgcrypto',
  'uuid-ossp',
  'unaccent',
  'fuzzystrmatch',
  'btree_gin',
]);

type Row = Readonly<Record<string, string>>;

const catalogRows: Readonly<Record<string, (catalog: Catalog) => readonly Row[]>> = {
  'information_schema.columns': ({ tables, views }) =>
    [...tables.values(), ...views.values()].flatMap(({ schema, name, columns }) =>
      columns.map((column) => ({ table_schema: schema, table_name: name, column_name: column.name })),
    ),
  'information_schema.tables': ({ tables, views }) =>
    [...tables.values(), ...views.values()].map(({ schema, name }) => ({ table_schema: schema, table_name: name })),
  'information_schema.table_constraints': (catalog) =>
    constraintRows(catalog).map(({ schema, table, name }) => ({
      table_schema: schema,
      constraint_schema: schema,
      table_name: table,
      constraint_name: name,
    })),
  pg_constraint: (catalog) => constraintRows(catalog).map(({ name }) => ({ conname: name })),
  pg_indexes: ({ tables, views }) =>
    [...tables.values(), ...views.values()].flatMap(({ schema, name, indexes }) =>
      indexes.map((index) => ({ schemaname: schema, tablename: name, indexname: index.name })),
    ),
  pg_type: ({ types, tables, views }) =>
    // Every table has a row type, and every type one for its arrays.
    [...types.values(), ...tables.values(), ...views.values()].flatMap(({ name }) => [
      { typname: name },
      { typname: `_${name}` },
    ]),
  pg_policies: ({ tables }) =>
    [...tables.values()].flatMap(({ schema, name, policies }) =>
      policies.map((policy) => ({ schemaname: schema, tablename: name, policyname: policy.name })),
    ),
  pg_trigger: ({ tables }) =>
    [...tables.values()].flatMap(({ triggers }) => triggers.map((trigger) => ({ tgname: trigger.name }))),
};

/** Before Postgres 18 a NOT NULL is no constraint there; the names of those that are count for both. */
function constraintRows({ tables }: Catalog) {
  return [...tables.values()].flatMap(({ schema, name: table, constraints, columns }) => [
    ...constraints.map(({ name }) => ({ schema, table, name })),
    ...columns.flatMap(({ notNullConstraint }) =>
      notNullConstraint === null ? [] : [{ schema, table, name: notNullConstraint.name }],
    ),
  ]);
}

/** `a = 'x' AND b = 'y'` as a map; null for anything else. */
function equalities(node: Node): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  const parts = 'BoolExpr' in node && node.BoolExpr.boolop === 'AND_EXPR' ? (node.BoolExpr.args ?? []) : [node];
  for (const part of parts) {
    if (!('A_Expr' in part) || part.A_Expr.kind !== 'AEXPR_OP') return null;
    const operator = part.A_Expr.name?.[0];
    const isEquals = operator !== undefined && 'String' in operator && operator.String.sval === '=';
    const sides = [part.A_Expr.lexpr, part.A_Expr.rexpr];
    const column = sides.map(columnName).find((name) => name !== null);
    const value = sides.map(constantText).find((text) => text !== null);
    if (!isEquals || column === undefined || column === null || value === undefined || value === null) return null;
    if (found.has(column) && found.get(column) !== value) return null;
    found.set(column, value);
  }
  return found;
}

function columnName(node: Node | undefined): string | null {
  if (node === undefined || !('ColumnRef' in node)) return null;
  const last = node.ColumnRef.fields?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? null) : null;
}

function constantText(node: Node | undefined): string | null {
  return node !== undefined && 'A_Const' in node ? (node.A_Const.sval?.sval ?? null) : null;
}

export type Duplicate = {
  /** The error that the statement ends with when the object is there: name and SQLSTATE. */
  readonly error: readonly [name: string, sqlstate: string];
  readonly exists: boolean;
};

const duplicateObject = ['duplicate_object', '42710'] as const;
const duplicateTable = ['duplicate_table', '42P07'] as const;
const duplicateColumn = ['duplicate_column', '42701'] as const;

/** Whether what the change creates is there already; null when the catalog cannot tell, or it creates nothing. */
export function duplicateOf(change: Change, catalog: Catalog): Duplicate | null {
  if (catalog.uncertain.length > 0) return null;
  const table = 'table' in change && change.table !== null ? resolveTable(catalog, change.table) : null;
  switch (change.kind) {
    case 'add_check':
    case 'add_foreign_key':
      if (table === null) return null;
      return {
        error: duplicateObject,
        exists: constraintOf(table, chosenConstraintName(catalog, table, change.constraint)) !== null,
      };
    case 'add_unique': {
      const { name } = change.constraint;
      if (table === null || name === null) return null;
      return { error: duplicateTable, exists: relationExists(catalog, { schema: table.schema, name }) };
    }
    case 'create_index':
      if (table === null || change.name === null || change.ifNotExists) return null;
      return { error: duplicateTable, exists: relationExists(catalog, { schema: table.schema, name: change.name }) };
    case 'add_column':
      if (table === null || change.ifNotExists) return null;
      return { error: duplicateColumn, exists: columnOf(table, change.column.name) !== null };
    case 'create_trigger':
      if (table === null || change.replace) return null;
      return { error: duplicateObject, exists: table.triggers.some(({ name }) => name === change.name) };
    case 'create_object': {
      if (!['enum', 'domain', 'composite type', 'range type'].includes(change.objectType)) return null;
      const name = nameForNew(catalog, change.name);
      return { error: duplicateObject, exists: catalog.types.has(objectKey(name)) || relationExists(catalog, name) };
    }
    case 'add_enum_value': {
      const labels = catalog.types.get(objectKey(resolveName(catalog, change.type)))?.labels;
      return labels === undefined ? null : { error: duplicateObject, exists: labels.includes(change.value) };
    }
    default:
      return null;
  }
}
