/** goose's history: a row for each change of a version. The last row of a version tells whether it is applied. */
import { sql } from '../../../sql/template.ts';
import { numericVersion } from '../file-ids.ts';
import type { HistoryTool } from '../history-tool.ts';

export const goose: HistoryTool = {
  name: 'goose',
  title: 'goose',
  schema: null,
  table: 'goose_db_version',
  columns: ['id', 'version_id', 'is_applied', 'tstamp'],
  entries: (table) =>
    sql`select version_id::text as id, 'done' as state, tstamp::timestamptz as at, null as checksum
      from (select distinct on (version_id) * from ${table} order by version_id, id desc) as last
      where is_applied and version_id <> 0 order by last.id`,
  idsOf: (files) => files.map(numericVersion),
  repair: (id) => `Finish or undo ${id} with goose.`,
};
