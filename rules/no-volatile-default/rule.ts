/**
 * ADD COLUMN with a default that is computed anew for each row.
 *
 * Postgres keeps a default that is the same for all rows beside the table and writes no row (constants, now()); a volatile
 * one is computed for every row while the table is written anew under ACCESS EXCLUSIVE (measured:
 * add_column.gen_random_uuid_default). Identity, serial and stored generated columns and types with a constraint rewrite for
 * reasons of their own, and have rules of their own.
 */
import {
  defineRule,
  identifier,
  isConstrainedDomain,
  later,
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

export const noVolatileDefault = defineRule({
  id: 'no-volatile-default',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD COLUMN with a volatile default writes the whole table anew while all reads and writes wait.',
  kinds: ['add_column'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, catalog, isNew, inTransaction } = context;
    const { column, table: name } = change;
    if (isNew(name) || effects.rewrites.length === 0 || column.default === null || column.serial !== null) return null;
    if (isConstrainedDomain(catalog, column.type)) return null;
    const table = nameText(name);
    const statements = inSteps(context);
    return {
      message:
        `The default ${column.default} gives each row another value, so every row of ${table} is written anew under an ` +
        `ACCESS EXCLUSIVE lock: ${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: {
        text: 'Add it without the default, set the default for new rows, and fill the others in batches:',
        sql: script(...statements, ...afterwards(context)),
      },
      ...(inTransaction ? {} : { fix: statements }),
    };
  },
});

function inSteps({ change }: Context): readonly string[] {
  const on = sql`ALTER TABLE ${qualified(change.table)}`;
  const column = identifier(change.column.name);
  const collation = change.column.collation === null ? raw('') : sql` COLLATE ${raw(change.column.collation)}`;
  return [
    sql`${on} ADD COLUMN ${column} ${raw(change.column.type)}${collation}`.text,
    sql`${on} ALTER COLUMN ${column} SET DEFAULT ${raw(change.column.default ?? 'NULL')}`.text,
  ];
}

function afterwards({ change, catalog }: Context): readonly string[] {
  const column = identifier(change.column.name);
  const fill = sql`UPDATE ${qualified(change.table)} SET ${column} = DEFAULT WHERE ${column} IS NULL AND …`;
  if (!change.column.notNull) return ['-- Fill it in batches:', ...later(fill)];
  return [
    '-- Fill it in batches:',
    ...later(fill),
    '-- In a later migration, each in a transaction of its own:',
    ...later(...notNullRecipe(catalog, change.table, change.column.name, change.column.notNullName)),
  ];
}
