/**
 * Sessions of others that wait for a lock of ours, and for how long the first of them has waited.
 *
 * Source: pg_locks (`waitstart`, 14 and newer) and pg_blocking_pids(), which everybody may read. From one second on the
 * next batches are smaller; a batch for which somebody waits five seconds is cancelled, if it still runs.
 */
import { join, literal, sql, type SqlFragment } from '../../../sql/template.ts';
import { measured, numbers, serverSignal, type CommonSettings, type ServerSignal } from './signal.ts';

export type BlockedSessionsSettings = CommonSettings & {
  readonly limitMs: number | null;
  /** Null: no batch is cancelled. */
  readonly cancelAfterMs: number | null;
};

export const defaultBlockedSessions: BlockedSessionsSettings = {
  limitMs: 1_000,
  cancelAfterMs: 5_000,
};

type Answer = { readonly waiting: number; readonly longestMs: number | null; readonly pid: number | null };

export function blockedSessions({ limitMs }: BlockedSessionsSettings): ServerSignal {
  return serverSignal<Answer>({
    sql: ({ backends }) => sql`select json_build_object(
        'waiting', count(*), 'longestMs', max(ms), 'pid', (array_agg(pid order by ms desc))[1])
      from (${waitingForUs(backends)}) as waiting`,
    read: ({ waiting, longestMs, pid }) => {
      const about = waiting === 0 ? null : `session ${pid}${waiting > 1 ? ` and ${waiting - 1} more` : ''}`;
      return measured({ value: longestMs ?? 0, limit: limitMs, unit: 'ms', about });
    },
  });
}

/** Cancels those of our backends for which somebody has waited too long. They are in a batch: nobody waits otherwise. */
export function cancelBlockingSql(backends: readonly number[], afterMs: number): string {
  const own = backends.map((pid) => sql`(${literal(pid)}::integer)`);
  return sql`select pg_cancel_backend(own.pid) from (values ${join(own)}) as own (pid)
    where exists (select from (${waitingForUs(backends)}) as waiting
                   where waiting.ms >= ${literal(afterMs)} and own.pid = any (pg_blocking_pids(waiting.pid)))`.text;
}

function waitingForUs(backends: readonly number[]): SqlFragment {
  // `waitstart` is NULL for a moment after the wait has begun.
  return sql`select l.pid, coalesce(extract(epoch from clock_timestamp() - min(l.waitstart)) * 1000, 0)::float8 as ms
      from pg_locks l where not l.granted and l.pid <> all (${numbers(backends)})
     group by l.pid having pg_blocking_pids(l.pid) && ${numbers(backends)}`;
}
