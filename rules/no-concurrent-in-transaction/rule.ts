/**
 * CREATE INDEX, DROP INDEX, REINDEX and DETACH PARTITION with CONCURRENTLY inside a transaction, and REINDEX of a schema or
 * the database, which commits on its own.
 *
 * Postgres refuses them there on every version (25001; measured: in_tx.*), also as one of several statements that are sent
 * as one string. REFRESH MATERIALIZED VIEW CONCURRENTLY is allowed.
 */
import { defineRule, insertAfterWord, nameText, removePhrase, script, type ChangeOf } from '../../src/rule-sdk.ts';

export const noConcurrentInTransaction = defineRule({
  id: 'no-concurrent-in-transaction',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary:
    'CONCURRENTLY cannot run inside a transaction: Postgres refuses the statement, and the migration stops there.',
  kinds: ['create_index', 'drop_index', 'reindex', 'detach_partition'],

  check({ change, inTransaction, table, written }) {
    if (!inTransaction || !isRefused(change)) return null;
    // Refused everywhere: no-index-in-partitioned-parent says what to do.
    if (change.kind === 'create_index' && table(change.table)?.kind === 'partitioned') return null;
    return {
      message: `${what(change)} inside a transaction: Postgres refuses the statement, and the migration stops there.`,
      instead: {
        text: 'Put it into a migration of its own that runs outside a transaction:',
        sql: script(alone(change, written)),
      },
    };
  },
});

type Concurrent = ChangeOf<'create_index' | 'drop_index' | 'reindex' | 'detach_partition'>;

function isRefused(change: Concurrent): boolean {
  // REINDEX SCHEMA and DATABASE commit after each table.
  return change.kind === 'reindex' ? change.outsideTransaction : change.concurrently;
}

function alone(change: Concurrent, written: string): string {
  // no-if-not-exists-concurrent-index says why it goes.
  if (change.kind === 'create_index') return removePhrase(written, ['IF', 'NOT', 'EXISTS']);
  const blocks = change.kind === 'reindex' && !change.concurrently;
  return blocks ? insertAfterWord(written, change.what, 'CONCURRENTLY') : written;
}

function what(change: Concurrent): string {
  switch (change.kind) {
    case 'create_index':
      return `The index on ${nameText(change.table)} cannot be built concurrently`;
    case 'drop_index':
      return 'The index cannot be dropped concurrently';
    case 'reindex': {
      const of = change.name === null ? 'The indexes of the database' : `The indexes of ${nameText(change.name)}`;
      if (!change.concurrently) return `${of} cannot be built anew one table after the other`;
      return change.what === 'INDEX'
        ? 'The index cannot be built anew concurrently'
        : `${of} cannot be built anew concurrently`;
    }
    case 'detach_partition':
      return `${nameText(change.partition)} cannot be detached from ${nameText(change.table)} concurrently`;
  }
}
