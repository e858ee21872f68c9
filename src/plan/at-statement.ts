/** Errors about a statement say where it stands. */
import { MigrateError } from '../errors.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { MigrationFile } from './migration-file.ts';

/** Puts file and line in front of what an operation has to say. */
export function atStatement<T>(file: MigrationFile, statement: SqlStatement, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MigrateError) || error.details['line'] !== undefined) throw error;
    throw new MigrateError(error.code, `${file.path}:${statement.line}: ${error.message}`, {
      ...(error.hint === null ? {} : { hint: error.hint }),
      details: { ...error.details, file: file.path, line: statement.line, migration: file.name },
      cause: error.cause,
    });
  }
}
