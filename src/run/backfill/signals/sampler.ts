/**
 * Measures the signals again and again, apart from the batches: a batch that waits must not keep anybody from seeing why.
 *
 * The server's signals are one statement on a connection of their own; when it fails, each is asked alone, and those that
 * fail alone are left out of it for a while, so that one of them neither hides the others nor fills the server's log. A
 * user's queries have another connection, and the HTTP checks none: what hangs there delays nothing here.
 *
 * Nothing here decides anything: what was measured when is all that it tells. A loop that hangs shows by its samples
 * growing old. The connections can only read, and only for a moment.
 */
import { MigrateError } from '../../../errors.ts';
import { sqlstate, sqlstateOf } from '../../../postgres/sqlstate.ts';
import { identifier, join, sql } from '../../../sql/template.ts';
import type { Clock } from '../../clock.ts';
import type { Connection } from '../../connection/connection.ts';
import { within } from '../../connection/silence.ts';
import { readHttpCheck, type HttpCheck } from './http-check.ts';
import type { Sample } from './judgement.ts';
import { usualIntervalMs, type Reading, type SignalTarget, type Watch } from './signal.ts';
import { serverSignalsOf, type SignalOptions, type WatchedServerSignal } from './settings.ts';
import { readUserQuery, userIntervalMs, type UserQuery } from './user-query.ts';

type Sampled = { readonly watch: Watch; readonly sample: Sample };

export type Sampler = {
  /** What is known by now, in a fixed order. */
  sampled(): readonly Sampled[];
  /** Ends the loops and their connections. Never throws. */
  stop(): Promise<void>;
};

export type SamplerOptions = {
  readonly connect: (purpose: string) => Promise<Connection>;
  readonly clock: Clock;
  readonly target: () => Omit<SignalTarget, 'serverVersion'>;
  readonly signals: SignalOptions;
  /** After each round of the server's signals, with a way to act on the same connection. */
  readonly onRound: (connection: Connection | null) => Promise<void>;
};

const statementTimeoutMs = 1_000; // half of the age at which a sample is stale
const silentAfterMs = 15_000; // a round is some statements, and each of them ends after a second
const failedAloneMs = 1_000; // until a signal that failed is asked again
const refusedMs = 60_000; // the same, when our role lacks the right: somebody may grant it
const reconnectMs = 1_000;

