/**
 * A lock that blocks others, held without a statement_timeout.
 *
 * lock_timeout limits only the waiting; what a statement does once it has the lock takes as long as it takes. Asked for are
 * the statements that hold such a lock, as told by the effects: an index that is built concurrently, or a validation, may
 * take hours without harm. Not reported where the runner is in charge of timeouts, as ours is.
 */
import { blockedTables, changeKinds, defineRule, hasTimeout, timeoutAdvice } from '../../src/rule-sdk.ts';

export const requireStatementTimeout = defineRule({
  id: 'require-statement-timeout',
  severity: 'warning',
  set: 'strict',
  group: 'locks',
  summary: 'A statement without a statement_timeout may block others for as long as it happens to take.',
  kinds: changeKinds,

  check(context) {
    if (hasTimeout(context, 'statement_timeout')) return null;
    const [table] = blockedTables(context);
    if (table === undefined) return null;
    return {
      message: `Nothing limits how long this blocks others on ${table} if it takes longer than expected.`,
      ...timeoutAdvice(context, {
        setting: 'statement_timeout',
        value: '10s',
        purpose: 'Let the server stop it before it becomes an outage',
        beside: { setting: 'lock_timeout', value: '2s' },
      }),
    };
  },
});
