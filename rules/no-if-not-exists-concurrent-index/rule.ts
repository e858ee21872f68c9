/**
 * CREATE INDEX CONCURRENTLY IF NOT EXISTS.
 *
 * A concurrent build that fails or is cancelled leaves an invalid index under the name (trap 19). IF NOT EXISTS takes it
 * for the index and succeeds: no query ever uses it, and every write keeps it up to date.
 */
import { defineRule, identifier, nameText, removePhrase, script } from '../../src/rule-sdk.ts';

export const noIfNotExistsConcurrentIndex = defineRule({
  id: 'no-if-not-exists-concurrent-index',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'IF NOT EXISTS takes the invalid rest of an interrupted concurrent build for the index.',
  kinds: ['create_index'],

  check({ change, written, inTransaction, isNew }) {
    if (!change.concurrently || !change.ifNotExists || isNew(change.table)) return null;
    const index = change.name === null ? 'the index' : identifier(change.name).text;
    const statement = removePhrase(written, ['IF', 'NOT', 'EXISTS']);
    return {
      message:
        `If an earlier build of ${index} on ${nameText(change.table)} was interrupted, an invalid index has its name: ` +
        `this takes it for the index and builds nothing, no query uses it, and every write has to keep it up to date.`,
      instead: {
        text: 'Let it fail when the name is taken, and drop what is invalid with DROP INDEX CONCURRENTLY:',
        sql: script(statement),
      },
      ...(inTransaction ? {} : { fix: [statement] }),
    };
  },
});
