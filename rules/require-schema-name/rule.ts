/**
 * A relation named without its schema.
 *
 * Which one is meant, and where a new one goes, is told by the search_path of the session that runs the file: another
 * role, another tool or a SET in an earlier file, and it is another table. Not reported: temporary tables; the tables in
 * a query.
 */
import {
  defineStatementRule,
  editedText,
  identifier,
  listText,
  script,
  sql,
  unqualifiedNames,
} from '../../src/rule-sdk.ts';

export const requireSchemaName = defineStatementRule({
  id: 'require-schema-name',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'Which table a name without a schema means depends on who runs the migration.',

  check({ statement, catalog }) {
    const found = unqualifiedNames(statement, catalog);
    const [first] = found;
    if (first === undefined) return [];
    const names = listText([...new Set(found.map(({ name }) => identifier(name).text))]);
    const edits = found.map(({ start, schema }) => ({ start, end: start, text: sql`${identifier(schema)}.`.text }));
    return [
      {
        message: `Which schema ${names} is in depends on the search_path of the session that runs this.`,
        at: { start: first.start, end: first.start + identifier(first.name).text.length },
        instead: { text: 'Say the schema:', sql: script(editedText(statement, edits)) },
      },
    ];
  },
});
