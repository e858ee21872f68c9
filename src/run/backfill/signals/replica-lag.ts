/**
 * Replica lag: how far the standbys are behind in replaying, in time and in bytes.
 *
 * Source: `replay_lsn` of pg_stat_replication against `pg_current_wal_lsn()`, through a ring of positions (lsn-ring.ts).
 * Replay counts and not flush, because what the application reads on a standby is what was replayed. Without names, all
 * physical standbys count; with names (each standby's application_name), those alone, and one that is not there is
 * infinitely far behind. Logical subscribers are left to the replication slots.
 *
 * Needs pg_read_all_stats (pg_monitor has it); without it the standbys are seen, but nothing of them.
 */
import { sql } from '../../../sql/template.ts';
import { addPosition, behindMs, type LsnRing } from './lsn-ring.ts';
import {
  measured,
  seesAllSessions,
  serverSignal,
  statisticsRole,
  type CommonSettings,
  type Measure,
  type ServerSignal,
} from './signal.ts';

export type ReplicaLagSettings = CommonSettings & {
  readonly limitMs: number | null;
  readonly limitBytes: number | null;
  /** application_name of each standby that must be there; when empty, all that are there count. */
  readonly standbys: readonly string[];
};

export const defaultReplicaLag: ReplicaLagSettings = {
  limitMs: 2_000,
  limitBytes: 64 * 1_024 ** 2,
  standbys: [],
};

type Answer = {
  readonly visible: boolean;
  readonly written: number;
  /** `replayed` is null until the standby has reported for the first time. */
  readonly standbys: readonly { readonly name: string | null; readonly replayed: number | null }[];
};

export function replicaLag({ limitMs, limitBytes, standbys }: ReplicaLagSettings): ServerSignal {
  let ring: LsnRing = [];
  return serverSignal<Answer>({
    sql: () => sql`select json_build_object(
        'visible', ${seesAllSessions},
        'written', (pg_current_wal_lsn() - '0/0')::float8,
        'standbys', coalesce((
          select json_agg(json_build_object('name', r.application_name, 'replayed', (r.replay_lsn - '0/0')::float8))
            from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
           where s.slot_type is distinct from 'logical' and r.state is distinct from 'backup'), '[]'))`,
    read: (answer, now) => {
      ring = addPosition(ring, answer.written, now);
      if (!answer.visible && (answer.standbys.length > 0 || standbys.length > 0)) {
        return { kind: 'unavailable', needs: statisticsRole };
      }
      const counted = answer.standbys.filter(
        ({ name }) => standbys.length === 0 || (name !== null && standbys.includes(name)),
      );
      const missing = standbys.filter((name) => !counted.some((standby) => standby.name === name));
      return measured(
        ...missing.map((name): Measure => never(limitMs, `${name} is not connected`)),
        ...counted.flatMap(({ name, replayed }): readonly Measure[] => {
          const about = name ?? 'a standby';
          if (replayed === null) return [never(limitMs, `${about} has not reported yet`)];
          return [
            { value: behindMs(ring, replayed, now), limit: limitMs, unit: 'ms', about },
            { value: Math.max(0, answer.written - replayed), limit: limitBytes, unit: 'bytes', about },
          ];
        }),
      );
    },
  });
}

function never(limit: number | null, about: string): Measure {
  return { value: Number.POSITIVE_INFINITY, limit, unit: 'ms', about };
}
