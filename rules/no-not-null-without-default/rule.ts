/**
 * ADD COLUMN … NOT NULL without anything that gives the rows a value.
 *
 * Postgres refuses it as soon as the table has a row (measured: add_column.not_null_no_default_nonempty); on an empty
 * table it goes through, and then the running application, which does not know the column, can insert nothing any more.
 * Serial, identity and generated columns have a value. `migrate:using` above the statement names one for onward.
 */
import {
  defineRule,
  identifier,
  later,
  nameText,
  notNullRecipe,
  qualified,
  removePhrase,
  script,
  sql,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, ColumnSpec, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'add_column'>>;

export const noNotNullWithoutDefault = defineRule({
  id: 'no-not-null-without-default',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN … NOT NULL without a default fails on a table with rows, and breaks inserts that leave it out.',
  kinds: ['add_column'],

  check(context) {
    const { change, statement } = context;
    const { column } = change;
    if (!needsValue(column) || context.isNew(change.table)) return null;
    if (statement.directives.some(({ kind }) => kind === 'using')) return null;
    if (change.ifNotExists && isThere(context)) return null;
    const table = nameText(change.table);
    const name = identifier(column.name).text;
    const nullable = withoutNotNull(context);
    return {
      message:
        `The rows of ${table} have no value for ${name}, so this fails unless the table is empty. ` +
        `Afterwards every INSERT into ${table} by an application version that does not know ${name} fails.`,
      instead: {
        text: 'Add it nullable first; require it when every row and every running version has a value:',
        sql: inSteps(context, nullable ?? change.sql),
      },
      ...(nullable === null ? {} : { fix: [nullable], fixReplaces: 'command' }),
    };
  },
});

function needsValue(column: ColumnSpec): boolean {
  const hasValue = column.default ?? column.generated ?? column.identity ?? column.serial;
  return column.notNull && hasValue === null;
}

function isThere({ change, table }: Context): boolean {
  return table(change.table)?.columns.some(({ name }) => name === change.column.name) === true;
}

/** Null for a column that is NOT NULL without saying so: a primary key. */
function withoutNotNull({ change, written }: Context): string | null {
  const phrase = change.column.notNullName === null ? ['NOT', 'NULL'] : ['CONSTRAINT', null, 'NOT', 'NULL'];
  const nullable = removePhrase(written, phrase);
  return nullable === written ? null : nullable;
}

function inSteps({ change, catalog }: Context, add: string): string {
  const table = qualified(change.table);
  const column = identifier(change.column.name);
  return script(
    add,
    '-- Fill it in batches:',
    ...later(sql`UPDATE ${table} SET ${column} = … WHERE ${column} IS NULL AND …`),
    '-- In a later migration, each in a transaction of its own:',
    ...later(...notNullRecipe(catalog, change.table, change.column.name, change.column.notNullName)),
  );
}
