/**
 * New columns of type json, where no-json-column is silent: those of a new table, and those of a table that has one.
 *
 * json keeps the text and reads it again for each use; it has no equality and no index. jsonb keeps the value.
 */
import { defineRule, listText, nameText, newColumns, script, withTypes } from '../../src/rule-sdk.ts';

export const preferJsonb = defineRule({
  id: 'prefer-jsonb',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A json column is parsed anew for every use and can be neither compared nor indexed.',
  kinds: ['create_table', 'add_column'],

  check({ change, statement }) {
    const columns = newColumns(change).filter(({ type }) => /^json(?:\[\])?$/.test(type));
    if (columns.length === 0) return null;
    const names = listText(columns.map(({ name }) => nameText({ schema: null, name })));
    const edit = withTypes(statement, (_, type) => (json.test(type) ? 'jsonb' : null));
    return {
      message: `JSON that is kept as text in ${names} of ${nameText(change.table)} is parsed anew for every use, and can be neither compared nor indexed.`,
      ...(edit === null ? {} : { at: edit.at, instead: { text: 'Use jsonb:', sql: script(edit.sql) } }),
    };
  },
});

const json = /^(?:pg_catalog\s*\.\s*)?json$/i;
