/**
 * What writes a whole table anew: VACUUM FULL, CLUSTER, SET LOGGED and UNLOGGED, SET TABLESPACE, SET ACCESS METHOD, and SET
 * EXPRESSION of a stored column.
 *
 * All of them hold ACCESS EXCLUSIVE until the last row is written (measured: set_unlogged, cluster, set_expression). Not
 * reported: a table that nobody uses yet.
 */
import {
  defineRule,
  nameText,
  script,
  sql,
  qualified,
  whoWaitsFor,
  type ChangeOf,
  type Suggestion,
} from '../../src/rule-sdk.ts';

export const noTableRewrite = defineRule({
  id: 'no-table-rewrite',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'VACUUM FULL, CLUSTER and the like write the whole table anew while all reads and writes wait.',
  kinds: ['rewrite_table'],
  severityOnSmallTable: 'info',

  check({ change, effects, isNew }) {
    if (isNew(change.table) || effects.rewrites.length === 0) return null;
    const table = nameText(change.table);
    return {
      message:
        `${change.what} writes every row of ${table} anew under an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      ...instead(change),
    };
  },
});

/** Only where another statement does the same work without the lock. */
function instead(change: ChangeOf<'rewrite_table'>): { readonly instead: Suggestion } | Record<never, never> {
  if (change.what === 'VACUUM FULL' || change.what === 'CLUSTER') {
    return {
      instead: {
        text: 'Make the space free for new rows, which blocks nobody; pg_repack gives it back to the system while everybody goes on:',
        sql: script(sql`VACUUM ${qualified(change.table)}`),
      },
    };
  }
  return {
    instead: {
      text: 'Make a second table that is as it should be, fill it in batches, and swap the two:',
      sql: script(
        sql`CREATE TABLE ${qualified({ ...change.table, name: `${change.table.name}_new` })} (LIKE ${qualified(change.table)} INCLUDING ALL)`,
      ),
    },
  };
}
