/**
 * A session: one dedicated connection with settings we can rely on, and a second one that is opened only when something
 * has to be seen or done from outside (who blocks us, how far is an index build, cancel the running statement).
 *
 * Before anything is changed it is known that the server is one we support, that it can be written to, and that no
 * transaction pooler hands our statements to changing backends.
 */
import { Kysely } from 'kysely';
import { MigrateError } from '../errors.ts';
import { sqlstate, sqlstateOf } from '../postgres/sqlstate.ts';
import type { Clock } from './clock.ts';
import { connect, type Connection, type QueryOptions, type QueryResult } from './connection/connection.ts';
import { placeOf } from './connection/connection-error.ts';
import { orSilence, within, type Standing } from './connection/silence.ts';
import { sessionDialect } from './connection/kysely-dialect.ts';
import { checkServer, refuseTransactionPooler, type ServerFacts } from './connection/server-checks.ts';
import { interruption } from './interruption.ts';
import { clearError } from './server-error.ts';
import type { LedgerTables } from './ledger/tables.ts';

export type SessionOptions = {
  readonly url: string;
  /** As pg_stat_activity shows it. */
  readonly applicationName: string;
  readonly clock: Clock;
  /** True for what only reads (status, introspection): a standby is good enough. */
  readonly readOnly?: boolean;
};

type StatementOptions = QueryOptions & {
  /** When it aborts, the statement is cancelled on the server, and INTERRUPTED or TERMINATED is thrown. */
  readonly signal?: AbortSignal;
};

export type Session = {
  /** Major version, for instance 18. */
  readonly serverVersion: number;
  readonly backendPid: number;
  readonly database: string;
  readonly role: string;
  /** `host:port`, for messages. */
  readonly place: string;
  /** Typed queries over the same connection: what they write joins the open transaction. */
  readonly kysely: Kysely<LedgerTables>;
  /** Without values, `text` may hold several statements. Errors of the server are the driver's own. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: StatementOptions,
  ): Promise<QueryResult<Row>>;
  /** BEGIN (READ COMMITTED), the work, COMMIT; ROLLBACK when the work throws. Not nestable. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** A query on the second connection. Null when that one cannot be had: what it tells is never essential. */
  observe<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly Row[] | null>;
  /** A connection of its own to the same server, without any settings of ours. */
  connectAgain(applicationName: string): Promise<Connection>;
  /** Another session on the same server: of several hosts in the URL, the one that this session has chosen. */
  openAgain(applicationName: string): Promise<Session>;
  /** Called when a channel that was listened to tells something: the last listener, and none of those before it. */
  onNotification(listener: () => void): void;
  /** Cancels the running statement from the second connection; resolved once the server has been told. */
  cancel(): Promise<void>;
  /** Puts all settings back, after a statement that may have changed some for good. */
  resetSettings(): Promise<void>;
  /** Never throws. */
  close(): Promise<void>;
};

const settingUpMs = 30_000; // some short queries
const observerTimeoutMs = 5_000; // what it asks takes milliseconds; it must never hang where the main session waits

/**
 * What every session gets. Nothing that decides what a person's SQL means (search_path, TimeZone, DateStyle) is touched.
 * The role's or database's own statement_timeout would end a validation or an index build (trap 25), so it is off here
 * and set for each step.
 */
const sessionSettings: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on', // our parser read the files that way
  lock_timeout: '2s', // of whatever runs outside a step; the steps set their own
  statement_timeout: '0',
  idle_session_timeout: '0', // between two tries for a lock we are idle on purpose
  idle_in_transaction_session_timeout: '10s', // a runner that hangs (a suspended machine) must not keep its locks
  // A machine that vanishes without a word is noticed in 25 s: until then its lease counts as alive.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
};

/** Those that not every server takes. */
const settingsWhereKnown: Readonly<Record<string, string>> = {
  // A statement whose client is gone is cancelled after this; platforms without support accept only 0.
  client_connection_check_interval: '1s',
  transaction_timeout: '0', // since Postgres 17; ends a validation as statement_timeout would
};

const notKnown: ReadonlySet<string | null> = new Set([sqlstate.invalidParameterValue, sqlstate.undefinedObject]);

export async function openSession(options: SessionOptions): Promise<Session> {
  const readOnly = options.readOnly === true;
  const connection = await connect(options.url, options.applicationName, options.clock, { readOnly });
  return openOn(connection, { ...options, readOnly });
}

type How = Pick<SessionOptions, 'applicationName' | 'clock'> & { readonly readOnly: boolean };

async function openOn(connection: Connection, how: How): Promise<Session> {
  const { applicationName, clock, readOnly } = how;
  const observer = lazyObserver(connection, applicationName, clock);
  try {
    const waiting = { clock, abandon: (reason: string) => connection.abandon(reason) };
    const facts = await within(settingUpMs, waiting, setUp(connection, observer, readOnly));
    return sessionOver(connection, facts, observer, how);
  } catch (error) {
    await observer.end();
    await connection.end();
    throw clearError(error);
  }
}

async function setUp(connection: Connection, observer: Observer, readOnly: boolean): Promise<ServerFacts> {
  const facts = await checkServer(connection, { readOnly });
  await applySettings(connection);
  await refuseTransactionPooler(connection, facts, observer.query);
  return facts;
}

