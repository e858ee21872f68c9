/**
 * TRUNCATE of a table that is in use.
 *
 * All rows are gone at once, under ACCESS EXCLUSIVE (measured: truncate), also for transactions that began before and read
 * the table afterwards. CASCADE empties every table that refers to it as well.
 */
import { defineRule, firstBatch, nameText, qualified, script, sql } from '../../src/rule-sdk.ts';

export const noTruncate = defineRule({
  id: 'no-truncate',
  severity: 'error',
  set: 'recommended',
  group: 'data',
  summary: 'TRUNCATE deletes all rows of a table that is in use, and with CASCADE those of others.',
  kinds: ['truncate'],

  check({ change, isNew, table: known }) {
    const used = change.tables.filter((table) => !isNew(table));
    if (used.length === 0) return null;
    const tables = used.map(nameText).join(' and ');
    const others = change.cascade ? ', and those of every table that refers to it' : '';
    return {
      message: `This deletes all rows of ${tables}${others}, waits for every query on ${tables} that is running, and everybody else waits behind it.`,
      instead: {
        text: 'Delete what is to go in batches, each in a transaction of its own, from one key to the next:',
        sql: script(...used.map((table) => firstBatch(sql`DELETE FROM ${qualified(table)}`.text, table, known(table)))),
      },
    };
  },
});
