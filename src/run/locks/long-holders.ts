/**
 * Long transactions that hold a table which a step is to lock: a report, a session that was left idle in its
 * transaction, a prepared transaction. Whoever queues behind one makes everybody else queue too, for nothing, since the
 * transaction will most likely outlast the try. So before a try that would queue they are looked for, and waited for
 * without any queue: the step holds nothing meanwhile and nobody waits for it.
 *
 * Only those that are there at the first look are waited for. Where the next report always begins before the last one
 * has ended, waiting for all of them would be for ever: then the step queues once for each round, for a limited time.
 *
 * If it was asked for, a transaction that stands in the way for too long is ended: sessions of ordinary clients only,
 * never of a superuser, of a replication role or of the server itself, and never a prepared transaction.
 */
import type { LockClaim } from '../../operations/effects.ts';
import { blocksWrites } from '../../postgres/lock-mode.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { Blocker, RunEvent, StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { holdersOf, type Holder } from './blockers.ts';
import { findClaimed, type ClaimedTable } from './claimed-tables.ts';

const lookEveryMs = 250; // a transaction that ends is noticed soon, at the price of four small queries a second

export type LongHolders = {
  /** Waits for those that are there now; says how long that took, and whether they are still there when `leftMs` is over. */
  wait(attempt: number, leftMs: number): Promise<{ readonly tookMs: number; readonly stillThere: boolean }>;
};

/** Of the tables of one step. Remembers since when each transaction is in the way. */
export function longHolders(runner: Runner, name: StepName, claims: readonly LockClaim[]): LongHolders {
  const { session, clock, locks: policy, signal, onEvent } = runner;
  const strong = claims.filter((claim) => blocksWrites(claim.mode));
  const seenSince = new Map<string, number>();
  const ended = new Set<string>();
  const begunAt = clock.now();
  const endAfterMs = policy.terminateBlockersAfterMs ?? Infinity;
  const longAfterMs = Math.min(policy.longAfterMs, endAfterMs);

  type Found = { readonly table: ClaimedTable; readonly holders: readonly Holder[] };

  /** In the order of the locks: the first table that is held by a long transaction. */
  async function look(tables: readonly ClaimedTable[], among: ReadonlySet<string> | null): Promise<Found | null> {
    for (const table of tables) {
      const holders = (await holdersOf(session, table.oid, table.claim.mode)).filter(isLong);
      const wanted = among === null ? holders : holders.filter(({ transaction }) => among.has(transaction));
      if (wanted.length > 0) return { table, holders: wanted };
    }
    return null;
  }

  /** A role that may not see when the transaction began sees at least for how long it has been in the way. */
  function isLong(holder: Holder): boolean {
    const { transaction, blocker, yields } = holder;
    if (!seenSince.has(transaction)) seenSince.set(transaction, clock.now());
    if (yields) return false;
    const age = Math.max(blocker.transactionAgeMs ?? 0, inTheWayFor(holder));
    return blocker.preparedTransaction !== null || age >= longAfterMs;
  }

  function inTheWayFor({ transaction }: Holder): number {
    return clock.now() - (seenSince.get(transaction) ?? clock.now());
  }

  async function endOverdue(holders: readonly Holder[]): Promise<void> {
    for (const holder of holders) {
      if (ended.has(holder.transaction) || inTheWayFor(holder) < endAfterMs) continue;
      ended.add(holder.transaction); // once: what did not work will not work a moment later
      const inTheWayForMs = inTheWayFor(holder);
      const spared = await endSession(holder);
      onEvent({ kind: 'blocker_terminated', ...name, blocker: holder.blocker, inTheWayForMs, spared });
    }
  }

  /** Null when it was ended, else why not. The conditions are the server's to judge, in the statement that ends it. */
  async function endSession({ blocker, transaction }: Holder): Promise<Spared | null> {
    if (blocker.pid === null) return 'prepared_transaction';
    try {
      const { rows } = await session.query<{ ordinary: boolean; ended: boolean }>(
        `select ordinary, ordinary and pg_catalog.pg_terminate_backend(pid) as ended
           from (select a.pid, coalesce(a.backend_type, 'client backend') = 'client backend'
                        and r.oid is not null and not r.rolsuper and not r.rolreplication as ordinary
                   from pg_catalog.pg_stat_activity a left join pg_catalog.pg_roles r on r.oid = a.usesysid
                  where a.pid = $1
                    and exists (select from pg_catalog.pg_locks l where l.pid = a.pid and l.virtualtransaction = $2)) as it`,
        [blocker.pid, transaction],
      );
      const [row] = rows;
      return row === undefined || row.ordinary ? null : 'not_an_ordinary_client'; // no row: it has just ended by itself
    } catch (error) {
      if (sqlstateOf(error) !== sqlstate.insufficientPrivilege) throw error;
      return 'not_permitted';
    }
  }

  return {
    async wait(attempt, leftMs) {
      if (strong.length === 0) return { tookMs: 0, stillThere: false };
      const startedAt = clock.now();
      const tables = await findClaimed(session, strong, name.title);
      let among: ReadonlySet<string> | null = null;
      for (;;) {
        throwIfInterrupted(signal);
        const found = await look(tables, among);
        const tookMs = clock.now() - startedAt;
        if (found === null) return { tookMs, stillThere: false };
        among ??= new Set(found.holders.map(({ transaction }) => transaction));
        if (!policy.waitForBlockers && tookMs + lookEveryMs >= leftMs) return { tookMs, stillThere: true };
        await endOverdue(found.holders);
        onEvent({
          kind: 'lock_waiting',
          ...name,
          table: found.table.claim.table,
          mode: found.table.claim.mode,
          attempt,
          lockTimeoutMs: 0,
          waitedMs: clock.now() - begunAt,
          budgetMs: policy.waitForBlockers ? null : policy.budgetMs,
          nextTryInMs: lookEveryMs,
          blockers: found.holders.map(({ blocker }): Blocker => blocker),
        });
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}

type Spared = NonNullable<Extract<RunEvent, { readonly kind: 'blocker_terminated' }>['spared']>;