export function startSampler({ connect, clock, target, signals, onRound }: SamplerOptions): Sampler {
  const stopped = new AbortController();
  const board = new Map<string, { watch: Watch; sample: Sample; dueAt: number; alone: boolean }>();
  const add = (watch: Watch): void => {
    board.set(watch.name, { watch, sample: { at: null, result: null }, dueAt: -Infinity, alone: false });
  };

  let serverVersion = 0; // asked with each new connection: a failover may have changed it
  const server = serverSignalsOf(signals);
  const queries = Object.entries(signals.queries ?? {});
  const checks = Object.entries(signals.httpChecks ?? {});
  for (const { name, optional, wanted, signal } of server) add({ name, optional, wanted, everyMs: signal.everyMs });
  for (const [name, given] of [...queries, ...checks]) add(watchOf(name, given));

  function measuredNow(name: string, reading: Reading): void {
    const entry = board.get(name);
    if (entry === undefined) return;
    const now = clock.now();
    entry.sample = { at: now, result: reading };
    entry.dueAt = now + entry.watch.everyMs;
    entry.alone = false;
  }

  function failedNow(name: string, error: unknown): void {
    const entry = board.get(name);
    if (entry === undefined) return;
    const now = clock.now();
    const refused = sqlstateOf(error) === sqlstate.insufficientPrivilege;
    const result = refused
      ? ({ kind: 'unavailable', needs: 'another right' } as const)
      : ({ kind: 'failed', reason: messageOf(error) } as const);
    entry.sample = { at: now, result };
    entry.dueAt = now + (refused ? refusedMs : failedAloneMs);
    entry.alone = true;
  }

  const isDue = (name: string): boolean => (board.get(name)?.dueAt ?? Infinity) <= clock.now();
  const isAlone = (name: string): boolean => board.get(name)?.alone === true;

  async function askServer(connection: Connection, asked: readonly WatchedServerSignal[]): Promise<void> {
    if (asked.length === 0) return;
    const aim = { ...target(), serverVersion };
    const columns = asked.map(({ name, signal }) => sql`(${signal.sql(aim)}) as ${identifier(name)}`);
    const { rows } = await connection.query<Readonly<Record<string, unknown>>>(sql`select ${join(columns)}`.text);
    const now = clock.now();
    for (const { name, signal } of asked) measuredNow(name, signal.read(rows[0]?.[name], now));
  }

  async function askAlone(connection: Connection, asked: readonly WatchedServerSignal[]): Promise<void> {
    for (const one of asked) {
      try {
        await askServer(connection, [one]);
      } catch (error) {
        if (connection.isLost()) throw error;
        failedNow(one.name, error);
      }
    }
  }

  async function serverRound(connection: Connection): Promise<void> {
    const due = server.filter(({ name }) => isDue(name));
    const together = due.filter(({ name }) => !isAlone(name));
    try {
      await askServer(connection, together);
    } catch (error) {
      if (connection.isLost()) throw error;
      await askAlone(connection, together);
    }
    const alone = due.filter(({ name }) => isAlone(name) && isDue(name));
    await askAlone(connection, alone);
    await onRound(connection);
  }

  async function queryRound(connection: Connection): Promise<void> {
    for (const [name, query] of queries) {
      if (!isDue(name)) continue;
      try {
        measuredNow(name, await readUserQuery(connection, query));
      } catch (error) {
        if (connection.isLost()) throw error;
        failedNow(name, error);
      }
    }
  }

  async function checkLoop([name, check]: readonly [string, HttpCheck]): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        measuredNow(name, await readHttpCheck(check, stopped.signal));
      } catch (error) {
        failedNow(name, error);
      }
      await clock.sleep(check.everyMs ?? userIntervalMs, stopped.signal);
    }
  }

  /** Rounds on one connection, which is made anew when it is lost. */
  async function connectedLoop(
    purpose: string,
    names: readonly string[],
    settings: Readonly<Record<string, string>>,
    round: (connection: Connection) => Promise<void>,
  ): Promise<void> {
    while (!stopped.signal.aborted) {
      let connection: Connection | null = null;
      const endNow = (): void => void connection?.end();
      const abandon = (reason: string): void => connection?.abandon(reason);
      try {
        connection = await connect(purpose);
        stopped.signal.addEventListener('abort', endNow, { once: true });
        serverVersion = await applySettings(connection, settings);
        while (!stopped.signal.aborted) {
          const startedAt = clock.now();
          await within(silentAfterMs, { clock, abandon }, round(connection));
          await clock.sleep(Math.max(0, usualIntervalMs - (clock.now() - startedAt)), stopped.signal);
        }
      } catch (error) {
        if (stopped.signal.aborted) break;
        for (const name of names) failedNow(name, error);
        await onRound(null);
      } finally {
        stopped.signal.removeEventListener('abort', endNow);
        await connection?.end();
      }
      for (const name of names) dueAgain(name);
      await clock.sleep(reconnectMs, stopped.signal);
    }
  }

  /** What failed with the connection is nobody's fault: it is asked with the others again. */
  function dueAgain(name: string): void {
    const entry = board.get(name);
    if (entry === undefined) return;
    entry.dueAt = -Infinity;
    entry.alone = false;
  }

  const loops = [
    ...(server.length === 0
      ? []
      : [
          connectedLoop(
            'signals',
            server.map(({ name }) => name),
            ownSettings,
            serverRound,
          ),
        ]),
    ...(queries.length === 0
      ? []
      : [
          connectedLoop(
            'queries',
            queries.map(([name]) => name),
            usersSettings,
            queryRound,
          ),
        ]),
    ...checks.map(checkLoop),
  ];
  const ended = Promise.allSettled(loops);
  return {
    sampled: () => [...board.values()].map(({ watch, sample }) => ({ watch, sample })),
    stop: async () => {
      stopped.abort();
      await ended;
    },
  };
}

function watchOf(name: string, { everyMs = userIntervalMs, optional = false }: UserQuery | HttpCheck): Watch {
  return { name, everyMs, optional, wanted: true };
}

const usersSettings: Readonly<Record<string, string>> = {
  default_transaction_read_only: 'on',
  statement_timeout: String(statementTimeoutMs),
  lock_timeout: '100ms', // a strong lock on the table is a reason to wait, and never one to queue
  idle_session_timeout: '0',
};

const ownSettings: Readonly<Record<string, string>> = {
  ...usersSettings,
  search_path: 'pg_catalog',
  jit: 'off', // compiling costs more than the statement
};

/** Answers with the server's major version. */
async function applySettings(connection: Connection, settings: Readonly<Record<string, string>>): Promise<number> {
  const calls = Object.keys(settings).map(
    (_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, false)`,
  );
  const { rows } = await connection.query<{ version: number }>(
    `select current_setting('server_version_num')::integer / 10000 as version, ${calls.join(', ')}`,
    Object.entries(settings).flat(),
  );
  return rows[0]?.version ?? 0;
}

function messageOf(error: unknown): string {
  if (error instanceof MigrateError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
