/**
 * DROP … CASCADE.
 *
 * It drops whatever depends on the object, silently: views, foreign keys of other tables, policies, generated columns,
 * triggers (trap 9). Without it, Postgres refuses and lists them. Not reported: a table or column that nobody uses yet.
 */
import { defineRule, removePhrase, script, type ChangeOf, type Report, type RuleContext } from '../../src/rule-sdk.ts';

type Kind = 'drop_table' | 'drop_column' | 'drop_constraint' | 'drop_object' | 'drop_index';

export const noCascade = defineRule({
  id: 'no-cascade',
  severity: 'error',
  set: 'recommended',
  group: 'data',
  summary: 'CASCADE drops everything that depends on the object, without saying what that is.',
  kinds: ['drop_table', 'drop_column', 'drop_constraint', 'drop_object', 'drop_index'],

  check(context): Report | null {
    const { change, written } = context;
    if (!change.cascade || isNew(context)) return null;
    return {
      message:
        'CASCADE drops whatever depends on this without saying so: views, foreign keys of other tables, policies, ' +
        `triggers, generated columns. Without it Postgres refuses "${oneLine(written)}" and lists them.`,
      instead: {
        text: 'Drop what depends on it by name, each as it should be dropped, and then this:',
        sql: script(removePhrase(written, ['CASCADE'])),
      },
    };
  },
});

function isNew({ change, isNew: isNewTable, isNewColumn }: RuleContext<ChangeOf<Kind>>): boolean {
  switch (change.kind) {
    case 'drop_table':
      return change.tables.every((table) => isNewTable(table));
    case 'drop_column':
      return isNewColumn(change.table, change.column);
    case 'drop_constraint':
      return isNewTable(change.table);
    case 'drop_object':
    case 'drop_index':
      return false;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
