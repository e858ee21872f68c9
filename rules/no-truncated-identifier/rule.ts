/**
 * A name of more than 63 bytes.
 *
 * Postgres cuts it off and says so in a NOTICE that no tool shows (NAMEDATALEN). The migration works; but the name in the
 * catalog is another one, two names that begin alike become one, and whoever looks for the whole name finds nothing.
 */
import { defineStatementRule, editedText, longNames, script } from '../../src/rule-sdk.ts';

export const noTruncatedIdentifier = defineStatementRule({
  id: 'no-truncated-identifier',
  severity: 'warning',
  set: 'recommended',
  group: 'correctness',
  summary: 'Postgres cuts a name off after 63 bytes, and says so to nobody.',

  check({ statement }) {
    const names = longNames(statement);
    const [first] = names;
    if (first === undefined) return [];
    return [
      {
        message:
          `Postgres cuts ${first.name} off after 63 of its ${first.bytes} bytes: what it makes or looks for is ` +
          `${first.cut}. Another name that begins in the same way is the same to it.`,
        at: { start: first.start, end: first.end },
        instead: {
          text: 'Choose a shorter name; this is what Postgres makes of it:',
          sql: script(editedText(statement, names)),
        },
      },
    ];
  },
});
