/** What an application version knows of a database: its catalog, and rows to take as examples. */
import type { Catalog, ObjectKey, Table } from '../../../src/catalog/model.ts';
import { objectKey } from '../../../src/catalog/model.ts';
import { identifier, join, qualified, sql } from '../../../src/sql/template.ts';
import type { CaseDatabase } from './case-database.ts';

/** Values as text, by column; without generated columns. */
export type Row = ReadonlyMap<string, string | null>;

export type KnownSchema = { readonly catalog: Catalog; readonly rows: ReadonlyMap<ObjectKey, readonly Row[]> };

export async function readKnownSchema(database: CaseDatabase): Promise<KnownSchema> {
  const catalog = await database.catalog();
  const rows = new Map<ObjectKey, readonly Row[]>();
  for (const table of applicationTables(catalog)) rows.set(objectKey(table), await readRows(database, table));
  return { catalog, rows };
}

/** Tables to which an application writes: partitions it reaches through the table above them. */
export function applicationTables({ tables }: Catalog): readonly Table[] {
  return [...tables.values()].filter(
    ({ kind, persistence, partitionOf }) => kind !== 'foreign' && persistence !== 'temporary' && partitionOf === null,
  );
}

async function readRows(database: CaseDatabase, table: Table): Promise<readonly Row[]> {
  const columns = table.columns.filter(({ generated }) => generated === null).map(({ name }) => name);
  if (columns.length === 0) return [];
  const list = join(columns.map((column) => sql`${identifier(column)}::text`));
  // The rows of a partitioned table are in its partitions, those of tables that inherit are read with these.
  const from = table.kind === 'partitioned' ? sql`from` : sql`from only`;
  const { rows } = await database.client.query<(string | null)[]>({
    text: sql`select ${list} ${from} ${qualified(table)}`.text,
    rowMode: 'array',
  });
  return rows
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    .map((values) => new Map(columns.map((column, index) => [column, values[index] ?? null])));
}
