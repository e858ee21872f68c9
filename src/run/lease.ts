/**
 * The lease: the right to run, held by one runner at a time. One row of the ledger with its owner and a random token.
 *
 * When is a holder alive? Exactly as long as its main connection's backend is (pid and backend_start in
 * pg_stat_activity). Everything a runner does goes through that one session, so when the backend is gone, nothing of it
 * can still happen, and when it is there, a statement may still be running, however dead the client. So there is no
 * background heartbeat that could fail while the work goes on, or go on while the work hangs:
 * - a killed runner's backend ends within a second (client_connection_check_interval), and the next runner goes on;
 * - a machine that vanishes is noticed by TCP keepalive (25 s, set in session.ts);
 * - a suspended runner keeps its lease, because its session is still there.
 * - where backend_start is hidden from our role (another role's session, without pg_read_all_stats), the holder's session
 *   is known by an advisory lock, which pg_locks shows to everybody. It is tried, never waited for.
 * `heartbeat_at` is written by every fenced transaction, for people.
 *
 * Waiting is polling: a session that blocks inside pg_advisory_lock would hold a snapshot and make the holder's
 * CREATE INDEX CONCURRENTLY wait for us (trap 20).
 *
 * If the process dies after taking the lease, the row names a backend that is gone: the next run takes it over.
 */
import { sql } from 'kysely';
import { MigrateError } from '../errors.ts';
import { sqlstate, sqlstateOf } from '../postgres/sqlstate.ts';
import { thisProcess, type Clock } from './clock.ts';
import { throwIfInterrupted } from './interruption.ts';
import { mayNotUse } from './ledger/install.ts';
import { fenced, tables, type Ledger } from './ledger/ledger.ts';
import type { LeaseHolder, OnEvent } from './run-event.ts';
import type { Session } from './session.ts';

export type LeaseOptions = {
  readonly schema: string;
  readonly applicationName: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** How long to wait for a holder that is alive. */
  readonly waitMs: number;
  /** Of a lease whose session this process has lost: what the server has not noticed yet is ended, not waited for. */
  readonly lostToken?: string | null;
};

/** A killed runner's backend is gone after one second; so this waits for it, and does not hide a deploy that runs. */
export const defaultLeaseWaitMs = 5_000;

const pollMs = 200; // a holder's release is noticed soon, at the price of five small queries a second
const advisoryClass = 1_869_510_500; // "onwd" in ASCII: the first half of the advisory lock's key; the schema makes the other

/** Throws LEASE_HELD. */
export async function acquireLease(session: Session, options: LeaseOptions): Promise<Ledger> {
  const startedAt = options.clock.now();
  for (;;) {
    throwIfInterrupted(options.signal);
    const attempt = await tryToAcquire(session, options).catch((error: unknown) => {
      if (sqlstateOf(error) !== sqlstate.insufficientPrivilege) throw error;
      throw mayNotUse(session, options.schema, error);
    });
    if (attempt.kind === 'acquired') {
      if (attempt.from !== null) options.onEvent({ kind: 'lease_taken_over', holder: attempt.from });
      return { session, schema: options.schema, token: attempt.token };
    }
    // Nobody sends anything over that session any more. If it was ended already, or may not be, we wait like anybody.
    if (attempt.token !== null && attempt.token === options.lostToken) {
      if (await endHolder(session, options.schema, options.clock).catch(() => false)) continue;
    }
    const waitedMs = options.clock.now() - startedAt;
    if (waitedMs >= options.waitMs) throw leaseHeld(attempt.holder, waitedMs);
    options.onEvent({ kind: 'lease_waiting', holder: attempt.holder, waitedMs, waitMs: options.waitMs });
    await options.clock.sleep(Math.min(pollMs, options.waitMs - waitedMs), options.signal);
  }
}

/** Does nothing when the lease is not ours any more, or the connection is gone: both leave it to the next runner. */
export async function releaseLease(ledger: Ledger): Promise<void> {
  try {
    await fenced(ledger, async () => {
      await tables(ledger)
        .updateTable('lease')
        .set({ token: null, backend_pid: null, backend_start: null })
        .where('token', '=', ledger.token)
        .execute();
    });
  } catch {
    // Nothing to do: our backend ends with the session, and a lease without its backend is free.
  }
}

/** Null when nobody runs. */
export async function readLeaseHolder(session: Session, schema: string): Promise<LeaseHolder | null> {
  const row = await leaseRow(session, schema);
  return row === null || !row.alive ? null : row.holder;
}

export type Lease = {
  readonly holder: LeaseHolder;
  /** Whether its session is still there. */
  readonly alive: boolean;
  /** What that session does at present, as far as our role may see it. */
  readonly state: string | null;
  readonly query: string | null;
};

/** Null when nobody holds it. Unlike `readLeaseHolder`, it also tells of a holder whose session is gone. */
export async function readLease(session: Session, schema: string): Promise<Lease | null> {
  const row = await leaseRow(session, schema);
  if (row === null) return null;
  const seen = await session.query<{ state: string | null; query: string | null }>(
    `select state, left(regexp_replace(query, '\\s+', ' ', 'g'), 200) as query
       from pg_catalog.pg_stat_activity where pid = $1`,
    [row.holder.backendPid],
  );
  const { holder, alive } = row;
  return { holder, alive, state: alive ? (seen.rows[0]?.state ?? null) : null, query: seen.rows[0]?.query ?? null };
}

const endingMs = 10_000; // a session that rolls back a small transaction is gone in milliseconds

