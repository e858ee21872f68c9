/**
 * SET NOT NULL, also as ADD CONSTRAINT … NOT NULL.
 *
 * Postgres reads the whole table under ACCESS EXCLUSIVE, on every version (measured: set_not_null), unless a validated
 * CHECK (column IS NOT NULL) proves that there is no NULL (set_not_null.with_valid_check, from 12 on), or the column is
 * NOT NULL already. Which of these holds is told by the effects, so that the safe recipe itself is never reported,
 * whichever files it is spread over.
 */
import { defineRule, identifier, nameText, notNullRecipe, script, whoWaitsFor } from '../../src/rule-sdk.ts';

export const noSetNotNull = defineRule({
  id: 'no-set-not-null',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'SET NOT NULL reads the whole table while all reads and writes wait.',
  kinds: ['set_not_null'],
  severityOnSmallTable: 'info',

  check({ change, effects, catalog, inTransaction, isNew }) {
    if (isNew(change.table) || effects.scans.length === 0) return null;
    const table = nameText(change.table);
    const column = identifier(change.column).text;
    const recipe = notNullRecipe(catalog, change.table, change.column, change.constraintName);
    const outside = inTransaction
      ? ', each statement in a migration of its own'
      : ', each statement in its own transaction';
    return {
      message:
        `This reads all of ${table} to look for NULLs in ${column} while it holds an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: { text: `Look for NULLs without blocking anybody${outside}:`, sql: script(...recipe) },
      ...(inTransaction ? {} : { fix: recipe }),
    };
  },
});
