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
import { identifier, join, literal, sql } from '../../sql/template.ts';
import type { Clock } from '../clock.ts';
import type { Session } from '../session.ts';
import { backfillStatuses, ledgerFormatVersion, migrationStatuses, stepStatuses } from './tables.ts';

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

/** Never changes anything; throws LEDGER_TOO_NEW and PERMISSION_DENIED. */
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

export async function installLedger(session: Session, schema: string, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await lookForLedger(session, schema);
    if (state.kind === 'installed') return;
    try {
      await session.transaction(() => createLedger(session, schema));
      return;
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

function ledgerStatements(schema: string): readonly string[] {
  const name = identifier(schema);
  const oneOf = (values: readonly string[]) => join(values.map((value) => literal(value)));
  return [
    sql`create table ${name}.format (
      version integer primary key,
      onward_version text not null,
      installed_at timestamptz not null default now()
    )`,
    sql`create table ${name}.lease (
      id integer primary key check (id = 1),
      token uuid,
      host text,
      process integer,
      application text,
      backend_pid integer,
      backend_start timestamptz,
      acquired_at timestamptz,
      heartbeat_at timestamptz
    )`,
    sql`create table ${name}.migration (
      name text primary key,
      checksum text not null,
      position bigint generated always as identity,
      status text not null check (status in (${oneOf(migrationStatuses)})),
      plan jsonb not null,
      onward_version text not null,
      created_at timestamptz not null default now(),
      expanded_at timestamptz,
      backfilled_at timestamptz,
      finished_at timestamptz
    )`,
    sql`create table ${name}.step (
      migration text not null references ${name}.migration (name) on delete cascade,
      id text not null,
      position integer not null,
      phase text not null check (phase in ('expand', 'backfill', 'contract')),
      title text not null,
      status text not null default 'pending' check (status in (${oneOf(stepStatuses)})),
      attempts integer not null default 0,
      undone_actions integer not null default 0,
      started_at timestamptz,
      finished_at timestamptz,
      last_error jsonb,
      primary key (migration, id)
    )`,
    // Fillfactor: its one row per job is updated with every batch, and stays on its page that way.
    sql`create table ${name}.backfill (
      migration text not null,
      step text not null,
      purpose text not null,
      status text not null check (status in (${oneOf(backfillStatuses)})),
      ranges jsonb not null,
      range integer not null default 0,
      cursor text[],
      sweep integer not null default 1,
      rows_done bigint not null default 0,
      rows_scanned bigint not null default 0,
      estimate bigint not null,
      batch_size integer not null,
      token uuid,
      started_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      finished_at timestamptz,
      last_error jsonb,
      primary key (migration, step, purpose),
      foreign key (migration, step) references ${name}.step (migration, id) on delete cascade
    ) with (fillfactor = 50)`,
  ].map((fragment) => fragment.text);
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
