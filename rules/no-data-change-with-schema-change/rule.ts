/**
 * Rows and schema changed in one transaction.
 *
 * The lock of the schema change is held until the transaction ends: while the rows are being changed, everybody waits for
 * the table. The other way round, the rows stay locked while the schema change queues for its lock. Not reported: tables
 * that nobody uses yet; INSERT of constants; one row by its key; what is not in one transaction. An UPDATE of all rows is
 * reported as such (no-unbounded-update), because in batches it is apart anyway.
 */
import { blocksReads, constantKey, defineRule, isKind, nameText, script, shortName } from '../../src/rule-sdk.ts';
import type { Change, ChangeOf, RelationName, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'change_rows'>>;

export const noDataChangeWithSchemaChange = defineRule({
  id: 'no-data-change-with-schema-change',
  severity: 'warning',
  set: 'recommended',
  group: 'data',
  summary: 'In one transaction with a change of the schema, a change of rows makes everybody wait for its lock.',
  kinds: ['change_rows'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, inTransaction, isNew, statement, written } = context;
    if (!inTransaction || change.constantRows || constantKey(statement, context.table(change.table))) return null;
    const rowsInUse = [change.table, ...change.reads].some((table) => !isNew(table));
    if (!rowsInUse) return null;
    const [lock] = context.held;
    const after =
      lock === undefined && !isNew(change.table) ? lockedTable(untilCommit(context.following()), context) : null;
    const table = nameText(change.table);
    const message =
      lock !== undefined
        ? `A statement above has locked ${shortName(lock.table)} until the transaction ends: others wait for it while this ` +
          `changes rows of ${table}.`
        : after !== null
          ? `The rows of ${table} that this changes stay locked while a statement below waits for its lock on ` +
            `${nameText(after)}, and all that comes after it waits as well.`
          : null;
    if (message === null) return null;
    return {
      message,
      instead: {
        text: 'Change the rows in a migration of its own, in batches where they are many:',
        sql: script(written),
      },
      // Nobody can even read meanwhile.
      ...(context.held.some(({ mode }) => blocksReads(mode)) ? { severity: 'error' } : {}),
    };
  },
});

function untilCommit(changes: readonly Change[]): readonly Change[] {
  const end = changes.findIndex(
    (change) => isKind(change, 'transaction_control') && (change.command === 'commit' || change.command === 'rollback'),
  );
  return end === -1 ? changes : changes.slice(0, end);
}

/** The first table in use that one of the changes locks against writes, or against everybody. */
function lockedTable(changes: readonly Change[], { isNew }: Context): RelationName | null {
  return changes.flatMap(tablesLockedBy).find((table) => !isNew(table)) ?? null;
}

function tablesLockedBy(change: Change): readonly RelationName[] {
  switch (change.kind) {
    case 'add_column':
    case 'drop_column':
    case 'rename_column':
    case 'alter_column_type':
    case 'set_not_null':
    case 'drop_not_null':
    case 'set_default':
    case 'add_check':
    case 'add_foreign_key':
    case 'add_unique':
    case 'drop_constraint':
    case 'create_index':
    case 'create_trigger':
    case 'attach_partition':
    case 'detach_partition':
    case 'set_inheritance':
    case 'rewrite_table':
      return [change.table];
    case 'drop_table':
      return change.tables;
    case 'rename_object':
      return change.objectType === 'table' ? [change.name] : [];
    case 'alter_setting':
      return change.table !== null && change.lock !== null && change.lock !== 'SHARE UPDATE EXCLUSIVE'
        ? [change.table]
        : [];
    default:
      return [];
  }
}
