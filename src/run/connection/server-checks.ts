/**
 * What must be true of a server before we change anything on it: a supported version, writable, and no transaction
 * pooler in between.
 */
import { MigrateError } from '../../errors.ts';
import { oldestSupportedVersion } from '../../postgres/version.ts';
import type { Connection } from './connection.ts';
import { placeOf } from './connection-error.ts';

export type ServerFacts = {
  readonly version: number;
  readonly backendPid: number;
  /** When the server was started: tells it from another one behind the same address. */
  readonly startedAt: string;
  readonly database: string;
  readonly role: string;
};

export async function checkServer(
  connection: Connection,
  { readOnly }: { readonly readOnly: boolean },
): Promise<ServerFacts> {
  const place = placeOf(connection.target);
  const { rows } = await connection.query<{
    version: string;
    standby: boolean;
    read_only: string;
    pid: number;
    started_at: string;
    database: string;
    role: string;
  }>(`select current_setting('server_version_num') as version, pg_catalog.pg_is_in_recovery() as standby,
        current_setting('default_transaction_read_only') as read_only, pg_catalog.pg_backend_pid() as pid,
        pg_catalog.pg_postmaster_start_time()::text as started_at,
        pg_catalog.current_database() as database, current_user as role`);
  const facts = rows[0];
  if (facts === undefined)
    throw new MigrateError('UNSUPPORTED_SERVER', `The server at ${place} does not answer like Postgres.`);
  const { role } = connection.target;
  if (role !== null && facts.role !== role) {
    throw new MigrateError('UNSUPPORTED_SERVER', `We were to work as role "${role}", and are "${facts.role}".`, {
      hint: "A pooler in between passes over the options of a connection (ignore_startup_parameters). Use the server's direct URL.",
      details: { role, current: facts.role },
    });
  }
  const version = Math.floor(Number(facts.version) / 10_000);
  if (version < oldestSupportedVersion) {
    throw new MigrateError(
      'UNSUPPORTED_SERVER',
      `The server at ${place} is Postgres ${version}; onward needs ${oldestSupportedVersion} or newer.`,
      { hint: 'Upgrade the server: Postgres 13 and older get no more security fixes.', details: { version } },
    );
  }
  if (!readOnly && facts.standby) {
    throw new MigrateError('READ_ONLY_SERVER', `The server at ${place} is a standby: it can only be read.`, {
      hint: 'Use the URL of the primary.',
    });
  }
  if (!readOnly && facts.read_only === 'on') {
    throw new MigrateError(
      'READ_ONLY_SERVER',
      `Database "${facts.database}" at ${place} is read-only for role "${facts.role}" (default_transaction_read_only is on).`,
      {
        hint: 'Use a role or a server that may write. ALTER ROLE … or ALTER DATABASE … RESET default_transaction_read_only takes it back.',
      },
    );
  }
  const { pid: backendPid, started_at: startedAt, database } = facts;
  return { version, backendPid, startedAt, database, role: facts.role };
}

/**
 * PgBouncer and its like invent the backend's pid that they tell a client, so a difference means that a pooler stands in
 * between. One that hands the backend to another client between two statements (transaction pooling) is proven when a
 * second connection is given our backend, or when our next statement runs on another one, or forgets our settings. A
 * pooler that does none of it (session pooling) is fine.
 */
export async function refuseTransactionPooler(
  connection: Connection,
  facts: ServerFacts,
  observe: <Row>(text: string) => Promise<readonly Row[] | null>,
): Promise<void> {
  if (connection.processId === null || connection.processId === facts.backendPid) return;
  const others = await observe<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  const { rows } = await connection.query<{ pid: number; settings_kept: boolean }>(
    `select pg_catalog.pg_backend_pid() as pid, current_setting('idle_in_transaction_session_timeout') = '10s' as settings_kept`,
  );
  const shared = others?.[0]?.pid === facts.backendPid;
  const moved = rows[0]?.pid !== facts.backendPid || rows[0]?.settings_kept !== true;
  if (!shared && !moved) return;
  throw new MigrateError(
    'UNSUPPORTED_SERVER',
    `A connection pooler in transaction mode stands between us and the server at ${placeOf(connection.target)}: locks, settings and the lease need one backend for the whole session.`,
    {
      hint: "Use the server's direct URL for migrations (often another port or host: 5432 instead of 6432, no “-pooler” in the name), or a pool in session mode.",
    },
  );
}
