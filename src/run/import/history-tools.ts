/** The tools whose history is understood. */
import { dbmate } from './tools/dbmate.ts';
import { diesel } from './tools/diesel.ts';
import { drizzle } from './tools/drizzle.ts';
import { flyway } from './tools/flyway.ts';
import { golangMigrate } from './tools/golang-migrate.ts';
import { goose } from './tools/goose.ts';
import { kysely } from './tools/kysely.ts';
import { nodePgMigrate } from './tools/node-pg-migrate.ts';
import { prisma } from './tools/prisma.ts';
import { sqitch } from './tools/sqitch.ts';
import { sqlx } from './tools/sqlx.ts';
import { supabase } from './tools/supabase.ts';
import type { HistoryTool } from './history-tool.ts';

/** Where two have a table of one name, the one that asks for more columns comes first. */
export const historyTools: readonly HistoryTool[] = [
  diesel,
  drizzle,
  flyway,
  golangMigrate,
  goose,
  kysely,
  nodePgMigrate,
  prisma,
  sqitch,
  sqlx,
  supabase,
  dbmate,
];

/** What other tools keep in the database for themselves: no part of anybody's schema. */
export const toolSchemas: readonly string[] = ['drizzle', 'sqitch', 'supabase_migrations'];
export const toolTables: readonly string[] = [
  ...new Set([
    ...historyTools.map(({ table }) => table).filter((table) => table !== 'changes'),
    'kysely_migration_lock',
  ]),
];
