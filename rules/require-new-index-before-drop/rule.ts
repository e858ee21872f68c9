/**
 * DROP INDEX before the index that takes its place is built.
 *
 * Between the two, queries that need it read the whole table. An index takes another's place when it is built later in the
 * same file, on the same table, and begins with the same column, or has the same name. Not reported: a new table; both in
 * one transaction, where nobody sees the time between; and IF EXISTS of an index of which nothing is known, which clears
 * away the rest of an interrupted build.
 */
import {
  chosenIndexName,
  defineRule,
  identifier,
  indexSql,
  isKind,
  isSameName,
  makeObjectName,
} from '../../src/rule-sdk.ts';
import { nameText, qualified, resolveIndex, resolveTable, script, sql } from '../../src/rule-sdk.ts';
import type { Change, ChangeOf, RelationName, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'drop_index'>>;

export const requireNewIndexBeforeDrop = defineRule({
  id: 'require-new-index-before-drop',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'Between dropping an index and building the one that replaces it, queries read the whole table.',
  kinds: ['drop_index'],

  check(context) {
    const { change, following, isNew, sharingAfter, written } = context;
    const together = sharingAfter();
    for (const index of change.indexes) {
      const next = following().find((later) => replaces(context, index, later));
      if (next === undefined || !isKind(next, 'create_index') || isNew(next.table) || together.includes(next)) continue;
      return {
        message:
          `From here until the index that takes the place of ${nameText(index)} is built, queries that need it read all of ` +
          `${nameText(next.table)}.`,
        instead: {
          text: 'Build the new one first, and drop the old one then:',
          sql: script(...inOrder(context, index, next, written)),
        },
      };
    }
    return null;
  },
});

function replaces({ catalog, change }: Context, index: RelationName, later: Change): boolean {
  if (!isKind(later, 'create_index')) return false;
  const old = resolveIndex(catalog, index);
  if (later.name === index.name) return old !== null || !change.ifExists;
  const table = resolveTable(catalog, later.table);
  if (old === null || table === null || !isSameName(old.on, table)) return false;
  const column = old.index.keys[0]?.column ?? null;
  return column !== null && old.index.predicate === null && later.keys[0]?.column === column;
}

/** Under the old name the new index has to wait for that name. */
function inOrder(
  { catalog }: Context,
  index: RelationName,
  next: ChangeOf<'create_index'>,
  drop: string,
): readonly string[] {
  if (next.name !== index.name) return [next.sql, drop];
  const table = resolveTable(catalog, next.table);
  const other =
    table === null ? makeObjectName(index.name, null, 'new') : chosenIndexName(catalog, table, next.keys, next.include);
  const name = other === index.name ? makeObjectName(index.name, null, 'new') : other;
  const build = indexSql(next.sql, { name, on: next.table, concurrently: next.concurrently, only: next.only });
  const rename = sql`ALTER INDEX ${qualified({ schema: index.schema, name })} RENAME TO ${identifier(index.name)}`;
  return [build, drop, rename.text];
}
