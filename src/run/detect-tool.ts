/** Which tool a folder of migrations belongs to, by its layout and the marks in its files. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { journalFile } from './drizzle-journal.ts';
import { readMigrationFiles } from './migration-files.ts';
import { toolOf, type MigrationTool } from './migration-tool.ts';
import { sqitchPlanFile } from './sqitch-plan.ts';

/** Null for plain files, for an empty folder and for none. */
export async function detectTool(folder: string): Promise<MigrationTool | null> {
  if (await exists(path.join(folder, journalFile))) return 'drizzle';
  if (await exists(path.join(folder, sqitchPlanFile))) return 'sqitch';
  if (/(?:^|[\\/])supabase[\\/]migrations[\\/]?$/.test(folder)) return 'supabase';
  const [first] = await readMigrationFiles(folder).catch(() => []); // what is wrong with it is told by other verbs
  if (first === undefined) return null;
  return toolOf(first.path, await fs.readFile(first.path, 'utf8'));
}

async function exists(file: string): Promise<boolean> {
  return (await fs.stat(file).catch(() => null)) !== null;
}
