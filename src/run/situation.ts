/**
 * Where a database stands against a folder: what has run, what is under way, what is to come, and the schema as it is.
 * It is what a plan is made from. Reads only; without a ledger, nothing has run.
 */
import { fingerprint } from '../catalog/diff.ts';
import type { Catalog } from '../catalog/model.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { compareWithLedger, type FolderComparison } from './applied-files.ts';
import { introspect } from './introspect.ts';
import { lookForLedger } from './ledger/install.ts';
import {
  readMigrations,
  readMigrationSummaries,
  type MigrationRecord,
  type MigrationSummary,
} from './ledger/records.ts';
import type { Session } from './session.ts';
import { hasBegun } from './steps/decide.ts';

export type History = FolderComparison & {
  /** In the ledger, in the order in which they were applied; those that left nothing behind are not among them. */
  readonly records: readonly MigrationSummary[];
  /** Those of them that have begun and are not done. */
  readonly halfDone: readonly MigrationRecord[];
  /** In the ledger too, but rolled back, or entered and never begun: their files count as new ones. */
  readonly traceless: readonly MigrationRecord[];
  /** Files of migrations that have begun and are neither done nor rolled back. */
  readonly unfinished: readonly MigrationFile[];
};

export type Situation = {
  /** Files to run, in their order. */
  readonly pending: readonly MigrationFile[];
  readonly unfinished: readonly MigrationFile[];
  readonly catalog: Catalog;
  readonly fingerprint: string;
};

/** The folder against the ledger, without looking at the schema. */
export async function readHistory(session: Session, schema: string, files: readonly MigrationFile[]): Promise<History> {
  const ledger = await lookForLedger(session, schema);
  const all = ledger.kind === 'missing' ? [] : await readMigrationSummaries(session, schema);
  const notDone = await readMigrations(
    session,
    schema,
    all.filter(({ status }) => status !== 'done').map(({ name }) => name),
  );
  const traceless = notDone.filter(leftNothing);
  const halfDone = notDone.filter((record) => !leftNothing(record));
  const onTheirWay = new Set(halfDone.map(({ name }) => name));
  const records = all.filter(({ name, status }) => status === 'done' || onTheirWay.has(name));
  return {
    ...compareWithLedger(files, records),
    records,
    halfDone,
    traceless,
    unfinished: files.filter((file) => onTheirWay.has(file.name)),
  };
}

/** Throws the first thing that is wrong with the folder. */
export async function readSituation(
  session: Session,
  schema: string,
  files: readonly MigrationFile[],
): Promise<Situation> {
  const { pending, problems, unfinished } = await readHistory(session, schema, files);
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  const catalog = await introspect(session, { excludeSchemas: [schema] });
  return { pending, unfinished, catalog, fingerprint: fingerprint(catalog) };
}

/** Rolled back, or entered and never begun: its file may be edited, and it runs again like a new one. */
function leftNothing(record: MigrationRecord): boolean {
  return record.status === 'rolled_back' || (record.status === 'expanding' && !hasBegun(record));
}
