/** BEGIN without COMMIT: the file's work is rolled back at the end of the session, or its locks are kept by an idle one. */
import { defineRule, isKind } from '../../src/rule-sdk.ts';

export const noOpenTransaction = defineRule({
  id: 'no-open-transaction',
  severity: 'error',
  set: 'recommended',
  group: 'correctness',
  summary: 'A BEGIN without a COMMIT: everything after it is rolled back when the session ends, and locked until then.',
  kinds: ['transaction_control'],

  check({ change, inTransaction, following }) {
    if (change.command !== 'begin' || inTransaction) return null;
    const isEnded = following().some(
      (next) => isKind(next, 'transaction_control') && ['commit', 'rollback', 'prepare'].includes(next.command),
    );
    if (isEnded) return null;
    return {
      message:
        'No COMMIT follows: what comes after this BEGIN is rolled back when the session ends, and until then nobody gets ' +
        'past its locks.',
      instead: { text: 'End it:', sql: 'BEGIN;\n-- …\nCOMMIT;' },
    };
  },
});
