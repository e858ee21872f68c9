/**
 * RENAME COLUMN while an application is running that uses the old name.
 *
 * The lock is short (ACCESS EXCLUSIVE, measured: rename_column); the harm is in the name. Not reported: a new table or
 * column; a rename for which the same file keeps the old name usable, by another column under that name or by a view
 * under the table's name; the last step of a column's replacement, which takes the name of a column that the same file
 * drops or moves away; and the table that takes the place of a view which the same file drops.
 */
import {
  defineRule,
  identifier,
  isKind,
  isSameName,
  later,
  nameText,
  qualified,
  raw,
  resolveTable,
  script,
  sql,
  typeName,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'rename_column'>>;

export const noRenameColumn = defineRule({
  id: 'no-rename-column',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Queries of the running application that use the old name fail from the moment of the rename.',
  kinds: ['rename_column'],

  check(context) {
    const { change, catalog } = context;
    if (resolveTable(catalog, change.table) === null) return null; // a view
    if (context.isNewColumn(change.table, change.from)) return null;
    if (keepsOldName(context) || takesFreedName(context) || replacesView(context)) return null;
    const table = nameText(context.shippedName(change.table));
    const from = identifier(change.from).text;
    return {
      message:
        `The application version that is running still uses ${from}: from the moment of the rename, every query on ${table} that names it fails. ` +
        `The rename itself holds an ACCESS EXCLUSIVE lock on ${table} only for a moment.`,
      instead: context.column(change.table, change.from) === null ? throughView(context) : throughSecondColumn(context),
    };
  },
});

/** Another column under the old name, or a view under the table's old name, comes later in the file. */
function keepsOldName({ change, following, shippedName }: Context): boolean {
  const { table, from } = change;
  return following().some((next) => {
    if (isKind(next, 'add_column')) return next.column.name === from && isSameName(next.table, table);
    if (isKind(next, 'rename_column')) return next.to === from && isSameName(next.table, table);
    return isKind(next, 'create_object') && next.objectType === 'view' && isSameName(next.name, shippedName(table));
  });
}

/** The last step of a replacement: the column that had this name goes in the same file. */
function takesFreedName({ change, preceding }: Context): boolean {
  const { table, to } = change;
  return preceding().some((previous) => {
    if (isKind(previous, 'drop_column')) return previous.column === to && isSameName(previous.table, table);
    return isKind(previous, 'rename_column') && previous.from === to && isSameName(previous.table, table);
  });
}

/** Until this same file, a view stood under the table's name: what the application used are the names in the view. */
function replacesView({ change, preceding }: Context): boolean {
  return preceding().some(
    (previous) =>
      isKind(previous, 'drop_object') &&
      previous.objectType === 'view' &&
      previous.names.some((name) => isSameName(name, change.table)),
  );
}

function throughSecondColumn({ change, column }: Context) {
  const table = qualified(change.table);
  const from = identifier(change.from);
  const to = identifier(change.to);
  const type = typeName(column(change.table, change.from)?.type ?? 'text');
  return {
    text: 'Add a second column, move to it, and drop the first when no running version uses it:',
    sql: script(
      sql`ALTER TABLE ${table} ADD COLUMN ${to} ${raw(type)}`,
      '-- Let the new application version write both, and fill the rows that are there, in batches:',
      ...later(sql`UPDATE ${table} SET ${to} = ${from} WHERE ${to} IS NULL AND …`),
      `-- In a later migration, when no running version uses ${from.text}:`,
      ...later(sql`ALTER TABLE ${table} DROP COLUMN ${from}`),
    ),
  };
}

/** Without knowing the column's type: both names at once through a view, which the application reads and writes like the table. */
function throughView({ change, inTransaction }: Context) {
  const { name, schema } = change.table;
  const table = qualified(change.table);
  const moved = qualified({ schema, name: `${name}_data` });
  const from = identifier(change.from);
  const to = identifier(change.to);
  const statements = [
    sql`ALTER TABLE ${table} RENAME TO ${identifier(`${name}_data`)}`,
    sql`ALTER TABLE ${moved} RENAME COLUMN ${from} TO ${to}`,
    sql`CREATE VIEW ${table} AS SELECT *, ${to} AS ${from} FROM ${moved}`,
  ];
  return {
    text: 'Offer both names through a view as long as a running version uses the old one:',
    sql: script(
      ...(inTransaction ? statements : ['BEGIN', ...statements, 'COMMIT']),
      `-- In a later migration, when no running version uses ${from.text}, in one transaction:`,
      ...later(sql`DROP VIEW ${table}`, sql`ALTER TABLE ${moved} RENAME TO ${identifier(name)}`),
    ),
  };
}
