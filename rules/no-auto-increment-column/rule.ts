/**
 * ADD COLUMN of a serial type, or as identity.
 *
 * Every row gets a number, so the table is written anew under ACCESS EXCLUSIVE (measured: add_column.serial,
 * add_column.identity). The numbers come in no useful order either: rows are numbered as they lie on disk.
 */
import {
  defineRule,
  identifier,
  later,
  literal,
  makeObjectName,
  nameText,
  notNullRecipe,
  qualified,
  raw,
  script,
  sql,
  whoWaitsFor,
  type ChangeOf,
  type RuleContext,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'add_column'>>;

export const noAutoIncrementColumn = defineRule({
  id: 'no-auto-increment-column',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN of a serial type or as identity numbers every row while all reads and writes wait.',
  kinds: ['add_column'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, isNew } = context;
    const { serial, identity } = change.column;
    if ((serial === null && identity === null) || isNew(change.table) || effects.rewrites.length === 0) return null;
    const table = nameText(change.table);
    return {
      message:
        `This gives every row of ${table} a number and writes it anew under an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: 'Add the column, let a sequence number new rows, and number the others in batches:',
        sql: script(...inSteps(context)),
      },
    };
  },
});

function inSteps({ change, catalog }: Context): readonly string[] {
  const { table, column } = change;
  const on = sql`ALTER TABLE ${qualified(table)}`;
  const name = identifier(column.name);
  const sequence = { schema: table.schema, name: makeObjectName(table.name, column.name, 'seq') };
  const type = column.serial ?? column.type;
  const next = sql`nextval(${literal(qualified(sequence).text)})`;
  return [
    sql`${on} ADD COLUMN ${name} ${raw(type)}`.text,
    sql`CREATE SEQUENCE ${qualified(sequence)} AS ${raw(type)} OWNED BY ${qualified(table)}.${name}`.text,
    sql`${on} ALTER COLUMN ${name} SET DEFAULT ${next}`.text,
    '-- Number the rows that are there, in batches:',
    ...later(sql`UPDATE ${qualified(table)} SET ${name} = DEFAULT WHERE ${name} IS NULL AND …`),
    '-- In a later migration, each in a transaction of its own:',
    ...later(...notNullRecipe(catalog, table, column.name, column.notNullName)),
  ];
}
