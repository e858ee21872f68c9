/**
 * Checkpoints that did not wait for their time, over the last five minutes: the log had grown to max_wal_size, or somebody
 * asked for one. After each, every page that is changed is written to the log as a whole, which makes the log grow faster.
 *
 * Source: `num_requested` of pg_stat_checkpointer since Postgres 17, `checkpoints_req` of pg_stat_bgwriter before
 * (https://www.postgresql.org/docs/17/release-17.html, "Monitoring"); everybody may read both. Without a limit unless one
 * is given: with a max_wal_size of a gigabyte every large write forces them, and waiting would not make it better.
 */
import { raw, sql } from '../../../sql/template.ts';
import { measured, serverSignal, statisticsIntervalMs, type CommonSettings, type ServerSignal } from './signal.ts';

export type ForcedCheckpointsSettings = CommonSettings & {
  /** In five minutes. */
  readonly limit: number | null;
};

export const defaultForcedCheckpoints: ForcedCheckpointsSettings = { limit: null };

const spanMs = 300_000; // checkpoint_timeout as it comes: one that is not forced is as far from the next
const firstWithCheckpointer = 17;

type Count = { readonly at: number; readonly requested: number };

/** Requested since the oldest count that is not older than the span, or the last one before it. */
function countsAfter(counts: readonly Count[], latest: Count): readonly Count[] {
  const last = counts.at(-1);
  // The statistics were reset: what was counted before says nothing.
  const known = last !== undefined && latest.requested < last.requested ? [] : counts;
  const next = last?.requested === latest.requested && known.length > 1 ? known : [...known, latest];
  const firstNeeded = next.findLastIndex(({ at }) => latest.at - at >= spanMs);
  return next.slice(Math.max(0, firstNeeded));
}

export function forcedCheckpoints({ limit }: ForcedCheckpointsSettings): ServerSignal {
  let counts: readonly Count[] = [];
  return serverSignal<{ readonly requested: number }>({
    everyMs: statisticsIntervalMs,
    sql: ({ serverVersion }) =>
      sql`select json_build_object('requested', ${raw(
        serverVersion >= firstWithCheckpointer
          ? 'num_requested) from pg_stat_checkpointer'
          : 'checkpoints_req) from pg_stat_bgwriter',
      )}`,
    read: ({ requested }, now) => {
      counts = countsAfter(counts, { at: now, requested });
      const value = requested - (counts[0]?.requested ?? requested);
      return measured({ value, limit, unit: 'checkpoints', about: null });
    },
  });
}
