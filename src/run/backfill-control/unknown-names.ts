/** A migration or a backfill that was named must be one that the ledger knows: a slip of the pen must not look like "nothing to do". */
import { closestName } from '../../closest-name.ts';
import { MigrateError } from '../../errors.ts';
import { functionPurpose } from '../ledger/backfill-tables.ts';
import { readMigrationSummaries } from '../ledger/records.ts';
import type { Session } from '../session.ts';

export async function refuseUnknownNames(
  session: Session,
  schema: string,
  names: readonly string[] | undefined,
): Promise<void> {
  if (names === undefined) return;
  const migrations = (await readMigrationSummaries(session, schema)).map(({ name }) => name);
  const known = [...migrations, ...(await namesOfFunctions(session, schema))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = closestName(unknown, known);
  throw new MigrateError(
    'BAD_USAGE',
    `There is no migration ${unknown} in this database's ledger, and no backfill of that name.`,
    {
      hint: `${meant === null ? '' : `Did you mean ${meant}? `}"migrate backfill status" lists the backfills.`,
      details: { name: unknown },
    },
  );
}

async function namesOfFunctions(session: Session, schema: string): Promise<readonly string[]> {
  const rows = await session.kysely
    .withSchema(schema)
    .selectFrom('backfill')
    .select('migration')
    .where('purpose', '=', functionPurpose)
    .execute();
  return rows.map(({ migration }) => migration);
}
