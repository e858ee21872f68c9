/**
 * New columns of type money.
 *
 * It has the currency and the number of decimals of the session's lc_monetary, and none of its own: another setting
 * reads the same value as another amount.
 */
import { defineRule, listText, nameText, newColumns, script, withTypes } from '../../src/rule-sdk.ts';

export const noMoneyType = defineRule({
  id: 'no-money-type',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'What a money value is worth depends on a setting of whoever reads it.',
  kinds: ['create_table', 'add_column'],

  check({ change, statement }) {
    const columns = newColumns(change).filter(({ type }) => type.startsWith('money'));
    if (columns.length === 0) return null;
    const names = listText(columns.map(({ name }) => nameText({ schema: null, name })));
    const edit = withTypes(statement, (_, type) => (money.test(type) ? 'numeric(19, 4)' : null));
    return {
      message: `How much ${names} of ${nameText(change.table)} is worth, and in which currency, is told by lc_monetary of whoever reads it, and by nothing in the table.`,
      ...(edit === null
        ? {}
        : {
            at: edit.at,
            instead: {
              text: 'Use numeric, with the currency in a column of its own where there are several:',
              sql: script(edit.sql),
            },
          }),
    };
  },
});

const money = /^(?:pg_catalog\s*\.\s*)?money$/i;
