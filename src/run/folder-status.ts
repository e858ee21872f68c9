/** How far every migration is, with what the folder adds to the ledger: files that are still to run, and what is wrong. */
import type { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import type { Session } from './session.ts';
import { readHistory } from './situation.ts';
import { readStatus, type StatusReport } from './verbs/status.ts';

export type Status = StatusReport & {
  /** Names of the files that have not run, in their order. */
  readonly pending: readonly string[];
  /** What is wrong with the folder: files that were edited, overtaken or removed after they ran. */
  readonly problems: readonly MigrateError[];
};

export async function readFolderStatus(
  session: Session,
  schema: string,
  files: readonly MigrationFile[],
): Promise<Status> {
  const report = await readStatus(session, { schema });
  const { pending, problems } = await readHistory(session, schema, files);
  return { ...report, pending: pending.map((file) => file.name), problems };
}
