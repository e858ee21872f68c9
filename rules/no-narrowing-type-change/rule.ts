/**
 * ALTER COLUMN … TYPE to a type that does not take, or does not keep, what the running application writes.
 *
 * Which pairs of types those are is told by src/postgres/type-narrowing.ts, with the error of each. Not reported: a new
 * column; a column whose old type the same file keeps under its name, by another column or by a view under the table's
 * name; a column whose present type is not known.
 */
import {
  defineRule,
  identifier,
  isKind,
  isSameName,
  later,
  makeObjectName,
  nameText,
  narrowingOf,
  qualified,
  raw,
  resolveEnum,
  script,
  sql,
  typeName,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, RuleContext, Suggestion } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'alter_column_type'>>;

export const noNarrowingTypeChange = defineRule({
  id: 'no-narrowing-type-change',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'Values that the running application writes no longer fit into the column, and are refused or cut.',
  kinds: ['alter_column_type'],

  check(context) {
    const { change, catalog, effects } = context;
    const column = context.column(change.table, change.column);
    if (column === null || context.isNewColumn(change.table, change.column) || isKept(context)) return null;
    const narrowing = narrowingOf(column.type, resolveEnum(catalog, change.type) === null ? change.type : 'enum');
    if (narrowing === null) return null;
    const table = nameText(context.shippedName(change.table));
    const name = identifier(change.column).text;
    const what = `As ${typeName(change.type)}, ${name} of ${table} takes no ${narrowing.what}`;
    const refused =
      narrowing.error === null
        ? `: what the application version that is running writes is changed without a word`
        : `: INSERT and UPDATE of the application version that is running fail with ${narrowing.error}`;
    const rewrite =
      effects.rewrites.length > 0 && !context.isNew(change.table)
        ? ` Besides, every row is written anew, and ${whoWaitsFor('ACCESS EXCLUSIVE', table)} meanwhile.`
        : '';
    return { message: `${what}${refused}.${rewrite}`, instead: instead(context, narrowing.length) };
  },
});

/** Something else stands under the name that the running application uses. */
function isKept({ change, preceding, following, shippedName }: Context): boolean {
  const { table, column } = change;
  return [...preceding(), ...following()].some((other) => {
    if (isKind(other, 'create_object'))
      return other.objectType === 'view' && isSameName(other.name, shippedName(table));
    return isKind(other, 'rename_column') && other.to === column && isSameName(other.table, table);
  });
}

function instead(context: Context, length: number | null): Suggestion {
  const { change } = context;
  const table = qualified(change.table);
  const column = identifier(change.column);
  if (length !== null) {
    const name = identifier(makeObjectName(change.table.name, change.column, 'check'));
    return {
      text: 'Keep the type, and limit it with a CHECK when every running version keeps to it:',
      sql: script(
        '-- migrate:phase contract',
        sql`ALTER TABLE ${table} ADD CONSTRAINT ${name} CHECK (char_length(${column}) <= ${raw(String(length))}) NOT VALID`,
        '-- In a later migration:',
        ...later(sql`ALTER TABLE ${table} VALIDATE CONSTRAINT ${name}`),
      ),
    };
  }
  const fresh = identifier(makeObjectName(change.column, null, 'new'));
  const value = change.using === null ? column : raw(change.using);
  return {
    text: 'Add a second column, move to it, and drop the first when no running version uses it:',
    sql: script(
      sql`ALTER TABLE ${table} ADD COLUMN ${fresh} ${raw(typeName(change.type))}`,
      '-- Let the new application version write both, and fill the rows that are there, in batches:',
      ...later(sql`UPDATE ${table} SET ${fresh} = ${value} WHERE ${fresh} IS NULL AND …`),
      `-- In a later migration, when no running version uses ${column.text}:`,
      ...later(sql`ALTER TABLE ${table} DROP COLUMN ${column}`),
    ),
  };
}
