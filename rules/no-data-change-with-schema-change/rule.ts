/**
 * Rows and schema changed in one transaction.
 *
 * The lock of the schema change is held until the transaction ends: while the rows are being changed, everybody waits for
 * the table. The other way round, the rows stay locked while the schema change queues for its lock. Not reported: tables
 * that nobody uses yet; INSERT of constants; one row by its key; what is not in one transaction. An UPDATE of all rows is
 * reported as such (no-unbounded-update), because in batches it is apart anyway.
 */
import { blocksReads, constantKey, defineRule, nameText, script, shortName } from '../../src/rule-sdk.ts';

export const noDataChangeWithSchemaChange = defineRule({
  id: 'no-data-change-with-schema-change',
  severity: 'warning',
  set: 'recommended',
  group: 'data',
  summary: 'In one transaction with a change of the schema, a change of rows makes everybody wait for its lock.',
  kinds: ['change_rows'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, held, inTransaction, isNew, statement, written, preceding, sharing } = context;
    if (!inTransaction || change.constantRows || constantKey(statement, context.table(change.table))) return null;
    const rowsInUse = [change.table, ...change.reads].some((table) => !isNew(table));
    if (!rowsInUse) return null;
    const [above] = held;
    const below = above === undefined && !isNew(change.table) ? context.nextLock() : null;
    const lock = above ?? below;
    if (lock === null) return null;
    const locked = shortName(lock.table);
    const message = above === undefined ? beforeLock : afterLock;
    const one = { who: 'this', changes: 'changes', rows: `rows of ${nameText(change.table)}` };
    const advice = 'in batches where they are many';
    return {
      message: message(locked, one),
      instead: { text: `Change the rows in a migration of its own, ${advice}:`, sql: script(written) },
      together: {
        key: `${above === undefined ? 'before' : 'after'} ${preceding().length - sharing().length}`,
        ofMany: (count) => ({
          message: message(locked, {
            who: `this and ${count === 2 ? 'another' : `${count - 1} more`} of its statements`,
            changes: 'change',
            rows: 'rows',
          }),
          instead: { text: `Change rows in migrations of their own, ${advice}, beginning with:`, sql: script(written) },
        }),
      },
      // Nobody can even read meanwhile.
      ...(held.some(({ mode }) => blocksReads(mode)) ? { severity: 'error' } : {}),
    };
  },
});

type Words = { readonly who: string; readonly changes: string; readonly rows: string };

function afterLock(locked: string, { who, changes, rows }: Words): string {
  return (
    `A statement above has locked ${locked} until the transaction ends: others wait for it while ${who} ${changes} ` +
    `${rows}.`
  );
}

function beforeLock(locked: string, { who, changes, rows }: Words): string {
  return (
    `The ${rows} that ${who} ${changes} stay locked while a statement below waits for its lock on ${locked}, and all ` +
    'that comes after it waits as well.'
  );
}
