/**
 * How much of the server's room for connections is taken.
 *
 * Source: `numbackends` of pg_stat_database, max_connections and superuser_reserved_connections, which everybody may read.
 */
import { sql } from '../../../sql/template.ts';
import { measured, serverSignal, statisticsIntervalMs, type CommonSettings, type ServerSignal } from './signal.ts';

export type ConnectionsSettings = CommonSettings & { readonly limitPercent: number | null };

export const defaultConnections: ConnectionsSettings = { limitPercent: 90 };

type Answer = { readonly used: number; readonly room: number };

export function connections({ limitPercent }: ConnectionsSettings): ServerSignal {
  return serverSignal<Answer>({
    everyMs: statisticsIntervalMs,
    sql: () => sql`select json_build_object('used', coalesce(sum(numbackends), 0), 'room',
        current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer)
      from pg_stat_database`,
    read: ({ used, room }) =>
      measured({
        value: room > 0 ? Math.min(100, (used / room) * 100) : 100,
        limit: limitPercent,
        unit: '%',
        about: `${used} of ${room}`,
      }),
  });
}
