/** ALTER TYPE … RENAME VALUE: instant, and every query with the old label fails from then on. */
import { defineRule, literal, nameText, qualified, script, sql, later } from '../../src/rule-sdk.ts';

export const noRenameEnumValue = defineRule({
  id: 'no-rename-enum-value',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application that use the old label fail from the moment of the rename.',
  kinds: ['rename_object'],

  check({ change, inTransaction }) {
    if (change.objectType !== 'enum value') return null;
    const type = nameText(change.name);
    const from = literal(change.from).text;
    const add = sql`ALTER TYPE ${qualified(change.name)} ADD VALUE ${literal(change.to)} AFTER ${literal(change.from)}`;
    const outside = inTransaction ? ', in a migration of its own' : '';
    return {
      message: `The application version that is running knows ${from} of ${type}: from the moment of the rename, each of its queries that writes or compares with it fails, and what it reads is a value that it does not know.`,
      instead: {
        text: `Add the new label beside the old one${outside}, and move to it:`,
        sql: script(
          add,
          `-- Let the new version read both and write the new one, and change the rows in batches:`,
          ...later(`UPDATE … SET … = ${literal(change.to).text} WHERE … = ${from}`),
        ),
      },
    };
  },
});
