/**
 * Whether the tool that a migration file was written for opens a transaction around it. What the file says wins over
 * the settings beside it, and those over the tool's habit.
 *
 * | tool | as a rule | otherwise when |
 * |---|---|---|
 * | goose | one transaction | `-- +goose NO TRANSACTION` |
 * | dbmate | one transaction | `-- migrate:up transaction:false` |
 * | Diesel | one transaction | `run_in_transaction = false` in `metadata.toml` |
 * | Flyway | one transaction | `executeInTransaction=false` in `<file>.conf` |
 * | sqlx | one transaction | `-- no-transaction` |
 * | Drizzle, node-pg-migrate | one transaction | |
 * | Prisma, golang-migrate | one transaction | the file is one statement, or opens one itself |
 * | Supabase | one transaction | |
 * | sqitch | none: the file has its own BEGIN and COMMIT | |
 *
 * Undefined for our own plain files: there is no other tool, and each step has a transaction of its own.
 */
import path from 'node:path';
import { statementPieces, withoutSurroundings } from '../lint/sql-text.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { isFlywayName } from './flyway-names.ts';
import { habitOf, toolOf, type MigrationTool } from './migration-tool.ts';

type TransactionMode = NonNullable<MigrationFile['transactionMode']>;

/** The file beside a migration in which its tool looks for settings; null for tools that have none. */
export function settingsFileOf(file: string): string | null {
  if (path.basename(file) === 'up.sql') return path.join(path.dirname(file), 'metadata.toml');
  return isFlywayName(path.basename(file)) ? `${file}.conf` : null;
}

/**
 * `source` is the whole file, its down part included: goose looks for its mark there too. `tool` is what the person says
 * that runs the file, where its name and its marks do not tell, or tell something else.
 */
export function transactionModeOf(
  file: string,
  source: string,
  settings: string | null,
  tool: MigrationTool | null = toolOf(file, source),
): TransactionMode | undefined {
  const said = saidInFile(source) ?? (settings !== null && noTransactionSetting.test(settings) ? 'none' : null);
  if (said !== null) return said;
  if (tool === null) return undefined;
  const habit = habitOf(tool);
  return habit === 'one text' ? sentAsOneText(source) : habit;
}

/** The server makes one transaction of a text of several statements, unless they open one themselves. */
function sentAsOneText(source: string): TransactionMode {
  const statements = statementPieces(source)
    .map((piece) => withoutSurroundings(source, piece))
    .flatMap(({ start, end }) => (start < end ? [source.slice(start, end)] : []));
  const opensOne = statements.some((text) => /^(?:begin|start\s+transaction)\b/i.test(text));
  return statements.length > 1 && !opensOne ? 'per-file' : 'none';
}

function saidInFile(source: string): TransactionMode | null {
  if (/^--[ \t]*no-transaction\b/.test(source)) return 'none';
  if (/^[ \t]*--[ \t]*\+goose[ \t]+NO[ \t]+TRANSACTION\b/im.test(source)) return 'none';
  if (/^--[ \t]*Deploy[ \t]+\S+[ \t]+to[ \t]+pg\b/m.test(source)) return 'none';
  const dbmate = /^[ \t]*--[ \t]*migrate:up\b(.*)$/m.exec(source);
  if (dbmate === null) return null;
  return /\btransaction:[ \t]*false\b/.test(dbmate[1] ?? '') ? 'none' : 'per-file';
}

const noTransactionSetting = /^[ \t]*(?:run_in_transaction|executeInTransaction)[ \t]*=[ \t]*false\b/m;
