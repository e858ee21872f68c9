/** dbmate's history: a row for each version that is applied. A version is the number before the name, as a text. */
import { sql } from '../../../sql/template.ts';
import { textVersion } from '../file-ids.ts';
import type { HistoryTool } from '../history-tool.ts';

export const dbmate: HistoryTool = {
  name: 'dbmate',
  title: 'dbmate',
  schema: null,
  table: 'schema_migrations',
  columns: ['version'],
  entries: (table) =>
    sql`select version::text as id, 'done' as state, null::timestamptz as at, null as checksum from ${table} order by version`,
  idsOf: (files) => files.map(textVersion),
  repair: (id) => `Finish or undo ${id} with dbmate.`,
};
