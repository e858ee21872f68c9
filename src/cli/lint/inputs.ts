/** The files that `migrate lint` looks at: those that are named, those of a folder or a glob, or standard input. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { MigrateError } from '../../errors.ts';
import type { MigrationFile, MigrationTool } from '../../index.ts';
import { textFlag, type Call } from '../call.ts';

/** In the order in which they run, as far as the arguments tell. */
export async function lintInputs(call: Call, tool: MigrationTool | null): Promise<readonly MigrationFile[]> {
  const { readMigrationFile, readMigrationFiles, migrationFileOf } = await import('../../index.ts');
  const { dir, values } = call.config;
  const options = { values, tool };
  if (call.args.length === 0) return readMigrationFiles(dir, options);
  const files: MigrationFile[] = [];
  for (const argument of call.args) {
    if (argument === '-') {
      const name = textFlag(call.own, 'stdinFilename') ?? stdinName;
      files.push(migrationFileOf(await call.terminal.readInput(), name, options));
    } else if (await isFolder(argument)) files.push(...(await readMigrationFiles(argument, options)));
    else for (const file of await filesOf(argument)) files.push(await readMigrationFile(file, options));
  }
  return files;
}

/** The files that the command names, by itself or by a glob; not those of folders. */
export async function namedFiles(call: Call): Promise<readonly string[]> {
  const files: string[] = [];
  for (const argument of call.args) {
    if (argument !== '-' && !(await isFolder(argument))) files.push(...(await filesOf(argument)));
  }
  return files;
}

/** From `--tool`, else the config; null: as the files tell. */
export async function chosenTool(call: Call): Promise<MigrationTool | null> {
  const { migrationTools } = await import('../../index.ts');
  const wanted = textFlag(call.own, 'tool') ?? call.config.tool;
  if (wanted === null) return null;
  const tool = migrationTools.find((one) => one === wanted);
  if (tool !== undefined) return tool;
  throw new MigrateError('BAD_USAGE', `There is no tool "${wanted}" among those that are known.`, {
    hint: `They are: ${migrationTools.join(', ')}.`,
  });
}

export const stdinName = '<stdin>';

async function isFolder(place: string): Promise<boolean> {
  return (await fs.stat(place).catch(() => null))?.isDirectory() === true;
}

/** A file by its name; else what a glob matches, for shells that leave it alone (and quotes that make them). */
async function filesOf(argument: string): Promise<readonly string[]> {
  if ((await fs.stat(argument).catch(() => null)) !== null) return [argument];
  const { default: picomatch } = await import('picomatch');
  const pattern = argument.replaceAll('\\', '/');
  const { isGlob, base } = picomatch.scan(pattern);
  if (!isGlob) return [argument];
  const entries = await fs.readdir(base === '' ? '.' : base, { recursive: true }).catch(() => []);
  const matches = picomatch(pattern.replace(/^\.\//, ''));
  const found = entries
    .map((entry) => path.posix.join(base, entry.replaceAll('\\', '/')))
    .filter((file) => /\.sql$/i.test(file) && matches(file))
    .toSorted(byNumbers);
  if (found.length > 0) return found;
  throw new MigrateError('BAD_USAGE', `No SQL file matches ${argument}.`, {
    hint: 'Correct the pattern, or give the folder itself.',
  });
}

/** Numbers in names as numbers: `2_b.sql` before `10_a.sql`; the same on every machine, whatever its locale. */
function byNumbers(a: string, b: string): number {
  return new Intl.Collator('en', { numeric: true, sensitivity: 'variant' }).compare(a, b);
}
