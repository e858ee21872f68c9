/**
 * DROP TABLE while an application is running that uses the table.
 *
 * Not reported: a table that nobody uses yet; one in whose place the same file puts a view or another table; what the
 * file says to run after the deploy.
 */
import {
  afterDeploy,
  defineRule,
  isKind,
  nameText,
  qualified,
  raw,
  sql,
  type ChangeOf,
  type RelationName,
  type RuleContext,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'drop_table'>>;

export const noDropTable = defineRule({
  id: 'no-drop-table',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application on the table fail from the moment of the drop.',
  kinds: ['drop_table'],

  check(context) {
    const { change } = context;
    const used = change.tables.filter((table) => !context.isNew(table) && !isReplaced(context, table));
    if (used.length === 0) return null;
    const tables = used.map((table) => nameText(context.shippedName(table))).join(' and ');
    const exists = raw(change.ifExists ? 'IF EXISTS ' : '');
    return {
      message:
        `The application version that is running may still use ${tables}: from the moment of the drop, each of its ` +
        `queries on ${tables} fails, and the rows are lost.`,
      instead: afterDeploy(
        'Deploy a version that does not use it; drop it when no other version is running:',
        used.map((table) => sql`DROP TABLE ${exists}${qualified(table)}`),
      ),
    };
  },
});

/** A view under its name, or another table that is renamed to it. */
function isReplaced({ following }: Context, { name }: RelationName): boolean {
  return following().some((next) => {
    if (isKind(next, 'create_object')) return next.objectType === 'view' && next.name.name === name;
    return isKind(next, 'rename_object') && next.objectType === 'table' && next.to === name;
  });
}
