/** LOCK TABLE in a mode that blocks reads or writes: everybody waits until the transaction ends, whatever it does meanwhile. */
import { defineRule, nameText, script, whoWaitsFor } from '../../src/rule-sdk.ts';

export const noLockTable = defineRule({
  id: 'no-lock-table',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'LOCK TABLE keeps others waiting until the transaction ends, whatever it does meanwhile.',
  kinds: ['lock_table'],

  check({ change, isNew, following }) {
    const used = change.tables.filter((table) => !isNew(table));
    if (used.length === 0 || whoWaitsFor(change.mode, '').startsWith('nobody')) return null;
    const tables = used.map(nameText).join(' and ');
    const rest = following().flatMap(({ kind, sql }) => (kind === 'transaction_control' ? [] : [sql]));
    return {
      message: `From here to the end of the transaction ${whoWaitsFor(change.mode, tables)}, whatever it does meanwhile.`,
      instead: {
        text: 'Leave it to each statement to take the lock that it needs, in a transaction of its own:',
        sql: script(...(rest.length === 0 ? ["SET lock_timeout = '2s'"] : rest)),
      },
    };
  },
});
