/**
 * Who stands in our way: from pg_locks for a table that we just failed to lock, from pg_blocking_pids for a statement
 * that waits right now.
 *
 * What it finds is for people. An empty list means that the blocker is gone by now, or that our role may not see it.
 */
import { conflicts, lockModes, pgLocksSpelling, type LockMode } from '../../postgres/lock-mode.ts';
import { quoteLiteral } from '../../sql/identifier.ts';
import type { Clock } from '../clock.ts';
import type { Blocker } from '../run-event.ts';
import type { Session } from '../session.ts';

const shownQueryLength = 200; // characters: enough to recognise a statement, short enough for a terminal

/** The session that holds a lock, or the transaction that was prepared with it. */
export type Holder = {
  readonly blocker: Blocker;
  /** The server's name for the transaction, which everybody may see: the same for as long as the lock can be held. */
  readonly transaction: string;
  /** An autovacuum, which the server itself cancels once somebody queues behind it. */
  readonly yields: boolean;
};

const blockerColumns = `a.pid, a.usename as "user", a.application_name as application, a.state,
  round(extract(epoch from clock_timestamp() - a.xact_start) * 1000)::float8 as "transactionAgeMs",
  round(extract(epoch from clock_timestamp() - a.query_start) * 1000)::float8 as "queryAgeMs",
  left(regexp_replace(a.query, '\\s+', ' ', 'g'), ${shownQueryLength}) as query`;

/** Sessions and prepared transactions that hold a lock on the table which excludes `mode`. Runs on the main connection. */
export async function holdersOf(session: Session, table: string, mode: LockMode): Promise<readonly Holder[]> {
  const excluding = lockModes.filter((held) => conflicts(held, mode)).map(pgLocksSpelling);
  const { rows } = await session.query<Blocker & Omit<Holder, 'blocker'>>(
    // A prepared transaction has no pid; its lock on its own transaction id leads to its name. That an autovacuum is one
    // against wraparound, which does not yield, is told by its query alone.
    `select ${blockerColumns}, p.gid as "preparedTransaction", holder.virtualtransaction as transaction,
            coalesce(a.backend_type = 'autovacuum worker' and a.query not like '%(to prevent wraparound)', false) as yields
       from (select distinct l.pid, l.virtualtransaction from pg_locks l
              where l.relation = $1::oid and l.granted and l.pid is distinct from pg_backend_pid()
                and l.database = (select oid from pg_database where datname = current_database())
                and l.mode = any ($2)) as holder
       left join pg_stat_activity a on a.pid = holder.pid
       left join pg_locks x on holder.pid is null and x.pid is null and x.locktype = 'transactionid'
                           and x.virtualtransaction = holder.virtualtransaction
       left join pg_prepared_xacts p on p.transaction = x.transactionid
      order by a.xact_start nulls last`,
    [table, excluding],
  );
  return rows.map(({ transaction, yields, ...blocker }) => ({ blocker, transaction, yields }));
}

/** Who blocks our main connection at this moment; runs on the second one, because the main one waits. */
export async function blockersNow(session: Session): Promise<readonly Blocker[]> {
  const rows = await session.observe<Blocker>(
    // A prepared transaction shows as pid 0, without saying which one: then it is one of these.
    `select ${blockerColumns}, p.gid as "preparedTransaction"
       from (select distinct pid from unnest(pg_blocking_pids($1)) as blocking (pid)) as b
       left join pg_stat_activity a on a.pid = b.pid
       left join pg_prepared_xacts p on b.pid = 0 and p.database = current_database()
      order by a.xact_start nulls last`,
    [session.backendPid],
  );
  return rows ?? [];
}

export type BlockerWatch = {
  /** The last sessions that were seen in our way. Does not wait for a look that is under way: the caller holds locks. */
  stop(): readonly Blocker[];
};

const firstLookMs = 20; // most statements are through by then, and cost no second connection
const lookEveryMs = 200;

/** Looks again and again who blocks the main connection, until it is stopped. */
export function watchBlockers(session: Session, clock: Clock): BlockerWatch {
  const stopped = new AbortController();
  let last: readonly Blocker[] = [];
  async function look(): Promise<void> {
    await clock.sleep(firstLookMs, stopped.signal);
    while (!stopped.signal.aborted) {
      const blockers = await blockersNow(session);
      if (blockers.length > 0) last = blockers;
      await clock.sleep(lookEveryMs, stopped.signal);
    }
  }

  look().catch(() => undefined); // it cannot fail: what cannot be seen is an empty list
  return {
    stop: () => {
      stopped.abort();
      return last;
    },
  };
}

/** One line about a blocker, for messages. */
export function describeBlocker(blocker: Blocker): string {
  if (blocker.preparedTransaction !== null) return `prepared transaction ${blocker.preparedTransaction}`;
  const parts = [
    `session ${blocker.pid ?? 'unknown'}`,
    ...(blocker.user === null ? [] : [`user ${blocker.user}`]),
    ...(blocker.application === null || blocker.application === '' ? [] : [`application ${blocker.application}`]),
    ...(blocker.state === null ? [] : [blocker.state]),
    ...(blocker.transactionAgeMs === null ? [] : [`transaction open for ${seconds(blocker.transactionAgeMs)}`]),
    ...(blocker.query === null || blocker.query === '' ? [] : [`query: ${blocker.query}`]),
  ];
  return parts.join(', ');
}

/** The statements that end them. */
export function endingStatements(blockers: readonly Blocker[]): string {
  return blockers
    .map((blocker) =>
      blocker.preparedTransaction !== null
        ? `ROLLBACK PREPARED ${quoteLiteral(blocker.preparedTransaction)};`
        : `SELECT pg_terminate_backend(${blocker.pid ?? 0});`,
    )
    .join('\n  ');
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}
