/**
 * Makes the ledger's tables where they do not exist, and refuses those of a newer onward.
 *
 * Two processes may start at once on an empty database: both try the whole installation in one transaction, one of them
 * collides with the other's catalog rows, is rolled back as a whole, and looks again. If the process dies here, the
 * transaction is gone and the next run finds nothing or everything.
 */
import { MigrateError } from '../../errors.ts';
import { onwardVersion } from '../../onward-version.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { quoteIdentifier } from '../../sql/identifier.ts';
import { identifier, literal, sql } from '../../sql/template.ts';
import type { Clock } from '../clock.ts';
import type { Session } from '../session.ts';
import { ledgerStatements } from './statements.ts';
import { ledgerFormatVersion } from './tables.ts';

const installAttempts = 20; // each collision means that another process got further; one of them has to win
const longestPauseMs = 50; // an installation takes about 20 ms

/** What a second installer's statements fail with, depending on which object it meets first. */
const collisions: ReadonlySet<string> = new Set([
  sqlstate.uniqueViolation, // pg_namespace, pg_class or pg_type: the other one is not committed yet or just was
  sqlstate.duplicateSchema,
  sqlstate.duplicateTable,
  sqlstate.duplicateObject,
  sqlstate.deadlockDetected,
  sqlstate.internalError, // "tuple concurrently updated"
]);

export type LedgerState = { readonly kind: 'missing' } | { readonly kind: 'installed'; readonly version: number };

/** Never changes anything, and knows the older formats too; throws LEDGER_TOO_NEW and PERMISSION_DENIED. */
export async function lookForLedger(session: Session, schema: string): Promise<LedgerState> {
  const { rows } = await session.query<{ found: boolean }>(
    // Not to_regclass: that needs USAGE on the schema to say yes.
    `select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname = 'format') as found`,
    [schema],
  );
  if (rows[0]?.found !== true) return { kind: 'missing' };
  let version: number | undefined;
  try {
    const formats = await session.kysely
      .withSchema(schema)
      .selectFrom('format')
      .select((builder) => builder.fn.max('version').as('version'))
      .executeTakeFirst();
    version = formats?.version;
  } catch (error) {
    if (sqlstateOf(error) === sqlstate.insufficientPrivilege) throw mayNotUse(session, schema, error);
    throw error;
  }
  if (version === undefined || version === null) return { kind: 'missing' };
  if (version > ledgerFormatVersion) {
    throw new MigrateError(
      'LEDGER_TOO_NEW',
      `The ledger in schema "${schema}" has format ${version}; this version of onward (${onwardVersion}) knows formats up to ${ledgerFormatVersion}.`,
      { hint: 'Run the version of onward that wrote it, or a newer one: npm install onward@latest' },
    );
  }
  return { kind: 'installed', version };
}

/** Answers with the format that it found, or made. */
export async function installLedger(session: Session, schema: string, clock: Clock): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await lookForLedger(session, schema);
    if (state.kind === 'installed') return state.version;
    try {
      await session.transaction(() => createLedger(session, schema));
      return ledgerFormatVersion;
    } catch (error) {
      const code = sqlstateOf(error);
      if (code === sqlstate.insufficientPrivilege) throw mayNotInstall(session, schema, error);
      if (code === null || !collisions.has(code) || attempt === installAttempts) throw error;
      await clock.sleep(clock.random() * longestPauseMs);
    }
  }
}

async function createLedger(session: Session, schema: string): Promise<void> {
  const exists = await session.query(`select from pg_catalog.pg_namespace where nspname = $1`, [schema]);
  // IF NOT EXISTS would demand the right to create schemas even where an administrator made this one for us.
  if (exists.rowCount === 0) {
    await session.query(sql`create schema ${identifier(schema)}`.text);
    await session.query(
      sql`comment on schema ${identifier(schema)} is ${literal('Ledger of onward, the migration engine.')}`.text,
    );
  }
  for (const statement of ledgerStatements(schema)) await session.query(statement);
  await session.kysely
    .withSchema(schema)
    .insertInto('format')
    .values({ version: ledgerFormatVersion, onward_version: onwardVersion })
    .execute();
  await session.kysely
    .withSchema(schema)
    .insertInto('lease')
    .values({ id: 1, token: null, backend_start: null })
    .execute();
}

function mayNotInstall(session: Session, schema: string, cause: unknown): MigrateError {
  const role = quoteIdentifier(session.role);
  return new MigrateError(
    'PERMISSION_DENIED',
    `Role "${session.role}" may not create the ledger's schema "${schema}" in database "${session.database}".`,
    {
      hint: [
        "As the database's owner, run one of:",
        `  GRANT CREATE ON DATABASE ${quoteIdentifier(session.database)} TO ${role};`,
        `  CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${role};`,
      ].join('\n'),
      details: { role: session.role, database: session.database, schema },
      cause,
    },
  );
}

export function mayNotUse(session: Session, schema: string, cause: unknown): MigrateError {
  const role = quoteIdentifier(session.role);
  const name = quoteIdentifier(schema);
  return new MigrateError('PERMISSION_DENIED', `Role "${session.role}" may not use the ledger in schema "${schema}".`, {
    hint: [
      'Run as the role that owns the ledger. To let this one run migrations too, or (with SELECT alone) look at their status:',
      `  GRANT USAGE ON SCHEMA ${name} TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name} TO ${role};`,
    ].join('\n'),
    details: { role: session.role, schema },
    cause,
  });
}