function sessionOver(connection: Connection, facts: ServerFacts, observer: Observer, how: How): Session {
  const { clock } = how;
  let inTransaction = false;

  async function look(): Promise<Standing | 'gone' | null> {
    const rows = await observer.query<Standing & { here: boolean; there: boolean }>(
      `select pid is not null as there, state, state_change::text as since,
              pg_catalog.pg_postmaster_start_time()::text = $2 as here
         from (values ($1::integer)) as ours (backend) left join pg_catalog.pg_stat_activity on pid = ours.backend`,
      [facts.backendPid, facts.startedAt],
    );
    const [seen] = rows ?? [];
    // A pooler may have led the second connection to another server, which knows nothing of us.
    if (seen?.here !== true) return null;
    return seen.there ? seen : 'gone';
  }
  const waiting = { clock, look, abandon: (reason: string) => connection.abandon(reason) };
  const ask: Connection['query'] = (...question) => orSilence(waiting, connection.query(...question));

  async function query<Row>(
    text: string,
    values: readonly unknown[] = [],
    options: StatementOptions = {},
  ): Promise<QueryResult<Row>> {
    const { signal, ...queryOptions } = options;
    if (signal === undefined) return ask<Row>(text, values, queryOptions);
    if (signal.aborted) throw interruption(signal);
    let cancelled = Promise.resolve();
    const onAbort = (): void => {
      cancelled = cancel();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await ask<Row>(text, values, queryOptions);
    } catch (error) {
      if (signal.aborted && sqlstateOf(error) === sqlstate.queryCanceled) throw interruption(signal, error);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      // A late cancel must not hit the next statement: it is delivered before the next one is sent.
      await cancelled;
    }
  }

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (inTransaction) throw new MigrateError('INTERNAL', 'A transaction is already open in this session.');
    // The role's default could be another level; ours are written for this one.
    await ask('begin isolation level read committed');
    inTransaction = true;
    try {
      const result = await work();
      // If we die before the server reads this, nothing happened; after it, everything did: the ledger tells which.
      const { command } = await ask('commit');
      if (command !== 'COMMIT') throw new MigrateError('INTERNAL', 'The transaction had failed before its COMMIT.');
      return result;
    } catch (error) {
      await ask('rollback').catch(() => undefined); // a lost connection has rolled back by itself
      throw error;
    } finally {
      inTransaction = false;
    }
  }

  async function cancel(): Promise<void> {
    await observer.query('select pg_catalog.pg_cancel_backend($1)', [facts.backendPid]);
  }

  return {
    serverVersion: facts.version,
    backendPid: facts.backendPid,
    database: facts.database,
    role: facts.role,
    place: placeOf(connection.target),
    kysely: new Kysely<LedgerTables>({ dialect: sessionDialect((text, values) => ask(text, values)) }),
    query,
    transaction,
    observe: observer.query,
    connectAgain: (applicationName) => connection.again(applicationName),
    openAgain: async (applicationName) => openOn(await connection.again(applicationName), { ...how, applicationName }),
    onNotification: (listener) => connection.onNotification(listener),
    cancel,
    resetSettings: async () => {
      await ask('reset session authorization');
      await ask('reset role');
      await ask('reset all');
      await applySettings(connection);
    },
    close: async () => {
      await observer.end();
      await connection.end();
    },
  };
}

async function applySettings(connection: Connection): Promise<void> {
  const names = Object.keys(sessionSettings);
  const calls = names.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, false)`);
  await connection.query(`select ${calls.join(', ')}`, Object.entries(sessionSettings).flat());
  for (const [name, value] of Object.entries(settingsWhereKnown)) {
    try {
      await connection.query('select pg_catalog.set_config($1, $2, false)', [name, value]);
    } catch (error) {
      if (!notKnown.has(sqlstateOf(error))) throw error;
    }
  }
}

type Observer = { readonly query: Session['observe']; end(): Promise<void> };

/** The second connection, opened at its first use and again after it broke. */
function lazyObserver(main: Connection, applicationName: string, clock: Clock): Observer {
  let connection: Promise<Connection | null> | null = null;
  let ended = false;
  const answered = <T>(from: Connection, answer: Promise<T>): Promise<T> =>
    within(observerTimeoutMs * 2, { clock, abandon: (reason) => from.abandon(reason) }, answer);

  async function open(): Promise<Connection | null> {
    try {
      const opened = await main.again(`${applicationName}/observer`);
      // Whoever runs as another role may see and cancel its own session only as the role that it logged in as.
      await answered(opened, opened.query('set role none'));
      await answered(
        opened,
        opened.query("select pg_catalog.set_config('statement_timeout', $1, false)", [String(observerTimeoutMs)]),
      );
      return opened;
    } catch {
      return null; // no free connection slot, for example
    }
  }

  return {
    query: async <Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[] | null> => {
      if (ended) return null;
      connection ??= open();
      const opened = await connection;
      if (opened === null || opened.isLost()) {
        connection = null;
        await opened?.end();
        return null;
      }
      try {
        return (await answered(opened, opened.query<Row>(text, values))).rows;
      } catch {
        return null;
      }
    },
    end: async () => {
      ended = true;
      const opened = await connection;
      await opened?.end();
    },
  };
}
