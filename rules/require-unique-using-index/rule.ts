/**
 * ADD UNIQUE that builds its index itself.
 *
 * It takes ACCESS EXCLUSIVE for as long as the build takes (measured: add_unique). Not reported: USING INDEX, which
 * attaches an index that is there. A key written behind a new column is the business of no-inline-unique.
 */
import { defineRule, keyAdvice, nameText, whoWaitsFor } from '../../src/rule-sdk.ts';

export const requireUniqueUsingIndex = defineRule({
  id: 'require-unique-using-index',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD UNIQUE builds its index while all reads and writes wait.',
  kinds: ['add_unique'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, isInline, isNew } = context;
    if (change.constraint.kind !== 'unique' || isInline || isNew(change.table)) return null;
    if (effects.indexBuilds.length === 0) return null;
    const table = nameText(change.table);
    return {
      message:
        `This builds an index while it holds an ACCESS EXCLUSIVE lock on ${table}: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      ...keyAdvice(context),
    };
  },
});
