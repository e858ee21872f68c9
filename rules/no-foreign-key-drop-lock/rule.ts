/**
 * A foreign key that goes, with its table, with its column or by itself, while something else goes on as well.
 *
 * It locks the referenced table in ACCESS EXCLUSIVE, too (measured: drop_table.with_fk_out, drop_column.with_fk,
 * drop_constraint.fk), and that lock lasts to the end of the transaction: while the files of a large table are deleted, or
 * while the next statement waits. By itself it takes a moment. Not reported: a key or a column with one key that has its
 * transaction to itself; new tables on either side; a table that refers to itself, or to one that is dropped with it.
 */
import {
  defineRule,
  identifier,
  isKind,
  isSameName,
  nameText,
  qualified,
  resolveTable,
  script,
  sql,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, RelationName, RuleContext, Table } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'drop_table' | 'drop_column' | 'drop_constraint'>>;

type Key = { readonly table: RelationName; readonly name: string; readonly target: string };

export const noForeignKeyDropLock = defineRule({
  id: 'no-foreign-key-drop-lock',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'Dropping a foreign key, its column or its table blocks the referenced table as well.',
  kinds: ['drop_table', 'drop_column', 'drop_constraint'],

  check(context) {
    const { change, inTransaction, preceding, sharing, statement, written } = context;
    const keys = keysThatGo(context);
    if (keys.length === 0) return null;
    const isAlone = !isBesideOthers(context);
    if (isAlone && keys.length === 1 && !isKind(change, 'drop_table')) return null;
    const targets = [...new Set(keys.map(({ target }) => target))].join(' and ');
    const names = keys.map(({ name }) => identifier(name).text).join(' and ');
    const drops = keys.map(
      ({ table, name }) => sql`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${identifier(name)}`,
    );
    // What the person says about the statement holds for it wherever it stands.
    const said = statement.directives.some(({ kind }) => kind === 'phase') ? ['-- migrate:phase contract'] : [];
    const rest = isKind(change, 'drop_constraint') ? [] : [...said, written];
    const outside = inTransaction ? 'in a migration of its own' : 'in a transaction of its own';
    const until = isAlone ? 'until all is gone' : 'until the end of its transaction';
    return {
      message:
        `The foreign ${keys.length === 1 ? 'key' : 'keys'} ${names} of ${tablesOf(change)} ` +
        `${keys.length === 1 ? 'goes' : 'go'} with this, which needs an ACCESS EXCLUSIVE lock on ${targets} as well: ` +
        `all reads and writes of ${targets} wait ${until}.`,
      instead: {
        text: `Drop ${keys.length === 1 ? 'the key' : 'each key'} first, ${outside}:`,
        sql: script(...drops, ...rest),
      },
      // The first key of a transaction stands for the others; each table has keys of its own.
      ...(isKind(change, 'drop_table') ? {} : { once: String(preceding().length - sharing().length) }),
    };
  },
});

function tablesOf(change: Context['change']): string {
  const tables = isKind(change, 'drop_table') ? change.tables : [change.table];
  return tables.map(nameText).join(' and ');
}

/** Other statements of its transaction, or other commands of its statement; settings lock nothing. */
function isBesideOthers({ sharing, sharingAfter }: Context): boolean {
  return [...sharing(), ...sharingAfter()].some(({ kind }) => kind !== 'set_session' && kind !== 'transaction_control');
}

function keysThatGo({ change, catalog, isNew, table: known }: Context): readonly Key[] {
  const dropped = isKind(change, 'drop_table') ? change.tables : [];
  const written = isKind(change, 'drop_table') ? change.tables : [change.table];
  return written.flatMap((table) => {
    const found = isNew(table) ? null : known(table);
    const keys = found?.constraints.filter((constraint) => goes(change, constraint)) ?? [];
    return keys.flatMap(({ name, references }) => {
      const target = references === null ? null : resolveTable(catalog, references.table);
      if (target === null || isNew(target) || target === found) return [];
      if (dropped.some((gone) => isSameName(gone, target))) return [];
      const schema = table.schema === null && target.schema === found?.schema ? null : target.schema;
      return [{ table, name, target: nameText({ schema, name: target.name }) }];
    });
  });
}

function goes(change: Context['change'], { kind, inherited, columns, name }: Table['constraints'][number]): boolean {
  if (kind !== 'foreign_key' || inherited) return false;
  if (isKind(change, 'drop_column')) return columns.includes(change.column);
  return isKind(change, 'drop_table') || name === change.name;
}
