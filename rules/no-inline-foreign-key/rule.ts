/**
 * REFERENCES written behind a column that is added.
 *
 * ADD COLUMN holds ACCESS EXCLUSIVE on its table, and with the key it waits for SHARE ROW EXCLUSIVE on the referenced one
 * as well (measured: add_column.inline_references); nothing is looked up, because the column is NULL in all rows. Not
 * reported: a column with a default, whose rows are looked up (require-not-valid-foreign-key says that); a table that
 * refers to itself; a new table on either side; and a partitioned table before Postgres 18, which knows no NOT VALID, so
 * that this is the way without a look-up.
 */
import {
  columnOfInline,
  defineRule,
  has,
  identifier,
  isEmptyColumn,
  isSameName,
  nameText,
  notValidRecipe,
  script,
} from '../../src/rule-sdk.ts';

export const noInlineForeignKey = defineRule({
  id: 'no-inline-foreign-key',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN … REFERENCES blocks its own table while it waits for the lock on the other one.',
  kinds: ['add_foreign_key'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, inTransaction, isInline, isNew, version } = context;
    const target = change.constraint.references?.table ?? change.table;
    if (!isInline || isNew(change.table) || isNew(target) || isSameName(change.table, target)) return null;
    if (!isEmptyColumn(context)) return null;
    const isPartitioned = context.table(change.table)?.kind === 'partitioned';
    if (isPartitioned && !has(version, 'notValidForeignKeyOnPartitioned')) return null;
    const table = nameText(change.table);
    const column = change.constraint.columns.map((name) => identifier(name).text).join(', ');
    const statements = notValidRecipe(context);
    const outside = inTransaction ? ', in a later migration' : ', each in its own transaction';
    return {
      message:
        `The key behind ${column} needs a lock on ${nameText(target)} as well: ADD COLUMN keeps all reads and writes of ` +
        `${table} waiting until it has both, and then writes to ${nameText(target)} wait, too.`,
      instead: {
        text: `Add the column alone, then the key without a check, and validate it${outside}:`,
        sql: script(...columnOfInline(context), ...statements),
      },
      ...(inTransaction ? {} : { fix: statements }),
    };
  },
});
