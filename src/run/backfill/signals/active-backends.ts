/**
 * Sessions of clients that are executing something at this moment, without our own.
 *
 * Source: `state` of pg_stat_activity; it needs pg_read_all_stats. Without a limit unless one is given, because a client
 * cannot know how many cores the server has: twice its cores × 0.8 is a good one.
 */
import { sql } from '../../../sql/template.ts';
import {
  measured,
  numbers,
  seesAllSessions,
  serverSignal,
  statisticsRole,
  type CommonSettings,
  type ServerSignal,
} from './signal.ts';

export type ActiveBackendsSettings = CommonSettings & { readonly limit: number | null };

export const defaultActiveBackends: ActiveBackendsSettings = { limit: null };

type Answer = { readonly visible: boolean; readonly active: number };

export function activeBackends({ limit }: ActiveBackendsSettings): ServerSignal {
  return serverSignal<Answer>({
    sql: ({ backends }) => sql`select json_build_object('visible', ${seesAllSessions}, 'active', count(*))
      from pg_stat_activity where state = 'active' and backend_type = 'client backend'
       and pid <> all (${numbers(backends)}) and pid <> pg_backend_pid()`,
    read: ({ visible, active }) => {
      if (visible) return measured({ value: active, limit, unit: 'sessions', about: null });
      return limit === null ? measured() : { kind: 'unavailable', needs: statisticsRole };
    },
  });
}
