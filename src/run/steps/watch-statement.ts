/**
 * The watchdog of a long statement outside a transaction: tells how far an index build is and for whom it waits.
 *
 * A concurrent build waits for every transaction older than itself. It queues nobody meanwhile, so it is not cut short;
 * but a person has to see the session that was left open since yesterday.
 */
import type { Clock } from '../clock.ts';
import { blockersNow } from '../locks/blockers.ts';
import type { Blocker, OnEvent, StepName } from '../run-event.ts';
import type { Session } from '../session.ts';

const firstLookMs = 200;
const lookEveryMs = 1_000; // often enough for a bar, rare enough to cost nothing

export type StatementWatch = {
  /** Who was in the way when it was last looked at. Does not wait for a look that is under way. */
  stop(): readonly Blocker[];
};

export function watchStatement(session: Session, clock: Clock, name: StepName, onEvent: OnEvent): StatementWatch {
  const stopped = new AbortController();
  let last: readonly Blocker[] = [];

  async function look(waitedMs: number): Promise<void> {
    const blockers = await blockersNow(session);
    last = blockers;
    const progress = await indexProgress(session);
    if (stopped.signal.aborted) return;
    if (progress !== null) onEvent({ kind: 'index_progress', ...name, ...progress, blockers });
    else if (blockers.length > 0) onEvent({ kind: 'statement_waiting', ...name, waitedMs, blockers });
  }

  async function keepLooking(): Promise<void> {
    const startedAt = clock.now();
    await clock.sleep(firstLookMs, stopped.signal);
    while (!stopped.signal.aborted) {
      await look(clock.now() - startedAt);
      await clock.sleep(lookEveryMs, stopped.signal);
    }
  }

  keepLooking().catch(() => undefined); // a listener that throws must not end the statement
  return {
    stop: () => {
      stopped.abort();
      return last;
    },
  };
}

async function indexProgress(
  session: Session,
): Promise<{ readonly phase: string; readonly percent: number | null } | null> {
  const rows = await session.observe<{ phase: string; percent: number | null }>(
    // Each phase counts in a unit of its own and leaves the others at their last values or at 0.
    `select phase,
            least(100, 100.0 * case
              when phase like 'waiting for %' then lockers_done::float8 / nullif(lockers_total, 0)
              when tuples_total > 0 then tuples_done::float8 / tuples_total
              else blocks_done::float8 / nullif(blocks_total, 0)
            end) as percent
       from pg_catalog.pg_stat_progress_create_index where pid = $1`,
    [session.backendPid],
  );
  return rows?.[0] ?? null;
}
