/**
 * DROP COLUMN while an application is running that knows the column.
 *
 * The lock is short (ACCESS EXCLUSIVE, measured: drop_column); the harm is in what is gone: queries that name the column
 * fail, also those of an ORM that lists all columns it knows of. Not reported: a new table or column; a column whose place
 * another one takes in the same file; what the file says to run after the deploy.
 */
import {
  afterDeploy,
  defineRule,
  identifier,
  isKind,
  isSameName,
  nameText,
  qualified,
  sql,
  type ChangeOf,
  type RuleContext,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'drop_column'>>;

export const noDropColumn = defineRule({
  id: 'no-drop-column',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application that name the column fail from the moment of the drop.',
  kinds: ['drop_column'],

  check(context) {
    const { change, written } = context;
    if (context.isNewColumn(change.table, change.column) || isGone(context) || isReplaced(context)) return null;
    const table = nameText(context.shippedName(change.table));
    const column = identifier(change.column).text;
    return {
      message:
        `The application version that is running knows ${column}: from the moment of the drop, every query on ${table} ` +
        `that names it fails, and its values are lost.`,
      instead: afterDeploy(
        'Deploy a version that does not use it; drop it when no other version is running:',
        [written],
        optionalFirst(context),
      ),
    };
  },
});

/** IF EXISTS of a column that is known not to be there. */
function isGone({ change, table, column }: Context): boolean {
  return change.ifExists && table(change.table) !== null && column(change.table, change.column) === null;
}

function isReplaced({ change, following }: Context): boolean {
  return following().some((next) => {
    if (isKind(next, 'add_column')) return next.column.name === change.column && isSameName(next.table, change.table);
    return isKind(next, 'rename_column') && next.to === change.column && isSameName(next.table, change.table);
  });
}

/** The new version must be able to leave it out. */
function optionalFirst({ change, column }: Context) {
  const known = column(change.table, change.column);
  if (known === null || !known.notNull || known.default !== null || known.identity !== null) return [];
  return [sql`ALTER TABLE ${qualified(change.table)} ALTER COLUMN ${identifier(change.column)} DROP NOT NULL`];
}
