/**
 * DELETE of all rows in one statement.
 *
 * It locks every row until its transaction ends, leaves the whole table to be cleaned up, and holds back the
 * clean-up of everything that changes meanwhile. Not reported: a table that nobody uses yet; a DELETE with a condition,
 * of which the text cannot tell how many rows it means.
 */
import { defineRule, firstBatch, joinsOthers, meansAllRows, nameText, script } from '../../src/rule-sdk.ts';

export const noUnboundedDelete = defineRule({
  id: 'no-unbounded-delete',
  severity: 'error',
  set: 'recommended',
  group: 'data',
  summary: 'A DELETE of all rows locks each of them until the transaction ends.',
  kinds: ['change_rows'],
  severityOnSmallTable: 'info',

  check({ change, isNew, statement, written, table: known }) {
    if (change.command !== 'delete' || !meansAllRows(statement) || isNew(change.table)) return null;
    if (joinsOthers(statement)) return null; // a join may well be a condition
    const table = nameText(change.table);
    return {
      message:
        `This locks every row of ${table} until its transaction ends, so writes to the same rows wait, and leaves the ` +
        'whole table to be cleaned up.',
      instead: {
        text: 'Delete the rows in batches, each in a transaction of its own, from one key to the next:',
        sql: script(firstBatch(written, change.table, known(change.table))),
      },
    };
  },
});
