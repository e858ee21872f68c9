/**
 * Gates: rows that a constraint would refuse, counted before anything is locked, with the keys of some of them, so that
 * a migration that cannot succeed says so at once and leaves nothing behind.
 *
 * The queries mean what the server's own check means: a CHECK that comes out NULL is no violation; a foreign key with a
 * NULL in it is not looked up (MATCH SIMPLE) or must be NULL altogether (MATCH FULL); NULLs are distinct in a unique key
 * unless it says otherwise. A foreign key and a unique key are not inherited, so they look at ONLY their table where
 * other tables inherit from it.
 */
import { primaryKey } from '../../catalog/lookup.ts';
import type { Catalog, Constraint, IndexKey, QualifiedName, Table } from '../../catalog/model.ts';
import { identifier, join, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import type { GateRun } from '../step-draft.ts';
import { inheritingTables } from './table-family.ts';

export type CheckTarget = {
  readonly table: Table;
  readonly name: string;
  readonly expression: string;
  readonly noInherit: boolean;
  /** The column that `migrate:using` could repair, when the check is about one column. */
  readonly repairable: boolean;
};

export function checkViolations({ table, name, expression, noInherit, repairable }: CheckTarget): GateRun {
  const from = sql`FROM ${raw(noInherit ? 'ONLY ' : '')}${qualified(table)} WHERE NOT (${raw(expression)})`;
  return {
    kind: 'gate',
    what: `rows of ${table.name} violate ${name}: CHECK (${expression})`,
    countSql: sql`SELECT count(*) ${from}`.text,
    sampleSql: sql`SELECT ${sampleKey(table)} ${from} LIMIT 5`.text,
    hint: repairable
      ? 'Correct these rows, or write above the statement the value that they are to get: -- migrate:using <expression>'
      : 'Correct these rows, then run it again.',
  };
}

export type ForeignKeyTarget = {
  readonly table: Table;
  readonly columns: readonly string[];
  readonly referenced: Table;
  readonly referencedColumns: readonly string[];
  readonly match: 'simple' | 'full';
};

export function orphans(catalog: Catalog, target: ForeignKeyTarget): GateRun {
  const { table, columns, referenced, referencedColumns } = target;
  const own = columns.map((column) => sql`referencing.${identifier(column)}`);
  const equal = join(
    own.map((column, at) => sql`referenced.${identifier(referencedColumns[at] ?? '')} = ${column}`),
    ' AND ',
  );
  const allSet = join(
    own.map((column) => sql`${column} IS NOT NULL`),
    ' AND ',
  );
  const missing = sql`${allSet} AND NOT EXISTS (SELECT FROM ${relation(catalog, referenced)} AS referenced WHERE ${equal})`;
  const half = join(
    own.map((column) => sql`${column} IS NULL`),
    ' OR ',
  );
  const violates =
    target.match === 'full' && columns.length > 1
      ? sql`(${missing}) OR ((${half}) AND num_nonnulls(${join(own)}) > 0)`
      : missing;
  const from = sql`FROM ${relation(catalog, table)} AS referencing WHERE ${violates}`;
  return {
    kind: 'gate',
    what: `rows of ${table.name} refer by ${columnList(columns)} to no row of ${referenced.name}`,
    countSql: sql`SELECT count(*) ${from}`.text,
    sampleSql: sql`SELECT ${sampleKey(table, 'referencing')} ${from} LIMIT 5`.text,
    hint: `Delete these rows of ${table.name}, correct ${columns.length === 1 ? 'the reference' : 'the references'}, or add the missing rows to ${referenced.name}; then run it again.`,
  };
}

export type UniqueTarget = {
  /** A table or a materialized view. */
  readonly on: QualifiedName;
  readonly keys: readonly IndexKey[];
  readonly predicate: string | null;
  readonly nullsNotDistinct: boolean;
};

export function duplicates(catalog: Catalog, { on, keys, predicate, nullsNotDistinct }: UniqueTarget): GateRun {
  const elements = keys.map(
    (key) => sql`${keyText(key)}${key.collation === null ? raw('') : sql` COLLATE ${raw(key.collation)}`}`,
  );
  const conditions = [
    ...(predicate === null ? [] : [sql`(${raw(predicate)})`]),
    ...(nullsNotDistinct ? [] : elements.map((element) => sql`${element} IS NOT NULL`)),
  ];
  const where = conditions.length === 0 ? raw('') : sql` WHERE ${join(conditions, ' AND ')}`;
  const groups = sql`FROM ${relation(catalog, on)}${where} GROUP BY ${join(elements)} HAVING count(*) > 1`;
  const names = keys.map((key) => key.column ?? key.expression);
  // Two expressions could go by one name: lower(first), lower(last).
  const samples = elements.map((element, at) =>
    keys[at]?.column === null ? sql`${element} AS ${identifier(names[at] ?? '')}` : element,
  );
  return {
    kind: 'gate',
    what: `values of ${columnList(names)} stand in more than one row of ${on.name}`,
    countSql: sql`SELECT count(*) FROM (SELECT ${groups}) AS duplicates`.text,
    sampleSql: sql`SELECT ${join(samples)} ${groups} LIMIT 5`.text,
    hint: `Merge or delete the rows of ${on.name} that share a value, then run it again.`,
  };
}

/** An expression in parentheses, which every place accepts. */
function keyText(key: IndexKey): SqlFragment {
  return key.column === null ? sql`(${raw(key.expression)})` : identifier(key.column);
}

/** What tells a person which row is meant: the primary key, else a unique key, else the row's place. */
function sampleKey(table: Table, alias?: string): SqlFragment {
  const prefix = alias === undefined ? raw('') : sql`${identifier(alias)}.`;
  const key = primaryKey(table) ?? table.constraints.find((constraint: Constraint) => constraint.kind === 'unique');
  if (key === undefined || key === null || key.columns.length === 0) return sql`${prefix}ctid`;
  return join(key.columns.map((column) => sql`${prefix}${identifier(column)}`));
}

/** With ONLY where rows of inheriting tables would be seen, too. */
function relation(catalog: Catalog, name: QualifiedName): SqlFragment {
  return inheritingTables(catalog, name).length > 0 ? sql`ONLY ${qualified(name)}` : qualified(name);
}

function columnList(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `(${names.join(', ')})`;
}
