/**
 * Dead rows of the table while a vacuum is at work on it.
 *
 * Source: the table's statistics of dead and live rows, pg_stat_progress_vacuum, and for its reason the text that an
 * autovacuum worker shows in pg_stat_activity. A backfill leaves dead rows faster than a vacuum removes them, and the
 * vacuum never ends; so it waits for the vacuum when they are many. A vacuum against wraparound has the right of way in
 * any case. Without a vacuum at work the share of dead rows is shown and does not count: waiting would not help.
 *
 * Which vacuums run is seen with pg_read_all_stats only.
 */
import { sql } from '../../../sql/template.ts';
import {
  measured,
  seesAllSessions,
  serverSignal,
  statisticsIntervalMs,
  statisticsRole,
  tableAndPartitions,
  type CommonSettings,
  type ServerSignal,
} from './signal.ts';

export type DeadRowsSettings = CommonSettings & { readonly limitPercent: number | null };

export const defaultDeadRows: DeadRowsSettings = { limitPercent: 20 };

type Answer = {
  readonly visible: boolean;
  readonly dead: number;
  readonly live: number;
  readonly vacuums: number;
  readonly wraparound: boolean | null;
};

export function deadRows({ limitPercent }: DeadRowsSettings): ServerSignal {
  return serverSignal<Answer>({
    everyMs: statisticsIntervalMs,
    sql: ({ table }) => sql`with leaf as (${tableAndPartitions(table)}) select json_build_object(
        'visible', ${seesAllSessions},
        'dead', coalesce((select sum(pg_stat_get_dead_tuples(oid)) from leaf), 0),
        'live', coalesce((select sum(pg_stat_get_live_tuples(oid)) from leaf), 0),
        'vacuums', count(*),
        'wraparound', bool_or(a.query like 'autovacuum: %(to prevent wraparound)'))
      from pg_stat_progress_vacuum v left join pg_stat_activity a on a.pid = v.pid
     where v.datname = current_database() and v.relid in (select oid from leaf)`,
    read: ({ visible, dead, live, vacuums, wraparound }) => {
      if (!visible) return { kind: 'unavailable', needs: statisticsRole };
      if (wraparound === true) {
        const about = 'a vacuum against wraparound is at work';
        return measured({ value: Number.POSITIVE_INFINITY, limit: limitPercent, unit: '%', about });
      }
      const value = dead + live > 0 ? (dead / (dead + live)) * 100 : 0;
      return vacuums > 0
        ? measured({ value, limit: limitPercent, unit: '%', about: 'a vacuum is at work' })
        : measured({ value, limit: null, unit: '%', about: null });
    },
  });
}
