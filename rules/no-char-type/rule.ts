/**
 * New columns of type char(n).
 *
 * Values are padded with blanks to the length, which takes room, and the blanks count in some comparisons and not in
 * others: LIKE and regular expressions see them, = does not. char is char(1).
 */
import { defineRule, listText, nameText, newColumns, script, withTypes } from '../../src/rule-sdk.ts';

export const noCharType = defineRule({
  id: 'no-char-type',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A char column pads every value with blanks, which some comparisons see and others do not.',
  kinds: ['create_table', 'add_column'],

  check({ change, statement }) {
    const columns = newColumns(change).filter(({ type }) => /^character\(\d+\)/.test(type));
    if (columns.length === 0) return null;
    const names = listText(columns.map(({ name }) => nameText({ schema: null, name })));
    const edit = withTypes(statement, (_, type) => (char.test(type) ? 'text' : null));
    return {
      message: `Values of ${names} in ${nameText(change.table)} are filled up with blanks to the whole length: they take room, LIKE sees them, and = does not.`,
      ...(edit === null
        ? {}
        : {
            at: edit.at,
            instead: { text: 'Use text; where the length means something, add it as a CHECK:', sql: script(edit.sql) },
          }),
    };
  },
});

const char = /^(?:pg_catalog\s*\.\s*)?(?:(?:national\s+)?char(?:acter)?|nchar|bpchar)(?:\s*\(\s*\d+\s*\))?$/i;
