/**
 * REFRESH MATERIALIZED VIEW without CONCURRENTLY.
 *
 * It holds ACCESS EXCLUSIVE on the view for as long as its query runs (measured: refresh_matview). CONCURRENTLY needs a
 * unique index over plain columns without a condition, on a view that has rows; it may stand in a transaction (measured:
 * refresh_matview_concurrently_in_tx). Not reported: WITH NO DATA, and a view that has none yet.
 */
import { defineRule, identifier, nameText, qualified, resolveView, script, sql } from '../../src/rule-sdk.ts';

export const requireConcurrentRefresh = defineRule({
  id: 'require-concurrent-refresh',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'REFRESH MATERIALIZED VIEW without CONCURRENTLY makes everybody who reads the view wait for its query.',
  kinds: ['refresh_view'],

  check({ change, catalog, isNew }) {
    if (change.concurrently || !change.withData || isNew(change.view)) return null;
    const known = resolveView(catalog, change.view);
    if (known?.populated === false) return null;
    const view = nameText(change.view);
    const isReady = known?.indexes.some(
      ({ unique, predicate, keys }) => unique && predicate === null && keys.every(({ column }) => column !== null),
    );
    const refresh = sql`REFRESH MATERIALIZED VIEW CONCURRENTLY ${qualified(change.view)}`;
    const column = identifier(known?.columns[0]?.name ?? 'id');
    const index = sql`CREATE UNIQUE INDEX CONCURRENTLY ON ${qualified(change.view)} (${column})`;
    return {
      message: `This holds an ACCESS EXCLUSIVE lock on ${view} while its query runs: everybody who reads ${view} waits until it is done.`,
      instead:
        isReady === true
          ? { text: 'Refresh it while it is read:', sql: script(refresh) }
          : {
              text: 'Give it a unique index over the columns that make a row unique, and refresh it while it is read:',
              sql: script(index, refresh),
            },
      ...(isReady === true ? { fix: [refresh.text] } : {}),
    };
  },
});
