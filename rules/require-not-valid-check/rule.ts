/**
 * ADD CHECK that is validated at once.
 *
 * It takes ACCESS EXCLUSIVE and reads the whole table under it (measured: add_check.valid). Not reported: NOT VALID and
 * NOT ENFORCED, which look at no row. A check written behind a new column is the business of no-inline-check.
 */
import { defineRule, nameText, notValidRecipe, script, whoWaitsFor } from '../../src/rule-sdk.ts';

export const requireNotValidCheck = defineRule({
  id: 'require-not-valid-check',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD CHECK without NOT VALID reads the whole table while all reads and writes wait.',
  kinds: ['add_check'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, inTransaction, isInline } = context;
    if (isInline || context.isNew(change.table) || effects.scans.length === 0) return null;
    const table = nameText(change.table);
    const statements = notValidRecipe(context);
    const outside = inTransaction ? ', in a later migration' : ', in a transaction of its own';
    return {
      message:
        `This holds an ACCESS EXCLUSIVE lock on ${table} while it checks every row: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: `Add it without the check, and check the rows without blocking anybody${outside}:`,
        sql: script(...statements),
      },
      ...(inTransaction ? {} : { fix: statements }),
    };
  },
});
