/**
 * A foreign key over columns that no index begins with.
 *
 * Each DELETE of a referenced row, and each UPDATE of its key, looks for the rows that refer to it: without an index that
 * reads the whole table, under a lock on the referenced row. Postgres makes no such index by itself. Not reported: a
 * table of which nothing is known, except for a column that the same file adds; an index that comes later in the file.
 */
import {
  defineRule,
  identifier,
  isKind,
  isSameName,
  join,
  listText,
  nameText,
  qualified,
  script,
  sql,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, ConstraintSpec, Report, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_table' | 'add_foreign_key'>>;

export const requireForeignKeyIndex = defineRule({
  id: 'require-foreign-key-index',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'Without an index over a foreign key, every DELETE of a referenced row reads the whole table.',
  kinds: ['create_table', 'add_foreign_key'],

  check(context): Report | null {
    const { change, statement, isNew } = context;
    if (isKind(change, 'create_table') && change.persistence === 'temporary') return null;
    const specs = isKind(change, 'create_table') ? change.constraints : [change.constraint];
    const bare = specs.filter(
      (spec) => spec.kind === 'foreign_key' && spec.enforced && !isIndexed(context, spec.columns),
    );
    if (bare.length === 0) return null;
    const table = nameText(change.table);
    const referenced = listText([...new Set(bare.map((spec) => nameText(spec.references?.table ?? change.table)))]);
    const message =
      `No index of ${table} begins with ${listText(bare.map(({ columns }) => columns.join(', ')))}: each DELETE from ` +
      `${referenced}, and each change of a key there, reads all of ${table}.`;
    const made = isKind(change, 'create_table') || isNew(change.table);
    if (!made && context.table(change.table)?.kind === 'partitioned') return { message };
    const concurrently = made ? sql`` : sql`CONCURRENTLY `;
    const indexes = bare.map(({ columns }) => {
      const key = join(columns.map(identifier));
      return sql`CREATE INDEX ${concurrently}ON ${qualified(change.table)} (${key})`;
    });
    return {
      message,
      instead: {
        text: made ? 'Index the columns:' : 'Index the columns, outside a transaction, so that nobody waits:',
        sql: script(statement.text, ...indexes),
      },
    };
  },
});

/** By what is there, what the same statement makes, or what comes later in the file. */
function isIndexed(context: Context, columns: readonly string[]): boolean {
  const { change, following, isNew, isNewColumn } = context;
  const known = isKind(change, 'create_table') ? null : context.table(change.table);
  if (isKind(change, 'add_foreign_key')) {
    const isFresh = isNew(change.table) || columns.some((column) => isNewColumn(change.table, column));
    if (known === null && !isFresh) return true; // nobody knows
  }
  const keys: (readonly (string | null)[])[] = [];
  if (isKind(change, 'create_table')) keys.push(...keyColumns(change.constraints));
  for (const index of known?.indexes ?? []) {
    if (index.valid && index.predicate === null) keys.push(index.keys.map(({ column }) => column));
  }
  for (const { kind, columns: own } of known?.constraints ?? []) {
    if (kind === 'primary_key' || kind === 'unique') keys.push(own);
  }
  for (const next of following()) {
    if (isKind(next, 'create_index') && isSameName(next.table, change.table) && next.predicate === null)
      keys.push(next.keys.map(({ column }) => column));
    if (isKind(next, 'add_unique') && isSameName(next.table, change.table)) keys.push(...keyColumns([next.constraint]));
  }
  return keys.some((key) => {
    const begin = key.slice(0, columns.length);
    return columns.every((column) => begin.includes(column));
  });
}

function keyColumns(specs: readonly ConstraintSpec[]): readonly (readonly string[])[] {
  return specs.filter(({ kind }) => kind === 'primary_key' || kind === 'unique').map(({ columns }) => columns);
}
