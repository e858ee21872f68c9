/**
 * CREATE INDEX without CONCURRENTLY on a table that is in use.
 *
 * It takes SHARE for the whole build (measured: create_index). IF NOT EXISTS takes the lock even when the index is there
 * (create_index.if_not_exists_noop). Not reported: a partitioned table, which takes no CONCURRENTLY
 * (no-index-in-partitioned-parent looks at that); an index on a materialized view, whose readers do not wait.
 */
import {
  defineRule,
  insertAfterWord,
  nameText,
  removePhrase,
  resolveView,
  script,
  whoWaitsFor,
  type ChangeOf,
  type Report,
  type RuleContext,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_index'>>;

export const requireConcurrentIndex = defineRule({
  id: 'require-concurrent-index',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'CREATE INDEX without CONCURRENTLY blocks writes for as long as the index takes to build.',
  kinds: ['create_index'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects } = context;
    if (change.concurrently || change.only || context.isNew(change.table)) return null;
    if (effects.indexBuilds.length === 0 || context.table(change.table)?.kind === 'partitioned') return null;
    if (resolveView(context.catalog, change.table) !== null) return null;
    const table = nameText(change.table);
    const message = `This holds a SHARE lock on ${table} for as long as the index takes to build: ${whoWaitsFor('SHARE', table)}.`;
    return { message, ...concurrently(context) };
  },
});

function concurrently({ change, written, inTransaction }: Context): Pick<Report, 'instead' | 'fix'> {
  // IF NOT EXISTS would take the invalid leftover of an interrupted build for the index.
  const statement = insertAfterWord(removePhrase(written, ['IF', 'NOT', 'EXISTS']), 'INDEX', 'CONCURRENTLY');
  const without = change.ifNotExists
    ? ', and without IF NOT EXISTS, which would keep the invalid rest of an interrupted build'
    : '';
  if (inTransaction) {
    const text = `Build it without blocking writes, in a migration of its own that runs outside a transaction${without}:`;
    return { instead: { text, sql: script(statement) } };
  }
  return { instead: { text: `Build it without blocking writes${without}:`, sql: script(statement) }, fix: [statement] };
}
