/**
 * ADD PRIMARY KEY that builds its index itself.
 *
 * It takes ACCESS EXCLUSIVE for as long as the build takes (measured: add_primary_key.notnull_col), and reads every row once more for a column
 * that is not NOT NULL yet. Not reported: USING INDEX (no-nullable-primary-key looks at that), and a key written behind a
 * new column, which is reported for its numbers or for its NOT NULL.
 */
import { defineRule, keyAdvice, nameText, nullableKeyColumns, whoWaitsFor } from '../../src/rule-sdk.ts';

export const requirePrimaryKeyUsingIndex = defineRule({
  id: 'require-primary-key-using-index',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD PRIMARY KEY builds its index while all reads and writes wait.',
  kinds: ['add_unique'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, isInline, isNew } = context;
    if (change.constraint.kind !== 'primary_key' || change.constraint.usingIndex !== null || isInline) return null;
    if (isNew(change.table) || effects.indexBuilds.length === 0) return null;
    const table = nameText(change.table);
    const looks = nullableKeyColumns(context).length > 0 ? 'looks for NULLs in every row and ' : '';
    return {
      message:
        `This ${looks}builds an index while it holds an ACCESS EXCLUSIVE lock on ${table}: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      ...keyAdvice(context),
    };
  },
});
