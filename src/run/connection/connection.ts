/**
 * One connection to the server: a `pg` client of our own, never one of a pool, because locks, settings and the lease
 * belong to a session.
 *
 * Guarantees: queries run one after the other, in the order of the calls; an error that the server reported comes out as
 * the driver's own, with its SQLSTATE; the end of the connection comes out as CONNECTION_LOST; the password is held by
 * the driver alone, in a property that neither inspection nor JSON shows.
 */
import pg from 'pg';
import { MigrateError } from '../../errors.ts';
import { isConnectionLost, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { Clock } from '../clock.ts';
import { connectionError, connectionLost, noHostFits, notFit, type Target } from './connection-error.ts';
import { clientConfig, type HostOptions, type TargetSession } from './database-url.ts';
import { within } from './silence.ts';
import { badUrl } from './url-parts.ts';

export type QueryResult<Row> = { readonly rows: readonly Row[]; readonly rowCount: number; readonly command: string };

export type QueryOptions = {
  /** Every value as the text that the server sent: for keys, which must not pass through a JavaScript number. */
  readonly asText?: boolean;
  /** Dates and times as the text that the server sent: a JavaScript date has no microseconds, and knows no infinity. */
  readonly timesAsText?: boolean;
};

export type Connection = {
  readonly target: Target;
  /** What the other end of the socket says our backend is; differs from pg_backend_pid() behind a pooler. */
  readonly processId: number | null;
  /** True once the socket is dead. */
  isLost(): boolean;
  /** Another one to the same host: of several, the next one may be a different server. */
  again(otherName: string): Promise<Connection>;
  query<Row>(text: string, values?: readonly unknown[], options?: QueryOptions): Promise<QueryResult<Row>>;
  /** Called when a channel that was listened to tells something: the last listener, and none of those before it. */
  onNotification(listener: () => void): void;
  /** Closes the socket at once: what is being asked fails with CONNECTION_LOST. For one that does not answer any more. */
  abandon(reason: string): void;
  /** Never throws. */
  end(): Promise<void>;
};

const defaultTimeoutMs = 10_000; // a server that does not answer a TCP handshake in 10 s will not in a minute
const keepAliveDelayMs = 10_000; // our side's keepalive, so that a runner notices a dead server in an idle wait

const goodbyeMs = 2_000; // a server that is there closes the socket in a round trip; one that is not never does

const asText = { getTypeParser: () => (value: unknown) => value };

/** date, time, timestamp, timestamptz, interval, timetz; fixed numbers of pg_type. */
const times: ReadonlySet<number> = new Set([1082, 1083, 1114, 1184, 1186, 1266]);

const timesAsText: pg.CustomTypesConfig = {
  getTypeParser: (type: number) => (times.has(type) ? (value: unknown) => value : pg.types.getTypeParser(type)),
};

/** To the first host that answers as `target_session_attrs` wants it. */
export async function connect(
  url: string,
  applicationName: string,
  clock: Clock,
  { readOnly }: { readonly readOnly: boolean },
): Promise<Connection> {
  const { hosts, wanted, connectTimeoutMs } = clientConfig(url, { readOnly });
  const how = { applicationName, clock, timeoutMs: connectTimeoutMs ?? defaultTimeoutMs };
  // A second round for `prefer-standby`, which takes any server when there is no standby.
  const rounds = wanted === 'prefer-standby' ? (['standby', null] as const) : [wanted];
  const failures: unknown[] = [];
  for (const fit of rounds) {
    for (const host of hosts) {
      try {
        const connection = await connectTo(host, how);
        const waiting = { clock, abandon: (reason: string) => connection.abandon(reason) };
        if (fit === null || (await within(how.timeoutMs, waiting, isFit(connection, fit)))) return connection;
        await connection.end();
        failures.push(notFit(connection.target, fit));
      } catch (error) {
        // As libpq does: a server that turns us away would be no better elsewhere.
        const isElsewhere = error instanceof MigrateError && error.code === 'CONNECTION_FAILED';
        if (hosts.length === 1 || !isElsewhere) throw error;
        failures.push(error);
      }
    }
  }
  throw hosts.length === 1 ? failures[0] : noHostFits(failures);
}

async function isFit(connection: Connection, wanted: Exclude<TargetSession, 'prefer-standby'>): Promise<boolean> {
  const { rows } = await connection.query<{ standby: boolean; readonly: boolean }>(
    `select pg_catalog.pg_is_in_recovery() as standby,
            pg_catalog.current_setting('default_transaction_read_only') = 'on' as readonly`,
  );
  const { standby = false, readonly = false } = rows[0] ?? {};
  switch (wanted) {
    case 'read-write':
      return !standby && !readonly;
    case 'read-only':
      return standby || readonly;
    case 'primary':
      return !standby;
    case 'standby':
      return standby;
    default:
      return wanted satisfies never;
  }
}

async function connectTo({ connectionString, unencrypted, role }: HostOptions, how: How): Promise<Connection> {
  try {
    return await open(connectionString, role, how);
  } catch (error) {
    // sslmode=prefer: a server that does not offer encryption breaks off, which the driver tells without a code.
    const brokenOff = error instanceof MigrateError && isWithoutCode(error.cause) && error.code === 'CONNECTION_FAILED';
    // One that had come to the password offers it, and the password is not sent in the clear.
    if (unencrypted === null || !brokenOff || error.details['passwordAskedFor'] === true) throw error;
    return open(unencrypted, role, how);
  }
}

type How = { readonly applicationName: string; readonly clock: Clock; readonly timeoutMs: number };

async function open(connectionString: string, role: string | null, how: How): Promise<Connection> {
  const { applicationName, clock, timeoutMs } = how;
  const client = clientFor({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  });
  // What names no password may find one in the file; the driver, asked for it, would warn that it will not look any more.
  if (client.password === null) Object.assign(client, { password: () => passwordFromFile(client) });
  const target: Target = {
    host: client.host,
    port: client.port,
    database: client.database ?? '',
    user: client.user ?? '',
    encrypted: client.ssl,
    role,
  };
  let lost: Error | null = null;
  // Without a listener a socket that breaks between two queries would end the whole process.
  client.on('error', (error) => (lost ??= error));
  client.on('end', () => (lost ??= new Error('The connection ended.')));
  let listener: (() => void) | null = null;
  client.on('notification', () => listener?.());
  const passwordAskedFor = watchAuthentication(client);
  let brokenOff = false;
  client.connection.on('end', () => (brokenOff = true));

  const startedAt = clock.now();
  try {
    await client.connect();
  } catch (error) {
    const timedOut = clock.now() - startedAt >= timeoutMs;
    const circumstances = { timedOut, passwordAskedFor: passwordAskedFor(), brokenOff };
    await client.end().catch(() => undefined);
    throw connectionError(error, target, circumstances);
  }

  let last: Promise<unknown> = Promise.resolve();
  async function query<Row>(
    text: string,
    values: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    const turn = last.then(() => send<Row>(text, values, options));
    last = turn.catch(() => undefined);
    return turn;
  }

  function abandon(reason: string): void {
    lost ??= new Error(reason);
    client.connection.stream.destroy();
  }

  async function end(): Promise<void> {
    const ended = new AbortController();
    void clock.sleep(goodbyeMs, ended.signal).then(() => {
      if (!ended.signal.aborted) abandon('The server did not close the connection.');
    });
    await client.end().catch(() => undefined);
    ended.abort();
  }

  async function send<Row>(text: string, values: readonly unknown[], options: QueryOptions): Promise<QueryResult<Row>> {
    if (lost !== null) throw connectionLost(target, lost);
    try {
      const result = await client.query({
        text,
        // Without values the simple protocol is used, which also takes several statements.
        ...(values.length === 0 ? {} : { values: [...values] }),
        ...(options.asText === true ? { types: asText } : {}),
        ...(options.timesAsText === true ? { types: timesAsText } : {}),
      });
      // Several statements in one string give an array: the last one counts.
      const final: pg.QueryResult = Array.isArray(result) ? result.at(-1) : result;
      // The caller states the row's type beside its SELECT list; the driver cannot know it.
      return { rows: final.rows as Row[], rowCount: final.rowCount ?? 0, command: final.command };
    } catch (error) {
      const code = sqlstateOf(error);
      if (isConnectionLost(code) || (code === null && !(error instanceof TypeError))) {
        lost ??= error instanceof Error ? error : new Error(String(error));
        throw connectionLost(target, error);
      }
      throw error;
    }
  }

  return {
    target,
    processId: 'processID' in client && typeof client.processID === 'number' ? client.processID : null,
    isLost: () => lost !== null,
    again: async (otherName) => open(connectionString, role, { ...how, applicationName: otherName }),
    query,
    onNotification: (next) => {
      listener = next;
    },
    abandon,
    end,
  };
}

/** The driver reads the files of certificates as it is made. */
function clientFor(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config);
  } catch (error) {
    const file = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : null;
    if (file === null) throw badUrl('the driver does not understand it'); // without `cause`: it may hold the URL
    throw badUrl(`the file ${file} cannot be read`, 'Correct the path in sslrootcert, sslcert or sslkey.');
  }
}

/** From ~/.pgpass, or the file that PGPASSFILE names. */
async function passwordFromFile({ host, port, database, user }: pg.Client): Promise<string | undefined> {
  const { default: pgpass } = await import('pgpass');
  return new Promise((resolve) => pgpass({ host, port, database, user }, resolve));
}

function isWithoutCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && !('code' in error && typeof error.code === 'string');
}

/** The driver has no error of its own for a missing password, so we note that the server asked for one. */
function watchAuthentication(client: pg.Client): () => boolean {
  let asked = false;
  for (const event of ['authenticationCleartextPassword', 'authenticationMD5Password', 'authenticationSASL']) {
    client.connection.on(event, () => (asked = true));
  }
  return () => asked;
}
