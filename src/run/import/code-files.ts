/** Migrations in a folder that are programs: they stay with the tool that runs them, and a history knows them by name. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { MigrationFile } from '../../plan/migration-file.ts';

const program = /\.(?:[cm]?[jt]s|go|py|java|kt)$/i;

/** Shaped like a migration that is SQL, so that a tool can tell its id. */
export async function codeFiles(folder: string): Promise<readonly MigrationFile[]> {
  const names = await fs.readdir(folder).catch(() => []);
  return names
    .filter((name) => program.test(name) && !/\.d\.ts$|[._](?:test|spec)\.[cm]?[jt]s$|_test\.go$/i.test(name))
    .map((name) => ({ name: name.replace(program, ''), path: path.join(folder, name), source: '', checksum: '' }));
}
