/**
 * A lock that blocks others, asked for without a lock_timeout.
 *
 * A statement that waits for such a lock makes everybody wait who comes after it, for as long as the slowest transaction
 * before it takes. Which locks block is told by the effects, so that new tables, CONCURRENTLY and VALIDATE need nothing,
 * and a foreign key of a new table does. A timeout is in force as Postgres would have it: not when it is set to 0 or reset,
 * after a ROLLBACK, or when SET LOCAL ended with its transaction. Not reported where the runner sets it, as ours does.
 */
import {
  blockedTables,
  changeKinds,
  defineRule,
  hasTimeout,
  isKind,
  nameText,
  timeoutAdvice,
  type Change,
} from '../../src/rule-sdk.ts';

export const requireLockTimeout = defineRule({
  id: 'require-lock-timeout',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'A statement that waits for its lock without a lock_timeout makes everybody wait behind it.',
  kinds: changeKinds,

  check(context) {
    if (hasTimeout(context, 'lock_timeout')) return null;
    const [table] = blockedTables(context);
    if (table === undefined) return null;
    return {
      message:
        `Nothing limits how long ${subject(context.change)} waits for its lock on ${table}: while it waits for a transaction ` +
        `that uses ${table}, all others that need ${table} wait behind it.`,
      ...timeoutAdvice(context, {
        setting: 'lock_timeout',
        value: '2s',
        purpose: 'Let it give up after a moment, and try again later',
      }),
    };
  },
});

/** What is new is not what is locked. */
function subject(change: Change): string {
  return isKind(change, 'create_table') ? `the creation of ${nameText(change.table)}` : 'this';
}
