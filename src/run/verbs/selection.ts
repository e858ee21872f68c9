/**
 * Which migrations a verb works on: the named ones, or all that are on their way. Pure, but for the reading.
 */
import { MigrateError } from '../../errors.ts';
import { readMigrations, readMigrationSummaries, type MigrationRecord } from '../ledger/records.ts';
import type { MigrationStatus } from '../ledger/tables.ts';
import type { Runner } from '../runner.ts';

export type Names = { readonly names?: readonly string[] };

/** Begun, and neither done nor rolled back. */
export function isOnItsWay(status: MigrationStatus): boolean {
  return status !== 'done' && status !== 'rolled_back';
}

/** In the order in which they were applied. A name that the ledger does not know is NOT_EXPANDED. */
export async function selectMigrations(runner: Runner, { names }: Names): Promise<readonly MigrationRecord[]> {
  const { session } = runner;
  const { schema } = runner.ledger;
  const all = await readMigrationSummaries(session, schema);
  if (names === undefined) {
    const onTheirWay = all.filter(({ status }) => isOnItsWay(status));
    return readMigrations(
      session,
      schema,
      onTheirWay.map(({ name }) => name),
    );
  }
  const unknown = names.filter((name) => !all.some((record) => record.name === name));
  if (unknown.length > 0) {
    throw new MigrateError('NOT_EXPANDED', `Not in this database's ledger: ${unknown.join(', ')}.`, {
      hint: 'Run: migrate expand. `migrate status` lists what the ledger knows.',
      details: { names: unknown },
    });
  }
  return readMigrations(session, schema, names);
}
