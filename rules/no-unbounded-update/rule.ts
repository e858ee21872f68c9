/**
 * UPDATE of all rows in one statement.
 *
 * It locks every row until its transaction ends, writes the whole table anew and its indexes with it, and holds back the
 * clean-up of everything that changes meanwhile. Not reported: a table that nobody uses yet; an UPDATE with a condition,
 * of which the text cannot tell how many rows it means.
 */
import { defineRule, firstBatch, joinsOthers, meansAllRows, nameText, script } from '../../src/rule-sdk.ts';

export const noUnboundedUpdate = defineRule({
  id: 'no-unbounded-update',
  severity: 'error',
  set: 'recommended',
  group: 'data',
  summary: 'An UPDATE of all rows locks each of them until the transaction ends.',
  kinds: ['change_rows'],
  severityOnSmallTable: 'info',

  check({ change, isNew, statement, written, table: known }) {
    if (change.command !== 'update' || !meansAllRows(statement) || isNew(change.table)) return null;
    if (joinsOthers(statement)) return null; // a join may well be a condition
    const table = nameText(change.table);
    return {
      message:
        `This locks every row of ${table} until its transaction ends, so writes to the same rows wait, and writes the ` +
        'whole table anew.',
      instead: {
        text: 'Change the rows in batches, each in a transaction of its own, from one key to the next:',
        sql: script(firstBatch(written, change.table, known(change.table))),
      },
    };
  },
});
