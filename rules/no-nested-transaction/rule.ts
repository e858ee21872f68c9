/**
 * BEGIN inside a transaction, COMMIT outside of one.
 *
 * Postgres only warns. But the COMMIT that belongs to the inner BEGIN ends the outer transaction, and whatever comes after
 * it, the tool's own note that the migration ran among them, is no longer part of it.
 */
import { defineRule, isKind } from '../../src/rule-sdk.ts';

export const noNestedTransaction = defineRule({
  id: 'no-nested-transaction',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary: 'A BEGIN inside a transaction does nothing, and its COMMIT ends the transaction around it.',
  kinds: ['transaction_control'],

  check({ change, inTransaction, following }) {
    if (change.command === 'begin' && inTransaction) {
      const ends = following().some((next) => isKind(next, 'transaction_control') && next.command === 'commit');
      const then = ends
        ? ' The COMMIT below ends the transaction around it, and what comes after it stands alone.'
        : '';
      return { message: `A transaction is open already, so this BEGIN does nothing.${then}`, instead: onePair };
    }
    if (change.command === 'commit' && !inTransaction)
      return { message: 'No transaction is open here, so this COMMIT does nothing.', instead: onePair };
    return null;
  },
});

const onePair = {
  text: 'Write one pair around all of it, and none where the tool opens the transaction:',
  sql: 'BEGIN;\n-- …\nCOMMIT;',
};