/** Ends the holder's session, if it is still the holder's, and waits until it is gone. False when it outlasts that. */
export async function endHolder(
  session: Session,
  schema: string,
  clock: Clock,
  signal: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  // In one statement: a pid that was given to somebody else in between is not touched.
  await session.kysely
    .withSchema(schema)
    .selectFrom('lease')
    .select(sql<boolean>`pg_catalog.pg_terminate_backend(backend_pid)`.as('told'))
    .where('id', '=', 1)
    .where((where) => where.or([isBackendSeen, isLockSeen(schema)]))
    .execute();
  for (let waitedMs = 0; waitedMs < endingMs; waitedMs += pollMs) {
    if ((await leaseRow(session, schema))?.alive !== true) return true;
    await clock.sleep(pollMs, signal);
    throwIfInterrupted(signal);
  }
  return false;
}

/** Only of a holder whose session is gone. */
export async function clearLease(session: Session, schema: string): Promise<boolean> {
  const row = await leaseRow(session, schema);
  if (row === null || row.alive) return row === null;
  const { numUpdatedRows } = await session.kysely
    .withSchema(schema)
    .updateTable('lease')
    .set({ token: null, backend_pid: null, backend_start: null })
    .where('token', '=', row.token)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

type Attempt =
  | { readonly kind: 'acquired'; readonly token: string; readonly from: LeaseHolder | null }
  | { readonly kind: 'held'; readonly holder: LeaseHolder; readonly token: string | null };

async function tryToAcquire(session: Session, options: LeaseOptions): Promise<Attempt> {
  return session.transaction(async () => {
    const db = session.kysely.withSchema(options.schema);
    const held = await leaseRow(session, options.schema);
    if (held !== null && held.alive) return { kind: 'held', holder: held.holder, token: held.token };
    // SKIP LOCKED: a transaction of the old holder that is still open keeps the row, and another runner may be ahead.
    const free = await db
      .selectFrom('lease')
      .select('token')
      .where('id', '=', 1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (free === undefined || free.token !== (held?.token ?? null)) {
      return { kind: 'held', holder: held?.holder ?? unknownHolder, token: null };
    }
    const taken = await db
      .updateTable('lease')
      .set({
        token: sql<string>`gen_random_uuid()`,
        ...thisProcess(),
        application: options.applicationName,
        backend_pid: session.backendPid,
        backend_start: sql<string>`(select backend_start from pg_stat_activity where pid = pg_backend_pid())`,
        acquired_at: sql<Date>`clock_timestamp()`,
        heartbeat_at: sql<Date>`clock_timestamp()`,
      })
      .where('id', '=', 1)
      .returning('token')
      .executeTakeFirstOrThrow();
    await sql`select pg_try_advisory_lock(${advisoryClass}::integer, ${advisoryObject(options.schema)})`.execute(db);
    if (taken.token === null) throw new MigrateError('INTERNAL', 'The lease was taken without a token.');
    return { kind: 'acquired', token: taken.token, from: held?.holder ?? null };
  });
}

type LeaseRow = { readonly token: string; readonly alive: boolean; readonly holder: LeaseHolder };

async function leaseRow(session: Session, schema: string): Promise<LeaseRow | null> {
  const row = await session.kysely
    .withSchema(schema)
    .selectFrom('lease')
    .selectAll()
    .select([isBackendSeen.as('backend_seen'), isLockSeen(schema).as('lock_seen')])
    .where('id', '=', 1)
    .executeTakeFirst();
  if (row === undefined || row.token === null) return null;
  const holder: LeaseHolder = {
    host: row.host ?? 'unknown',
    process: row.process ?? 0,
    application: row.application ?? 'unknown',
    backendPid: row.backend_pid ?? 0,
    acquiredAt: row.acquired_at ?? new Date(0),
    heartbeatAt: row.heartbeat_at ?? new Date(0),
  };
  return { token: row.token, alive: row.backend_seen || row.lock_seen, holder };
}

const isBackendSeen = sql<boolean>`exists (select from pg_stat_activity a
  where a.pid = lease.backend_pid and a.backend_start = lease.backend_start)`;

function isLockSeen(schema: string) {
  return sql<boolean>`exists (select from pg_locks l where l.pid = lease.backend_pid and l.locktype = 'advisory' and l.granted
    and l.classid::bigint = ${advisoryClass} and l.objid::bigint = ${advisoryObject(schema)})`;
}

function advisoryObject(schema: string) {
  return sql<number>`(hashtext(${schema}) & 2147483647)`;
}

/** Two runners met between the look and the lock: the next poll sees who it was. */
const unknownHolder: LeaseHolder = {
  host: 'unknown',
  process: 0,
  application: 'unknown',
  backendPid: 0,
  acquiredAt: new Date(0),
  heartbeatAt: new Date(0),
};

function leaseHeld(holder: LeaseHolder, waitedMs: number): MigrateError {
  const who = `${holder.application}, process ${holder.process} on ${holder.host}, database session ${holder.backendPid}`;
  const waited = waitedMs < 1_000 ? '' : ` Waited ${Math.round(waitedMs / 1_000)} s for it.`;
  return new MigrateError(
    'LEASE_HELD',
    `Another run is at work: ${who}, since ${holder.acquiredAt.toISOString()}.${waited}`,
    {
      hint: [
        'Wait until it has finished, or look at it with `migrate status`.',
        'Should it hang, end its session, which frees the lease: migrate unlock --terminate',
      ].join('\n'),
      details: { holder, waitedMs },
    },
  );
}
