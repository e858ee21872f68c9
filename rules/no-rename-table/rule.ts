/**
 * RENAME of a table or a view, and SET SCHEMA, while an application is running that uses the old name.
 *
 * The lock is short (ACCESS EXCLUSIVE, measured: rename_table); the harm is in the name. Not reported: a new table; a
 * rename after which the same file puts a view or another table under the old name.
 */
import {
  defineRule,
  identifier,
  isKind,
  later,
  nameText,
  qualified,
  raw,
  resolveIndex,
  script,
  sql,
  type ChangeOf,
  type RuleContext,
  type Suggestion,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'rename_object'>>;

export const noRenameTable = defineRule({
  id: 'no-rename-table',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application that use the old name of the table fail from the moment of the rename.',
  kinds: ['rename_object'],

  check(context) {
    const { change } = context;
    if (change.objectType !== 'table' && change.objectType !== 'view') return null;
    if (resolveIndex(context.catalog, change.name) !== null) return null; // written as a table
    if (context.isNew(change.name) || keepsOldName(context)) return null;
    const table = nameText(context.shippedName(change.name));
    return {
      message: `The application version that is running uses the name ${table}: from the moment of the rename, each of its queries on ${table} fails.`,
      instead: withView(context),
    };
  },
});

/** A view under the old name, or another table that takes it, comes later in the file. */
function keepsOldName({ change, following }: Context): boolean {
  const { name } = change.name;
  return following().some((next) => {
    if (isKind(next, 'create_object')) return next.objectType === 'view' && next.name.name === name;
    if (isKind(next, 'create_table')) return next.table.name === name;
    return isKind(next, 'rename_object') && next.to === name;
  });
}

function withView({ change, table, inTransaction }: Context): Suggestion {
  const moves = /\bSET\s+SCHEMA\b/i.test(change.sql);
  const to = moves ? { schema: change.to, name: change.name.name } : { schema: change.name.schema, name: change.to };
  const columns =
    table(change.name)
      ?.columns.map(({ name }) => identifier(name).text)
      .join(', ') ?? '*';
  const statements = [
    change.sql,
    sql`CREATE VIEW ${qualified(change.name)} AS SELECT ${raw(columns)} FROM ${qualified(to)}`,
  ];
  return {
    text: 'Put a view in its place in the same transaction, through which the old name goes on working:',
    sql: script(
      ...(inTransaction ? statements : ['BEGIN', ...statements, 'COMMIT']),
      '-- In a later migration, when no running version uses the old name:',
      ...later(sql`DROP VIEW ${qualified(change.name)}`),
    ),
  };
}
