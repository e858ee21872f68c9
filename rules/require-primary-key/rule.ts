/**
 * A new table without a primary key.
 *
 * Logical replication refuses UPDATE and DELETE on it, nothing can tell two equal rows apart, and no backfill can walk
 * through it in batches. Not reported: temporary and foreign tables; partitions, LIKE and INHERITS, whose key may come
 * from elsewhere; a table that gets its key later in the file; partitions by an expression, where no key is possible.
 */
import {
  defineRule,
  editedText,
  firstElement,
  identifier,
  isKind,
  isSameName,
  join,
  nameText,
  qualified,
  script,
  sql,
  withTypes,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_table'>>;

export const requirePrimaryKey = defineRule({
  id: 'require-primary-key',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'Rows of a table without a primary key cannot be told apart, replicated or changed in batches.',
  kinds: ['create_table'],

  check(context) {
    const { change } = context;
    if (change.persistence === 'temporary' || change.foreign || hasKey(context) || mayHaveKey(context)) return null;
    const better = withKey(context);
    return {
      message:
        `Rows of ${nameText(change.table)} that are equal cannot be told apart: logical replication refuses to UPDATE and ` +
        'DELETE them, and no tool can walk through the table in batches.',
      ...(better === null ? {} : { instead: { text: 'Give it a key:', sql: script(...better) } }),
    };
  },
});

function hasKey({ change, following }: Context): boolean {
  return (
    change.constraints.some(({ kind }) => kind === 'primary_key') ||
    following().some(
      (next) =>
        isKind(next, 'add_unique') && next.constraint.kind === 'primary_key' && isSameName(next.table, change.table),
    )
  );
}

function mayHaveKey({ change, statement }: Context): boolean {
  if (change.partitionKey !== null && change.partitionKeyColumns.length === 0) return true;
  return change.derived && !isFromQuery(statement.node);
}

function isFromQuery(node: object): boolean {
  return 'CreateTableAsStmt' in node || 'SelectStmt' in node;
}

function withKey({ change, statement, written }: Context): readonly string[] | null {
  if (isFromQuery(statement.node)) {
    const table = qualified(change.table);
    return [written, sql`ALTER TABLE ${table} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`.text];
  }
  const first = firstElement(statement);
  if (first === null) return null;
  const hasId = change.columns.some(({ name }) => name === 'id');
  if (change.partitionKey !== null) {
    const key = join(['id', ...change.partitionKeyColumns.filter((name) => name !== 'id')].map(identifier));
    const id = hasId ? '' : 'id uuid DEFAULT gen_random_uuid(), ';
    const text = `${id}${sql`PRIMARY KEY (${key}), `.text}`;
    return [editedText(statement, [{ start: first, end: first, text }])];
  }
  if (hasId) {
    const edit = withTypes(statement, (column, type) => (column === 'id' ? `${type} PRIMARY KEY` : null));
    return edit === null ? null : [edit.sql];
  }
  const lineStart = statement.text.lastIndexOf('\n', first - statement.start) + 1;
  const indent = statement.text.slice(lineStart, first - statement.start);
  const gap = lineStart > 0 && indent.trim() === '' ? `\n${indent}` : ' ';
  const text = `id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,${gap}`;
  return [editedText(statement, [{ start: first, end: first, text }])];
}
