/**
 * A policy or a rule of a table in use, and row level security switched on or off.
 *
 * All of it takes ACCESS EXCLUSIVE (measured: create_policy, alter_policy, drop_policy, enable_rls, create_rule). The locks
 * are short, so this is told only to those who ask for it, and not where the file sets a lock_timeout, or
 * require-lock-timeout asks for one.
 */
import { blockedTables, defineRule, isKind, timeoutAdvice, whoWaitsFor } from '../../src/rule-sdk.ts';
import type { Change } from '../../src/rule-sdk.ts';

export const noPolicyLock = defineRule({
  id: 'no-policy-lock',
  severity: 'info',
  set: 'strict',
  group: 'locks',
  summary:
    'Policies, row level security and rules queue for their table, and all its reads and writes queue behind them.',
  kinds: ['create_object', 'drop_object', 'alter_setting'],

  check(context) {
    const { change, setting, timeouts } = context;
    const what = subject(change);
    if (what === null || timeouts === 'file' || setting('lock_timeout') !== null) return null;
    const [table] = blockedTables(context);
    if (table === undefined) return null;
    return {
      message:
        `${what} needs an ACCESS EXCLUSIVE lock on ${table}: it waits for every transaction that is using ${table}, and ` +
        `meanwhile ${whoWaitsFor('ACCESS EXCLUSIVE', table)} behind it.`,
      ...timeoutAdvice(context, {
        setting: 'lock_timeout',
        value: '2s',
        purpose: 'Let it give up after a moment, and try again later',
      }),
    };
  },
});

function subject(change: Change): string | null {
  if (isKind(change, 'alter_setting')) {
    if (change.setting === 'row level security') return 'Switching row level security';
    return change.setting === 'policy'
      ? 'Changing a policy'
      : change.setting === 'rule switch'
        ? 'Switching a rule'
        : null;
  }
  if (!isKind(change, 'create_object', 'drop_object')) return null;
  const verb = isKind(change, 'create_object') ? 'Creating' : 'Dropping';
  return change.objectType === 'policy' || change.objectType === 'rule' ? `${verb} a ${change.objectType}` : null;
}
