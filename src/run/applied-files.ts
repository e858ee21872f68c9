/**
 * The folder against the ledger: which files are still to run, and whether what ran is still what the folder says.
 * Pure. A file that ran is history: it is never edited, renamed, removed or overtaken, because then two databases would
 * have the same list of names and different schemas.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { isFlywayRepeatable } from './flyway-names.ts';

/** What the ledger knows of a migration that has begun, in the order in which they ran. */
export type AppliedMigration = { readonly name: string; readonly checksum: string };

export type FolderComparison = {
  /** Files that have not begun, in their order. */
  readonly pending: readonly MigrationFile[];
  /** What is wrong, the most telling first; empty when all is well. */
  readonly problems: readonly MigrateError[];
};

export function compareWithLedger(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): FolderComparison {
  const byName = new Map(files.map((file) => [file.name, file]));
  const appliedNames = new Set(applied.map((migration) => migration.name));
  const lastApplied = files.findLastIndex(
    (file) => appliedNames.has(file.name) && !isFlywayRepeatable(path.basename(file.path)),
  );
  const edited = applied.flatMap((migration) => {
    const file = byName.get(migration.name);
    return file === undefined || file.checksum === migration.checksum ? [] : [checksumChanged(file, migration)];
  });
  const missing = applied.filter((migration) => !byName.has(migration.name)).map((m) => fileMissing(m, files));
  const overtaken = files
    .slice(0, Math.max(lastApplied, 0))
    .filter((file) => !appliedNames.has(file.name))
    .map((file) => outOfOrder(file, files[lastApplied]?.name ?? ''));
  return {
    pending: files.filter((file) => !appliedNames.has(file.name)),
    problems: [...edited, ...missing, ...overtaken],
  };
}

/** The files still to run; throws the first problem there is. */
export function pendingFiles(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const { pending, problems } = compareWithLedger(files, applied);
  const [first] = problems;
  if (first !== undefined) throw first;
  return pending;
}

function checksumChanged(file: MigrationFile, migration: AppliedMigration): MigrateError {
  const lineEndings = differsInLineEndingsOnly(file, migration.checksum);
  return new MigrateError(
    'CHECKSUM_CHANGED',
    `${file.path} was edited after it ran on this database${lineEndings ? ' (only its line endings changed)' : ''}.`,
    {
      hint: lineEndings
        ? 'Git converted the file. Keep them as they are: write "*.sql text eol=lf" in .gitattributes and check it out again.'
        : 'Put the file back as it was (git log -p shows how), and write the change you want as a new migration: migrate new <name>',
      details: { file: file.path, migration: file.name, ran: migration.checksum, now: file.checksum },
    },
  );
}

function differsInLineEndingsOnly(file: MigrationFile, checksum: string): boolean {
  const unix = file.source.replaceAll('\r\n', '\n');
  return [unix, unix.replaceAll('\n', '\r\n')].some(
    (text) => createHash('sha256').update(text).digest('hex') === checksum,
  );
}

function fileMissing(migration: AppliedMigration, files: readonly MigrationFile[]): MigrateError {
  const renamed = files.find((file) => file.checksum === migration.checksum);
  return new MigrateError(
    'FILE_MISSING',
    renamed === undefined
      ? `The migration ${migration.name} ran on this database, and its file is missing from the folder.`
      : `The migration ${migration.name} ran on this database, and its file is now named ${renamed.name}.`,
    {
      hint:
        renamed === undefined
          ? 'Restore the file from version control. Is this the right folder (--dir) and the right branch?'
          : `Name it ${migration.name} again: a name is how the ledger knows a migration.`,
      details: { migration: migration.name },
    },
  );
}

function outOfOrder(file: MigrationFile, lastApplied: string): MigrateError {
  return new MigrateError(
    'FILE_OUT_OF_ORDER',
    `${file.path} has not run, and it comes before ${lastApplied}, which has.`,
    {
      hint: 'It was probably merged from another branch. Give it a number after the last one that ran, so that every database runs them in one order.',
      details: { file: file.path, migration: file.name, lastApplied },
    },
  );
}
