/**
 * A trigger that is created, dropped, renamed or switched on a table in use.
 *
 * CREATE and ENABLE or DISABLE take SHARE ROW EXCLUSIVE, DROP and RENAME take ACCESS EXCLUSIVE (measured: create_trigger,
 * disable_trigger, drop_trigger, rename_trigger). The locks are short, so this is told only to those who ask for it, and
 * not where the file sets a lock_timeout, or require-lock-timeout asks for one. A trigger that is dropped to be created
 * anew can be replaced, which locks out no reader (create_or_replace_trigger).
 */
import {
  blockedTables,
  defineRule,
  insertAfterWord,
  isKind,
  script,
  timeoutAdvice,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';
import type { Change, ChangeOf } from '../../src/rule-sdk.ts';

export const noTriggerLock = defineRule({
  id: 'no-trigger-lock',
  severity: 'info',
  set: 'strict',
  group: 'locks',
  summary: 'Creating, dropping or switching a trigger queues for its table, and others queue behind it.',
  kinds: ['create_trigger', 'drop_object', 'alter_setting', 'rename_object'],

  check(context) {
    const { change, effects, following, setting, timeouts } = context;
    if (!isAboutTrigger(change) || timeouts === 'file' || setting('lock_timeout') !== null) return null;
    const [table] = blockedTables(context);
    const mode = effects.locks[0]?.mode;
    if (table === undefined || mode === undefined) return null;
    const anew = isKind(change, 'drop_object') ? following().find((next) => isMadeAnew(change, next)) : undefined;
    const message =
      `This needs the ${mode} lock on ${table}: it waits for every transaction that is using ${table}, and meanwhile ` +
      `${whoWaitsFor(mode, table)} behind it.`;
    if (anew !== undefined) {
      return {
        message,
        instead: {
          text: 'Replace the trigger in one statement, for which nobody waits who only reads:',
          sql: script("SET lock_timeout = '2s'", insertAfterWord(anew.sql, 'CREATE', 'OR REPLACE')),
        },
      };
    }
    return {
      message,
      ...timeoutAdvice(context, {
        setting: 'lock_timeout',
        value: '2s',
        purpose: 'Let it give up after a moment, and try again later',
      }),
    };
  },
});

function isAboutTrigger(change: Change): boolean {
  if (isKind(change, 'alter_setting')) return change.setting === 'trigger switch';
  if (isKind(change, 'drop_object', 'rename_object')) return change.objectType === 'trigger';
  return isKind(change, 'create_trigger');
}

function isMadeAnew({ names }: ChangeOf<'drop_object'>, next: Change): boolean {
  return isKind(next, 'create_trigger') && !next.replace && names.some(({ name }) => name === next.name);
}
