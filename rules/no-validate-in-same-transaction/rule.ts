/**
 * VALIDATE CONSTRAINT in the transaction, or in the ALTER TABLE, that adds the constraint.
 *
 * NOT VALID takes a lock that blocks writes, or reads and writes, and the transaction keeps it until its end: so VALIDATE
 * reads all rows under it, which alone it would do under a weak one (measured: add_check.not_valid, validate_check).
 */
import {
  defineRule,
  identifier,
  isKind,
  isSameName,
  nameText,
  script,
  validateSql,
  whoWaitsFor,
  type Change,
  type RelationName,
} from '../../src/rule-sdk.ts';

export const noValidateInSameTransaction = defineRule({
  id: 'no-validate-in-same-transaction',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'VALIDATE in the transaction that adds the constraint reads all rows under the lock of adding it.',
  kinds: ['validate_constraint'],
  severityOnSmallTable: 'info',

  check({ change, isNew, sharing }) {
    if (isNew(change.table)) return null;
    const added = sharing().findLast((earlier) => adds(earlier, change.table, change.name));
    if (added === undefined) return null;
    const mode = isKind(added, 'add_foreign_key') ? 'SHARE ROW EXCLUSIVE' : 'ACCESS EXCLUSIVE';
    const table = nameText(change.table);
    return {
      message:
        `The transaction that adds ${identifier(change.name).text} keeps the ${mode} lock on ${table} while every row is ` +
        `checked: ${whoWaitsFor(mode, table)} until it is done.`,
      instead: {
        text: 'Give each a transaction, or a migration, of its own:',
        sql: script(added.sql, validateSql(change.table, change.name)),
      },
    };
  },
});

function adds(change: Change, table: RelationName, constraint: string): boolean {
  if (isKind(change, 'add_check', 'add_foreign_key'))
    return isSameName(change.table, table) && change.constraint.name === constraint;
  return isKind(change, 'set_not_null') && isSameName(change.table, table) && change.constraintName === constraint;
}
