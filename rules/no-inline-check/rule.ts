/**
 * A CHECK written behind a column that is added.
 *
 * Postgres checks every row under the ACCESS EXCLUSIVE lock of ADD COLUMN, even where the column is NULL in all of them
 * (measured: add_column.inline_check).
 */
import {
  columnOfInline,
  defineRule,
  identifier,
  isKind,
  nameText,
  notValidRecipe,
  script,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';

export const noInlineCheck = defineRule({
  id: 'no-inline-check',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN … CHECK reads the whole table while all reads and writes wait.',
  kinds: ['add_check'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, inTransaction, isInline, preceding } = context;
    if (!isInline || context.isNew(change.table) || effects.scans.length === 0) return null;
    const table = nameText(change.table);
    const added = preceding().findLast((earlier) => isKind(earlier, 'add_column'));
    const column = added === undefined ? 'the column' : identifier(added.column.name).text;
    const statements = notValidRecipe(context);
    const outside = inTransaction ? ', in a later migration' : ', each in its own transaction';
    return {
      message:
        `The check behind ${column} is made for every row of ${table}, also where ${column} is NULL, under an ` +
        `ACCESS EXCLUSIVE lock: ${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: `Add the column alone, then the check, and validate it${outside}:`,
        sql: script(...columnOfInline(context), ...statements),
      },
      ...(inTransaction ? {} : { fix: statements }),
    };
  },
});
