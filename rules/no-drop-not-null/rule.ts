/** DROP NOT NULL: harmless for the server, but the running version may read a NULL where it has never seen one. */
import { afterDeploy, defineRule, identifier, nameText } from '../../src/rule-sdk.ts';

export const noDropNotNull = defineRule({
  id: 'no-drop-not-null',
  severity: 'warning',
  set: 'strict',
  group: 'old version',
  summary: 'The running application may read a NULL where it has never seen one.',
  kinds: ['drop_not_null'],

  check({ change, isNewColumn, column, written }) {
    if (isNewColumn(change.table, change.column) || column(change.table, change.column)?.notNull === false) return null;
    const table = nameText(change.table);
    const name = identifier(change.column).text;
    return {
      message: `The application version that is running may take it for granted that ${name} of ${table} has a value, and fail at the first row that the new version writes without one.`,
      instead: afterDeploy('Deploy a version that can read NULL; allow it when no other version is running:', [
        written,
      ]),
    };
  },
});
