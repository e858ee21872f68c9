/**
 * golang-migrate's history: one row with the version that the database is at. All files up to it have run. It is `dirty`
 * from the start of a migration to its end, and stays so when one fails.
 */
import { sql } from '../../../sql/template.ts';
import { compareNumbers, numericVersion } from '../file-ids.ts';
import type { HistoryTool } from '../history-tool.ts';

export const golangMigrate: HistoryTool = {
  name: 'golang-migrate',
  title: 'golang-migrate',
  schema: null,
  table: 'schema_migrations',
  columns: ['version', 'dirty'],
  entries: (table) =>
    sql`select version::text as id, state, null::timestamptz as at, null as checksum
      from ${table}, unnest(case when dirty then array['failed'] else array['done', 'up to'] end) as state
      where version >= 0`,
  idsOf: (files) => files.map(numericVersion),
  compare: compareNumbers,
  repair: (id) =>
    `Look at what it left in the schema, finish or undo it by hand, then: migrate force ${id} (golang-migrate's own command; the version before it when you undid it)`,
};
