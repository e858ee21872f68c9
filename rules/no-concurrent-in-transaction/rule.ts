/**
 * CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY inside a transaction.
 *
 * Postgres refuses them there on every version (25001; measured: in_tx.*), also as one of several statements that are sent
 * as one string. REFRESH MATERIALIZED VIEW CONCURRENTLY is allowed.
 */
import { defineRule, nameText, removePhrase, script } from '../../src/rule-sdk.ts';

export const noConcurrentInTransaction = defineRule({
  id: 'no-concurrent-in-transaction',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary:
    'CONCURRENTLY cannot run inside a transaction: Postgres refuses the statement, and the migration stops there.',
  kinds: ['create_index', 'drop_index'],

  check({ change, inTransaction, written }) {
    if (!change.concurrently || !inTransaction) return null;
    const what = change.kind === 'create_index' ? `The index on ${nameText(change.table)}` : 'The index';
    const verb = change.kind === 'create_index' ? 'built' : 'dropped';
    return {
      message: `${what} cannot be ${verb} concurrently inside a transaction: Postgres refuses the statement, and the migration stops there.`,
      instead: {
        text: 'Put it into a migration of its own that runs outside a transaction:',
        // no-if-not-exists-concurrent-index says why it goes.
        sql: script(change.kind === 'create_index' ? removePhrase(written, ['IF', 'NOT', 'EXISTS']) : written),
      },
    };
  },
});
