/**
 * Work that takes long in a transaction that holds a lock which others wait for.
 *
 * The lock of an ALTER TABLE is harmless when it is held for a moment; it lasts to the end of the transaction, though.
 * Which locks are held, and on which tables in use, is told by the effects of what comes before. Reported is work that is
 * harmless by itself: VALIDATE, and what fills or refreshes a materialized view. Rows that are changed are
 * no-data-change-with-schema-change's; a statement that blocks others by itself has a rule of its own.
 */
import {
  defineRule,
  isKind,
  isSameName,
  nameText,
  script,
  shortName,
  viewSwap,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, RelationName, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'validate_constraint' | 'refresh_view' | 'create_object'>>;

export const noWorkUnderExclusiveLock = defineRule({
  id: 'no-work-under-exclusive-lock',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'Work in a transaction that has locked a table keeps everybody from that table until it is done.',
  kinds: ['validate_constraint', 'refresh_view', 'create_object'],

  check(context) {
    const { change, held, statement, written } = context;
    const lock = held.findLast(({ mode }) => mode === 'ACCESS EXCLUSIVE') ?? held.at(-1);
    const work = lock === undefined ? null : workOf(context);
    if (lock === undefined || work === null) return null;
    const table = shortName(lock.table);
    const isAnew =
      change.kind === 'create_object' &&
      isKind(lock.by, 'drop_object') &&
      lock.by.names.some((name) => isSameName(name, change.name));
    const swap = isAnew ? viewSwap(statement, change.name, lock.by.sql) : null;
    return {
      message:
        `The ${context.inTransaction ? 'transaction' : 'statement'} holds ${article(lock.mode)} ${lock.mode} lock on ${table}, and keeps it while this ${work}: ` +
        `${whoWaitsFor(lock.mode, table)} until it is done.`,
      instead: swap ?? {
        text: 'Let the lock go before: give each a transaction, or a migration, of its own:',
        sql: script(lock.by.sql, written),
      },
      ...(swap === null && canCommit(context)
        ? { fix: ['COMMIT', 'BEGIN', statement.text], fixReplaces: 'statement' as const }
        : {}),
    };
  },
});

function article(mode: string): string {
  return /^[AE]/.test(mode) ? 'an' : 'a';
}

/** What takes long; null for what does not, and for what is done to new tables. */
function workOf(context: Context): string | null {
  const { change, effects, isNew } = context;
  switch (change.kind) {
    case 'validate_constraint':
      return isNew(change.table) || effects.scans.length === 0 ? null : `checks every row of ${nameText(change.table)}`;
    case 'refresh_view':
      return isNew(change.view) || !change.withData ? null : `fills ${nameText(change.view)}`;
    case 'create_object': {
      const isFilled = change.objectType === 'materialized view' && change.withData;
      return isFilled && readsUsed(context, change.reads) ? `fills ${nameText(change.name)}` : null;
    }
  }
}

function readsUsed({ isNew }: Context, tables: readonly RelationName[]): boolean {
  return tables.some((table) => !isNew(table));
}

/** The file's own transaction, which no SET LOCAL ties together. */
function canCommit({ preceding, sharing }: Context): boolean {
  const opened = preceding().findLast((change) => isKind(change, 'transaction_control'));
  return opened?.command === 'begin' && !sharing().some((change) => isKind(change, 'set_session') && change.local);
}
