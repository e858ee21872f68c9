/** The Supabase CLI's history, in a schema of its own: a row for each file, known by the number before its name. */
import { sql } from '../../../sql/template.ts';
import { textVersion } from '../file-ids.ts';
import type { HistoryTool } from '../history-tool.ts';

export const supabase: HistoryTool = {
  name: 'supabase',
  title: 'Supabase',
  schema: 'supabase_migrations',
  table: 'schema_migrations',
  columns: ['version'],
  entries: (table) =>
    sql`select version as id, 'done' as state, null::timestamptz as at, null as checksum from ${table} order by version`,
  idsOf: (files) => files.map(textVersion),
  repair: (id) => `Look at what it left in the schema, then: supabase migration repair --status applied ${id}`,
};
