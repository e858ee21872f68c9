/** Diesel's history: a row for each folder that is applied, known by what stands before `_` in its name, without dashes. */
import { sql } from '../../../sql/template.ts';
import type { HistoryTool } from '../history-tool.ts';

export const diesel: HistoryTool = {
  name: 'diesel',
  title: 'Diesel',
  schema: null,
  table: '__diesel_schema_migrations',
  columns: ['version', 'run_on'],
  entries: (table) =>
    sql`select version as id, 'done' as state, run_on::timestamptz as at, null as checksum from ${table} order by version`,
  idsOf: (files) => files.map(({ name }) => (name.split('_')[0] ?? name).replaceAll('-', '')),
  repair: (id) => `Finish or undo ${id} with diesel migration.`,
};
