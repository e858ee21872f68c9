/**
 * A new column of type json.
 *
 * The type has no equality: SELECT DISTINCT, UNION and GROUP BY over the row fail, also in queries that were written
 * before the column was there. jsonb has it, and can be indexed.
 */
import { defineRule, identifier, nameText, qualified, script, sql, raw } from '../../src/rule-sdk.ts';

export const noJsonColumn = defineRule({
  id: 'no-json-column',
  severity: 'warning',
  set: 'recommended',
  group: 'data',
  summary: 'A column of type json makes SELECT DISTINCT and GROUP BY over the whole row fail.',
  kinds: ['add_column'],

  check({ change, isNew, table: known }) {
    const { column, table: name } = change;
    if (column.type !== 'json' || isNew(name)) return null;
    // With another one, whole rows cannot be compared anyway.
    if (known(name)?.columns.some(({ type }) => type === 'json') === true) return null;
    const table = nameText(name);
    const added = identifier(column.name);
    const rest = `${column.default === null ? '' : ` DEFAULT ${column.default.replace(/::json$/, '::jsonb')}`}${column.notNull ? ' NOT NULL' : ''}`;
    return {
      message: `Values of type json cannot be compared, so every SELECT DISTINCT, UNION and GROUP BY over whole rows of ${table} fails once ${added.text} is there.`,
      instead: {
        text: 'Use jsonb, which can be compared and indexed:',
        sql: script(sql`ALTER TABLE ${qualified(name)} ADD COLUMN ${added} jsonb${raw(rest)}`),
      },
    };
  },
});
