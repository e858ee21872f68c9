/**
 * Which tool a migration file was written for, by its name and by the marks inside; and what that tool does about
 * transactions where neither the file nor a setting says it.
 */
import path from 'node:path';
import { isFlywayName } from './flyway-names.ts';

/** How a tool sends a file that says nothing. */
export type TransactionHabit =
  /** In a transaction. */
  | 'per-file'
  /** As one text, of which the server makes a transaction when it holds several statements. */
  | 'one text'
  /** Statement by statement. */
  | 'none';

const habits = {
  dbmate: 'per-file',
  diesel: 'per-file',
  drizzle: 'per-file',
  flyway: 'per-file',
  'golang-migrate': 'one text',
  goose: 'per-file',
  'node-pg-migrate': 'per-file',
  onward: 'none',
  prisma: 'one text',
  sqitch: 'none',
  sqlx: 'per-file',
  supabase: 'per-file',
} as const satisfies Record<string, TransactionHabit>;

export type MigrationTool = keyof typeof habits;

export const migrationTools: readonly MigrationTool[] = Object.keys(habits).filter(isTool);

function isTool(name: string): name is MigrationTool {
  return Object.hasOwn(habits, name);
}

export function habitOf(tool: MigrationTool): TransactionHabit {
  return habits[tool];
}

/** Null for a plain file, which any tool could run. `source` is the whole file. */
export function toolOf(file: string, source: string): MigrationTool | null {
  const name = path.basename(file);
  if (name === 'up.sql') return 'diesel';
  if (isFlywayName(name)) return 'flyway';
  if (/^[ \t]*--[ \t]*\+goose[ \t]+up\b/im.test(source)) return 'goose';
  if (/^[ \t]*--[ \t]*migrate:up\b/m.test(source)) return 'dbmate';
  if (/^[ \t]*--[ \t-]*up[ \t]+migration\b/im.test(source)) return 'node-pg-migrate';
  if (source.includes('--> statement-breakpoint')) return 'drizzle';
  if (/^--[ \t]*Deploy[ \t]+\S+[ \t]+to[ \t]+pg\b/m.test(source)) return 'sqitch';
  if (name === 'migration.sql') return 'prisma';
  if (!/\.up\.sql$/i.test(name)) return null;
  return /^--[ \t]*no-transaction\b/.test(source) ? 'sqlx' : 'golang-migrate';
}
