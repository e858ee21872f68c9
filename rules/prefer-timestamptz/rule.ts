/**
 * New columns of type timestamp (without time zone).
 *
 * The type keeps what a clock on some wall showed, and not which wall: the moment it means changes with the TimeZone of
 * whoever reads it. timestamptz takes the same eight bytes and means a moment. Not reported: temporary and foreign tables.
 */
import { defineRule, listText, nameText, newColumns, script, withTypes } from '../../src/rule-sdk.ts';

export const preferTimestamptz = defineRule({
  id: 'prefer-timestamptz',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A timestamp without a time zone does not say which moment it means.',
  kinds: ['create_table', 'add_column'],

  check({ change, statement }) {
    const columns = newColumns(change).filter(({ type }) => /^timestamp(?:\(\d\))? without time zone/.test(type));
    if (columns.length === 0) return null;
    const names = listText(columns.map(({ name }) => nameText({ schema: null, name })));
    const edit = withTypes(statement, (_, type) =>
      timestamp.test(type) ? type.replace(timestamp, 'timestamptz$1') : null,
    );
    return {
      message: `Without a time zone, nothing in ${nameText(change.table)} says which moment ${names} means: a session with another TimeZone takes it for another one.`,
      ...(edit === null
        ? {}
        : { at: edit.at, instead: { text: 'Keep the moment; it takes no more room:', sql: script(edit.sql) } }),
    };
  },
});

/** As written; the length stays. */
const timestamp = /^(?:pg_catalog\s*\.\s*)?timestamp\b\s*(\(\s*\d+\s*\))?(?:\s+without\s+time\s+zone)?$/i;
