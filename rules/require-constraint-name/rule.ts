/**
 * Constraints without a name.
 *
 * Postgres chooses one, and puts a number behind it where it is taken: a name that differs between two databases with the
 * same migrations. Whoever wants to validate, drop or catch the constraint needs it. Not reported: a primary key, whose
 * name is always the table's with _pkey; NOT NULL; a key that takes the name of its index; temporary tables.
 */
import {
  defineStatementRule,
  editedText,
  identifier,
  listText,
  nameText,
  script,
  sql,
  unnamedConstraints,
} from '../../src/rule-sdk.ts';

export const requireConstraintName = defineStatementRule({
  id: 'require-constraint-name',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A constraint without a name gets one that the next migration has to guess.',

  check({ statement, catalog }) {
    const found = unnamedConstraints(statement, catalog);
    const [first] = found?.constraints ?? [];
    if (found === null || first === undefined) return [];
    const what = found.constraints.map((constraint) => `a ${constraint.what}`.replace(/^a e/, 'an e'));
    const edits = found.constraints.map(({ start, name }) => ({
      start,
      end: start,
      text: sql`CONSTRAINT ${identifier(name)} `.text,
    }));
    return [
      {
        message:
          `Postgres will choose a name for ${listText([...new Set(what)])} of ${nameText(found.table)}, with a number behind it where ` +
          'it is taken; whoever validates, drops or catches the constraint later has to know it.',
        at: { start: first.start, end: first.end },
        instead: { text: 'Say the name:', sql: script(editedText(statement, edits)) },
      },
    ];
  },
});
