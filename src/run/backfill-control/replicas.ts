/** How far each standby is behind, in time and in bytes, as the signal `replicaLag` measures it; nothing is judged here. */
import { addPosition, behindMs, type LsnRing } from '../backfill/signals/lsn-ring.ts';
import type { Session } from '../session.ts';

export type ReplicaLag = {
  readonly name: string;
  /** Null at the first look at one that is behind: it takes a second one to know for how long. */
  readonly lagMs: number | null;
  readonly lagBytes: number;
};

export type ReadReplicas = (session: Session, now: number) => Promise<readonly ReplicaLag[]>;

type Row = { readonly name: string | null; readonly written: number; readonly replayed: number | null };

/** Remembers the positions of the log, by which the time is told. A role that may not see the standbys sees none. */
export function makeReplicaReader(): ReadReplicas {
  let isFirst = true;
  let ring: LsnRing = [];
  return async (session, now) => {
    const { rows } = await session.query<Row>(
      `select log.written, standby.name, standby.replayed
         from (select case when not pg_is_in_recovery() then (pg_current_wal_lsn() - '0/0')::float8 end as written) as log
         left join (select r.application_name as name, (r.replay_lsn - '0/0')::float8 as replayed
                      from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
                     where s.slot_type is distinct from 'logical' and r.state is distinct from 'backup') as standby on true
        where log.written is not null order by standby.name`,
    );
    const written = rows[0]?.written;
    if (written === undefined) return [];
    ring = addPosition(ring, written, now);
    const tellsTime = !isFirst;
    isFirst = false;
    return rows.flatMap(({ name, replayed }) => {
      if (name === null || replayed === null) return [];
      const lagBytes = Math.max(0, written - replayed);
      const lagMs = tellsTime || lagBytes === 0 ? behindMs(ring, replayed, now) : null;
      return [{ name, lagMs, lagBytes }];
    });
  };
}
