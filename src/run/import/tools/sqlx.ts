/** sqlx's history: a row for each version. One that failed outside a transaction stays without success. */
import { createHash } from 'node:crypto';
import { sql } from '../../../sql/template.ts';
import { numericVersion } from '../file-ids.ts';
import type { HistoryTool } from '../history-tool.ts';

export const sqlx: HistoryTool = {
  name: 'sqlx',
  title: 'sqlx',
  schema: null,
  table: '_sqlx_migrations',
  columns: ['version', 'installed_on', 'success', 'checksum'],
  entries: (table) =>
    sql`select version::text as id, case when success then 'done' else 'failed' end as state, installed_on as at,
        encode(checksum, 'hex') as checksum
      from ${table} order by version`,
  idsOf: (files) => files.map(numericVersion),
  checksum: (bytes) => createHash('sha384').update(bytes).digest('hex'),
  repair: (id) =>
    `Look at what it left in the schema, undo it by hand, and delete the row of ${id} from _sqlx_migrations.`,
};
