/**
 * Replication slots: how much of the write-ahead log the server must keep for them.
 *
 * Source: pg_replication_slots, which everybody may read. A slot keeps the log until its reader has it, and fills the
 * disk when nobody reads; with max_slot_wal_keep_size the slot is lost instead, and the standby or the subscriber with it.
 * So a slot may use half of what the server would keep for it, if that is known (`safe_wal_size`, 13 and newer), and one
 * that is `unreserved` is beyond any limit. A slot that is `lost` cannot be helped any more and does not count.
 */
import { sql } from '../../../sql/template.ts';
import { measured, serverSignal, type CommonSettings, type Measure, type ServerSignal } from './signal.ts';

export type ReplicationSlotsSettings = CommonSettings & { readonly limitBytes: number | null };

export const defaultReplicationSlots: ReplicationSlotsSettings = { limitBytes: 4 * 1_024 ** 3 };

const shareOfAllowance = 0.5;

type Answer = readonly {
  readonly name: string;
  readonly retained: number;
  readonly status: string | null;
  readonly safe: number | null;
}[];

export function replicationSlots({ limitBytes }: ReplicationSlotsSettings): ServerSignal {
  return serverSignal<Answer>({
    sql: () => sql`select coalesce(json_agg(json_build_object(
          'name', slot_name, 'retained', (pg_current_wal_lsn() - restart_lsn)::float8,
          'status', wal_status, 'safe', safe_wal_size::float8)), '[]')
        from pg_replication_slots where restart_lsn is not null and wal_status is distinct from 'lost'`,
    read: (slots) => measured(...slots.map((slot) => measureOf(slot, limitBytes))),
  });
}

function measureOf({ name, retained, status, safe }: Answer[number], limitBytes: number | null): Measure {
  const isLeft = status === 'unreserved';
  const allowance = safe === null ? Number.POSITIVE_INFINITY : Math.max(0, retained + safe) * shareOfAllowance;
  return {
    value: isLeft ? Number.POSITIVE_INFINITY : Math.max(0, retained),
    limit: limitBytes === null ? null : Math.min(limitBytes, allowance),
    unit: 'bytes',
    about: isLeft ? `slot ${name} is about to be lost` : `slot ${name}`,
  };
}
