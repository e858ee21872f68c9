/**
 * UNIQUE written behind a column that is added.
 *
 * The index is built under the ACCESS EXCLUSIVE lock of ADD COLUMN (measured: add_column.inline_unique), although the
 * column is new: Postgres reads every row for it.
 */
import {
  columnOfInline,
  defineRule,
  identifier,
  keyRecipe,
  nameText,
  script,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';

export const noInlineUnique = defineRule({
  id: 'no-inline-unique',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN … UNIQUE builds an index while all reads and writes wait.',
  kinds: ['add_unique'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, inTransaction, isInline, isNew } = context;
    if (change.constraint.kind !== 'unique' || !isInline || isNew(change.table)) return null;
    if (effects.indexBuilds.length === 0) return null;
    const table = nameText(change.table);
    const column = change.constraint.columns.map((name) => identifier(name).text).join(', ');
    const statements = keyRecipe(context);
    const outside = inTransaction ? ', the index in a migration that runs outside a transaction' : '';
    return {
      message:
        `The index behind ${column} is built over every row of ${table} under an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: `Add the column alone, build the index without blocking writes, and make it the key${outside}:`,
        sql: script(...columnOfInline(context), ...statements),
      },
      ...(inTransaction ? {} : { fix: statements }),
    };
  },
});
