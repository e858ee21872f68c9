/**
 * DELETE of all rows in one statement.
 *
 * It locks every row until its transaction ends, leaves the whole table to be cleaned up, and holds back the
 * clean-up of everything that changes meanwhile. Not reported: a table that nobody uses yet; a DELETE with a condition,
 * of which the text cannot tell how many rows it means.
 */
import {
  defineRule,
  meansAllRows,
  keyOf,
  nameText,
  raw,
  script,
  sql,
  type ChangeOf,
  type RuleContext,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'change_rows'>>;

export const noUnboundedDelete = defineRule({
  id: 'no-unbounded-delete',
  severity: 'error',
  set: 'recommended',
  group: 'data',
  summary: 'A DELETE of all rows locks each of them until the transaction ends.',
  kinds: ['change_rows'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, isNew, statement } = context;
    if (change.command !== 'delete' || !meansAllRows(statement) || isNew(change.table)) return null;
    if (change.reads.length > 0) return null; // a join may well be a condition
    const table = nameText(change.table);
    return {
      message:
        `This locks every row of ${table} until its transaction ends, so writes to the same rows wait, and leaves the ` +
        'whole table to be cleaned up.',
      instead: {
        text: 'Delete the rows in batches, each in a transaction of its own, from one key to the next:',
        sql: script(batch(context)),
      },
    };
  },
});

function batch({ change, table, written }: Context): string {
  const key = keyOf(table(change.table));
  const statement = written.replace(/\bWHERE\b[\s\S]*$/i, '').trimEnd();
  return sql`${raw(statement)} WHERE ${raw(key)} >= 1 AND ${raw(key)} < 10001`.text;
}
