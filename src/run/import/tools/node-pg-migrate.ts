/** node-pg-migrate's history: a row for each file, known by its name without the ending. */
import { sql } from '../../../sql/template.ts';
import type { HistoryTool } from '../history-tool.ts';

export const nodePgMigrate: HistoryTool = {
  name: 'node-pg-migrate',
  title: 'node-pg-migrate',
  schema: null,
  table: 'pgmigrations',
  columns: ['id', 'name', 'run_on'],
  entries: (table) =>
    sql`select name as id, 'done' as state, run_on::timestamptz as at, null as checksum from ${table} order by id`,
  idsOf: (files) => files.map(({ name }) => name),
  repair: (id) => `Finish or undo ${id} with node-pg-migrate.`,
};
