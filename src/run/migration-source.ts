/** Where migrations come from: a folder, or files that the caller has read before. */
import { closestName } from '../closest-name.ts';
import { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import type { TemplateValues } from './fill-template.ts';
import { readMigrationFiles } from './migration-files.ts';

export type MigrationSource = {
  /** `migrations` when neither is given. */
  readonly dir?: string;
  readonly migrations?: readonly MigrationFile[];
  /** For a folder of templates: the value of each placeholder, by name. */
  readonly values?: TemplateValues;
};

const usualFolder = 'migrations';

export async function filesOf({ dir, migrations, values }: MigrationSource): Promise<readonly MigrationFile[]> {
  return migrations ?? readMigrationFiles(dir ?? usualFolder, values === undefined ? {} : { values });
}

/** Where a migration stands among the files. Its name may be given with the ending of the file, or by its number alone. */
export function positionOf(files: readonly MigrationFile[], wanted: string): number {
  const position = files.findIndex(
    (file) => file.name === wanted || file.path === wanted || `${file.name}.sql` === wanted,
  );
  if (position !== -1) return position;
  const begun = files.filter((file) => file.name.startsWith(`${wanted}_`));
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return files.indexOf(only);
  const meant = closestName(
    wanted,
    files.map(({ name }) => name),
  );
  throw new MigrateError('BAD_USAGE', `There is no migration ${wanted}.`, {
    hint:
      files.length === 0
        ? 'The folder has no migrations.'
        : meant !== null
          ? `Did you mean ${meant}?`
          : `The last ones are: ${files
              .slice(-5)
              .map((file) => file.name)
              .join(', ')}.`,
  });
}
