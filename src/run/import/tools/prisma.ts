/**
 * Prisma's history: one row for each try. `finished_at` is empty while a migration runs and after it failed; a try that a
 * person marked as rolled back counts for nothing. The checksum is the SHA-256 of `migration.sql`.
 */
import { createHash } from 'node:crypto';
import { sql } from '../../../sql/template.ts';
import type { HistoryTool } from '../history-tool.ts';

export const prisma: HistoryTool = {
  name: 'prisma',
  title: 'Prisma',
  schema: null,
  table: '_prisma_migrations',
  columns: ['migration_name', 'checksum', 'finished_at', 'rolled_back_at', 'started_at'],
  entries: (table) =>
    sql`select migration_name as id, case when finished_at is null then 'failed' else 'done' end as state,
        finished_at as at, checksum
      from ${table} where rolled_back_at is null order by started_at, migration_name`,
  idsOf: (files) => files.map(({ name }) => name),
  checksum: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  repair: (id) =>
    `Look at what it left in the schema, then tell Prisma: npx prisma migrate resolve --applied ${id} (or --rolled-back)`,
};
