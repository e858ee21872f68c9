/**
 * The oldest transaction that keeps dead rows of this database alive, and whose it is.
 *
 * Source: xact_start and backend_xmin of pg_stat_activity, pg_prepared_xacts, and `xmin` of pg_replication_slots. While
 * it lasts, neither pruning nor vacuum frees what a backfill leaves behind: the table grows, and every query reads more.
 * Sessions of other databases do not count, nor vacuums, which keep nothing alive. It needs pg_read_all_stats.
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

export type OldestTransactionSettings = CommonSettings & {
  readonly limitMs: number | null;
  readonly limitTransactions: number | null;
};

export const defaultOldestTransaction: OldestTransactionSettings = {
  limitMs: 300_000,
  limitTransactions: 1_000_000,
};

/** The oldest by time and the oldest by transactions since. */
type Answer = {
  readonly visible: boolean;
  readonly byTime: { readonly who: string; readonly ms: number } | null;
  readonly byNumber: { readonly who: string; readonly transactions: number } | null;
};

export function oldestTransaction({ limitMs, limitTransactions }: OldestTransactionSettings): ServerSignal {
  return serverSignal<Answer>({
    sql: ({ backends }) => sql`with holder as (
        select format('session %s%s%s', a.pid, ' of ' || a.usename, ' (' || nullif(a.application_name, '') || ')')
                 || coalesce(', ' || a.state, '') as who,
               extract(epoch from clock_timestamp() - a.xact_start) * 1000 as ms,
               greatest(age(a.backend_xmin), age(a.backend_xid)) as transactions
          from pg_stat_activity a
         where (a.datname = current_database() or a.datid is null)
           and (a.backend_xmin is not null or a.backend_xid is not null)
           and a.backend_type is distinct from 'autovacuum worker' and a.pid <> pg_backend_pid()
           and a.pid <> all (${numbers(backends)})
           and not exists (select from pg_stat_progress_vacuum v where v.pid = a.pid)
        union all
        select format('prepared transaction %s', gid), extract(epoch from clock_timestamp() - prepared) * 1000,
               age(transaction)
          from pg_prepared_xacts where database = current_database()
        union all
        select format('slot %s', slot_name), null, age(xmin) from pg_replication_slots where xmin is not null
      ) select json_build_object('visible', ${seesAllSessions},
          'byTime', (select json_build_object('who', who, 'ms', ms) from holder
                      where ms is not null order by ms desc limit 1),
          'byNumber', (select json_build_object('who', who, 'transactions', transactions) from holder
                        where transactions is not null order by transactions desc limit 1))`,
    read: ({ visible, byTime, byNumber }) => {
      if (!visible) return { kind: 'unavailable', needs: statisticsRole };
      return measured(
        ...(byTime === null ? [] : [{ value: byTime.ms, limit: limitMs, unit: 'ms', about: byTime.who } as const]),
        ...(byNumber === null
          ? []
          : [
              {
                value: byNumber.transactions,
                limit: limitTransactions,
                unit: 'transactions',
                about: byNumber.who,
              } as const,
            ]),
      );
    },
  });
}
