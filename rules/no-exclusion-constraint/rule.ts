/**
 * ADD … EXCLUDE on a table in use.
 *
 * It builds its index under ACCESS EXCLUSIVE (measured: add_exclude, create_exclusion), and there is no way around that:
 * only a unique index can be made a constraint afterwards, and an exclusion knows no NOT VALID. What remains is a second
 * table that has the constraint from the beginning.
 */
import { defineRule, nameText, throughSecondTable, whoWaitsFor } from '../../src/rule-sdk.ts';

export const noExclusionConstraint = defineRule({
  id: 'no-exclusion-constraint',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'An exclusion constraint builds its index while all reads and writes wait, and there is no other way.',
  kinds: ['add_unique'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, isNew } = context;
    if (change.constraint.kind !== 'exclusion' || isNew(change.table) || effects.indexBuilds.length === 0) return null;
    const table = nameText(change.table);
    return {
      message:
        `This builds an index over every row of ${table} while it holds an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: throughSecondTable(context.change),
    };
  },
});
