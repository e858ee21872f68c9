/** The history of Kysely's own migrator: a row for each migration, known by its name; most of them are code. */
import { sql } from '../../../sql/template.ts';
import type { HistoryTool } from '../history-tool.ts';

export const kysely: HistoryTool = {
  name: 'kysely',
  title: 'Kysely',
  schema: null,
  table: 'kysely_migration',
  columns: ['name', 'timestamp'],
  entries: (table) =>
    sql`select name as id, 'done' as state, "timestamp"::timestamptz as at, null as checksum from ${table} order by "timestamp", name`,
  idsOf: (files) => files.map(({ name }) => name),
  repair: (id) => `Finish or undo ${id} with Kysely's migrator.`,
};
