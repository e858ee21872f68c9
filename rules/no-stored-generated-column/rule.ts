/**
 * ADD COLUMN … GENERATED ALWAYS AS (…) STORED.
 *
 * The value is computed for every row while the table is written anew under ACCESS EXCLUSIVE (measured:
 * add_column.generated_stored). VIRTUAL (from Postgres 18 on, and the default there) stores nothing and writes nothing.
 */
import {
  canBeVirtual,
  defineRule,
  dollarQuote,
  has,
  identifier,
  later,
  makeObjectName,
  nameText,
  qualified,
  raw,
  script,
  sql,
  whoWaitsFor,
  type ChangeOf,
  type RuleContext,
  type Suggestion,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'add_column'>>;

export const noStoredGeneratedColumn = defineRule({
  id: 'no-stored-generated-column',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'A stored generated column writes the whole table anew while all reads and writes wait.',
  kinds: ['add_column'],
  severityOnSmallTable: 'info',

  check(context) {
    const { catalog, change, effects, isNew, version } = context;
    const { generated } = change.column;
    if (generated?.kind !== 'stored' || isNew(change.table) || effects.rewrites.length === 0) return null;
    const table = nameText(change.table);
    return {
      message:
        `The value of ${identifier(change.column.name).text} is computed for every row of ${table} while the table is ` +
        `written anew under an ACCESS EXCLUSIVE lock: ${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead:
        has(version, 'virtualGeneratedColumns') && canBeVirtual(change.column.type, generated.expression, catalog)
          ? computedOnRead(context, generated.expression)
          : keptByTrigger(context, generated.expression),
    };
  },
});

function computedOnRead({ change }: Context, expression: string): Suggestion {
  const { table, column } = change;
  return {
    text: 'Compute it when it is read, which writes no row:',
    sql: script(
      sql`ALTER TABLE ${qualified(table)} ADD COLUMN ${identifier(column.name)} ${raw(column.type)} GENERATED ALWAYS AS (${raw(expression)}) VIRTUAL`,
    ),
  };
}

function keptByTrigger({ change }: Context, expression: string): Suggestion {
  const { table, column } = change;
  const on = qualified(table);
  const name = identifier(column.name);
  const helper = makeObjectName(table.name, column.name, 'gen');
  const body = sql`BEGIN NEW.${name} := (SELECT ${raw(expression)} FROM (SELECT NEW.*) AS new_row); RETURN NEW; END`;
  return {
    text: 'Let a trigger compute it for new rows, and fill the others in batches:',
    sql: script(
      sql`ALTER TABLE ${on} ADD COLUMN ${name} ${raw(column.type)}`,
      sql`CREATE FUNCTION ${qualified({ schema: table.schema, name: helper })}() RETURNS trigger LANGUAGE plpgsql AS ${raw(dollarQuote(body.text, 'body'))}`,
      sql`CREATE TRIGGER ${identifier(helper)} BEFORE INSERT OR UPDATE ON ${on} FOR EACH ROW EXECUTE FUNCTION ${qualified({ schema: table.schema, name: helper })}()`,
      '-- Fill it in batches; the trigger computes the value:',
      ...later(sql`UPDATE ${on} SET ${name} = NULL WHERE …`),
    ),
  };
}
