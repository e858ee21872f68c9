/**
 * New columns of type varchar(n).
 *
 * The server stores them as it stores text; the length is a check that nobody can change without work: a shorter one
 * reads all rows under ACCESS EXCLUSIVE (measured: type.varchar_narrow), where a CHECK can be added NOT VALID, validated
 * and dropped. varchar without a length is text under another name and is not reported.
 */
import { defineRule, listText, nameText, newColumns, script, withTypes } from '../../src/rule-sdk.ts';

export const preferText = defineRule({
  id: 'prefer-text',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A length in the type of a text column can be made longer, but not shorter without blocking everybody.',
  kinds: ['create_table', 'add_column'],

  check({ change, statement }) {
    const columns = newColumns(change).filter(({ type }) => /^character varying\(\d+\)/.test(type));
    if (columns.length === 0) return null;
    const names = listText(columns.map(({ name }) => nameText({ schema: null, name })));
    const edit = withTypes(statement, (_, type) => (varchar.test(type) ? 'text' : null));
    return {
      message: `The length of ${names} in ${nameText(change.table)} saves no room, and making it shorter later reads and writes the whole table while all reads and writes wait.`,
      ...(edit === null
        ? {}
        : {
            at: edit.at,
            instead: {
              text: 'Use text; where a limit means something, add it as a CHECK, which can be changed:',
              sql: script(edit.sql),
            },
          }),
    };
  },
});

const varchar = /^(?:pg_catalog\s*\.\s*)?(?:varchar|(?:national\s+)?char(?:acter)?\s+varying)\s*\(/i;
