/**
 * The rows of a whole database, to be compared with those of another one. Columns go by name, rows are a set with
 * repetitions, values are compared as text.
 */
import type pg from 'pg';
import type { Catalog, QualifiedName } from '../../../src/catalog/model.ts';
import { qualifiedName } from '../../../src/sql/identifier.ts';
import { identifier, join, qualified, raw, sql } from '../../../src/sql/template.ts';

type TableData = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
};

/** By the table's qualified name. */
export type Data = ReadonlyMap<string, TableData>;

export async function readData(client: pg.Client, catalog: Catalog): Promise<Data> {
  const data = new Map<string, TableData>();
  for (const table of relationsWithRows(catalog)) {
    const columns = table.columns.map(({ name }) => name).toSorted();
    data.set(qualifiedName(table), { columns, rows: await readRows(client, table, columns) });
  }
  return data;
}

function relationsWithRows(catalog: Catalog) {
  return [
    ...[...catalog.tables.values()].filter(({ kind }) => kind === 'table'),
    ...[...catalog.views.values()].filter(({ kind, populated }) => kind === 'materialized' && populated),
  ];
}

async function readRows(
  client: pg.Client,
  table: QualifiedName,
  columns: readonly string[],
): Promise<TableData['rows']> {
  const list = columns.length === 0 ? raw('1') : join(columns.map((column) => sql`${identifier(column)}::text`));
  const { rows } = await client.query<(string | null)[]>({
    text: sql`select ${list} from only ${qualified(table)}`.text,
    rowMode: 'array',
  });
  return rows.toSorted((a, b) => compareTexts(JSON.stringify(a), JSON.stringify(b)));
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** `schema.table.column` of the columns whose values are not the same in both; rows with other columns come after it. */
export function differingColumns(one: Data, other: Data): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [table, { columns, rows }] of one) {
    const others = other.get(table);
    for (const [index, column] of columns.entries()) {
      const otherIndex = others?.columns.indexOf(column) ?? -1;
      const values = (list: TableData['rows'], at: number) =>
        JSON.stringify(list.map((row) => JSON.stringify(row[at] ?? null)).toSorted(compareTexts));
      if (others === undefined || values(rows, index) !== values(others.rows, otherIndex))
        found.add(`${table}.${column}`);
    }
  }
  return found;
}

export type DataOptions = {
  /** `schema.table.column`: only whether there is a value is compared, and whether all of them differ. */
  readonly presenceOnly?: ReadonlySet<string>;
  /** `schema.table.column`: not compared at all. */
  readonly except?: ReadonlySet<string>;
};

const shownRows = 3; // of each kind and table: enough to see what is wrong

/** In sentences; empty when the data are the same. */
export function describeDataDifferences(expected: Data, actual: Data, options: DataOptions = {}): readonly string[] {
  const tables = [...new Set([...expected.keys(), ...actual.keys()])].toSorted();
  return tables.flatMap((table) => {
    const left = expected.get(table);
    const right = actual.get(table);
    if (left === undefined || right === undefined)
      return [`${table} is ${left === undefined ? 'not expected' : 'missing'}`];
    const compared = left.columns.filter((column) => options.except?.has(`${table}.${column}`) !== true);
    const missing = compared.filter((column) => !right.columns.includes(column));
    if (missing.length > 0) return [`${table} has no column ${missing.join(', ')}`];
    return [
      ...rowDifferences(table, keysOf(left, table, compared, options), keysOf(right, table, compared, options)),
      ...repeatedValues(table, left, right, options),
    ];
  });
}

function keysOf(data: TableData, table: string, columns: readonly string[], options: DataOptions): readonly string[] {
  return data.rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(
        columns.map((column) => {
          const value = row[data.columns.indexOf(column)] ?? null;
          const hidden = options.presenceOnly?.has(`${table}.${column}`) === true && value !== null;
          return [column, hidden ? '(some value)' : value];
        }),
      ),
    ),
  );
}

function rowDifferences(table: string, expected: readonly string[], actual: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const row of expected) counts.set(row, (counts.get(row) ?? 0) + 1);
  for (const row of actual) counts.set(row, (counts.get(row) ?? 0) - 1);
  const missing = [...counts].filter(([, count]) => count > 0);
  const unexpected = [...counts].filter(([, count]) => count < 0);
  const lines = (what: string, rows: readonly (readonly [string, number])[]) =>
    rows.length === 0
      ? []
      : [
          `${table}: ${rows.length} ${what}, for instance ${rows
            .slice(0, shownRows)
            .map(([row]) => row)
            .join(' and ')}`,
        ];
  return [...lines('rows are missing', missing), ...lines('rows are not expected', unexpected)];
}

/** Random values that all differ in one must all differ in the other: one value for a whole batch would be wrong. */
function repeatedValues(
  table: string,
  expected: TableData,
  actual: TableData,
  { presenceOnly = new Set() }: DataOptions,
): readonly string[] {
  const allDiffer = ({ rows, columns }: TableData, column: string): boolean => {
    const values = rows.map((row) => row[columns.indexOf(column)] ?? null).filter((value) => value !== null);
    return values.length > 1 && new Set(values).size === values.length;
  };
  return expected.columns
    .filter((column) => presenceOnly.has(`${table}.${column}`))
    .filter((column) => allDiffer(expected, column) && !allDiffer(actual, column))
    .map((column) => `${table}.${column} repeats values that are to be different in each row`);
}
