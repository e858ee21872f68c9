/**
 * How fast the server writes its log, over the last seconds: what every standby and the archive must keep up with.
 *
 * Source: `pg_current_wal_lsn()`, which everybody may call. Without a limit unless one is given: what a network or a disk
 * bears cannot be known from here.
 */
import { sql } from '../../../sql/template.ts';
import { addPosition, bytesPerSecond, type LsnRing } from './lsn-ring.ts';
import { measured, serverSignal, type CommonSettings, type ServerSignal } from './signal.ts';

export type WalRateSettings = CommonSettings & { readonly limitBytesPerSecond: number | null };

export const defaultWalRate: WalRateSettings = { limitBytesPerSecond: null };

const spanMs = 5_000; // shorter, and a single checkpoint's burst would count as a rate

export function walRate({ limitBytesPerSecond }: WalRateSettings): ServerSignal {
  let ring: LsnRing = [];
  return serverSignal<{ readonly written: number }>({
    sql: () => sql`select json_build_object('written', (pg_current_wal_lsn() - '0/0')::float8)`,
    read: ({ written }, now) => {
      const rate = bytesPerSecond(ring, written, now, spanMs);
      ring = addPosition(ring, written, now);
      if (rate === null) return measured();
      return measured({ value: rate, limit: limitBytesPerSecond, unit: 'bytes/s', about: null });
    },
  });
}
