/** Where migrations come from: a folder, or files that the caller has read before. */
import type { MigrationFile } from '../plan/migration-file.ts';
import { readMigrationFiles } from './migration-files.ts';

export type MigrationSource = {
  /** `migrations` when neither is given. */
  readonly dir?: string;
  readonly migrations?: readonly MigrationFile[];
};

const usualFolder = 'migrations';

export async function filesOf({ dir, migrations }: MigrationSource): Promise<readonly MigrationFile[]> {
  return migrations ?? readMigrationFiles(dir ?? usualFolder);
}
