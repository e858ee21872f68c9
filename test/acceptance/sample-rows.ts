/**
 * A few rows in every table, so that migrations meet data. Values are made from the columns' types, foreign keys from
 * rows that are there; a table that refuses them all (a check we cannot guess) stays empty, which is reported.
 */
import type pg from 'pg';
import { objectKey, type Catalog, type Column, type ObjectKey, type Table } from '../../src/catalog/model.ts';
import { identifier, join, literal, qualified, raw, sql, type SqlFragment } from '../../src/sql/template.ts';

const rowsPerTable = 3;

/** Fills the tables that are empty. Returns the keys of those that took rows. */
export async function putSampleRows(client: pg.Client, catalog: Catalog): Promise<readonly ObjectKey[]> {
  const filled: ObjectKey[] = [];
  for (const table of await emptyTables(client, catalog)) {
    let taken = 0;
    for (let number = 1; number <= rowsPerTable; number += 1)
      taken += (await insertRow(client, catalog, table, number)) ? 1 : 0;
    if (taken > 0) filled.push(objectKey(table));
  }
  return filled;
}

async function emptyTables(client: pg.Client, catalog: Catalog): Promise<readonly Table[]> {
  const tables = [...catalog.tables.values()].filter(
    ({ kind, partitionOf }) => kind === 'table' && partitionOf === null,
  );
  if (tables.length === 0) return [];
  const questions = tables.map((table) => sql`EXISTS (SELECT FROM ${qualified(table)})`);
  const { rows } = await client.query<{ answers: readonly boolean[] }>(
    sql`SELECT ARRAY[${join(questions)}] AS answers`.text,
  );
  return tables.filter((_, index) => rows[0]?.answers[index] === false);
}

async function insertRow(client: pg.Client, catalog: Catalog, table: Table, number: number): Promise<boolean> {
  const columns = table.columns.filter((column) => column.generated === null && column.identity === null);
  const full = insertOf(catalog, table, columns, number);
  const required = insertOf(
    catalog,
    table,
    columns.filter((column) => column.notNull && column.default === null),
    number,
  );
  for (const statement of [full, required]) {
    try {
      await client.query(statement);
      return true;
    } catch {
      // A value that a check or a key refuses: the next attempt asks for less.
    }
  }
  return false;
}

function insertOf(catalog: Catalog, table: Table, columns: readonly Column[], number: number): string {
  if (columns.length === 0) return sql`INSERT INTO ${qualified(table)} DEFAULT VALUES`.text;
  const values = columns.map(
    (column) => foreignValue(table, column, number) ?? sampleValue(catalog, column.type, number),
  );
  return sql`INSERT INTO ${qualified(table)} (${join(columns.map((column) => identifier(column.name)))}) VALUES (${join(values)})`
    .text;
}

/** The key of some row of the referenced table; NULL when it has none yet. */
function foreignValue(table: Table, column: Column, number: number): SqlFragment | null {
  for (const { references, columns } of table.constraints) {
    const position = columns.indexOf(column.name);
    const target = references?.columns[position];
    if (references === null || position === -1 || target === undefined) continue;
    return sql`(SELECT ${identifier(target)} FROM ${qualified(references.table)} ORDER BY 1 OFFSET ${literal(number - 1)} LIMIT 1)`;
  }
  return null;
}

export function sampleValue(catalog: Catalog, type: string, number: number): SqlFragment {
  if (type.endsWith('[]')) return sql`ARRAY[${sampleValue(catalog, type.slice(0, -2), number)}]::${raw(type)}`;
  if (/^(smallint|integer|bigint|numeric|real|double precision)/.test(type)) return literal(number);
  if (type.startsWith('boolean')) return literal(number % 2 === 0);
  if (/^(timestamp|date)/.test(type)) return sql`(${literal(`2024-01-0${number}`)})::${raw(type)}`;
  if (type.startsWith('time')) return sql`(${literal(`0${number}:00`)})::${raw(type)}`;
  if (type.startsWith('uuid')) return sql`(${literal(`00000000-0000-4000-8000-00000000000${number}`)})::uuid`;
  if (/^jsonb?/.test(type)) return sql`(${literal('{}')})::${raw(type)}`;
  if (type.startsWith('bytea')) return sql`(${literal(`\\x0${number}`)})::bytea`;
  if (/^(inet|cidr)/.test(type)) return sql`(${literal(`10.0.0.${number}`)})::${raw(type)}`;
  if (type.startsWith('interval')) return sql`(${literal(`${number} days`)})::interval`;
  const label = enumLabel(catalog, type, number);
  if (label !== null) return sql`(${literal(label)})::${raw(type)}`;
  const width = /\((\d+)\)/.exec(type)?.[1];
  return sql`(${literal(`v${number}`.slice(0, width === undefined ? undefined : Number(width)))})::${raw(type)}`;
}

function enumLabel(catalog: Catalog, type: string, number: number): string | null {
  const found = [...catalog.types.values()].find(
    (candidate) =>
      candidate.kind === 'enum' &&
      [qualified(candidate).text, identifier(candidate.name).text, candidate.name].includes(type),
  );
  return found === undefined ? null : (found.labels[(number - 1) % found.labels.length] ?? null);
}
