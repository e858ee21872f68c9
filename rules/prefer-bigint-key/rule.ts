/**
 * New keys of less than eight bytes, and new columns that refer to a key of eight.
 *
 * A key is a column with a sequence of its own (serial, identity), or the only column of a primary key. A column that
 * refers to a key of four bytes is that key's business. Not reported: other integers; temporary and foreign tables.
 */
import {
  defineRule,
  isKind,
  isSameName,
  listText,
  nameText,
  newColumns,
  script,
  withTypes,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, ColumnSpec, ConstraintSpec, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_table' | 'add_column'>>;

export const preferBigintKey = defineRule({
  id: 'prefer-bigint-key',
  severity: 'warning',
  set: 'strict',
  group: 'choices',
  summary: 'A key of four bytes runs out, and changing it later means changing every table that refers to it.',
  kinds: ['create_table', 'add_column'],

  check(context) {
    const { change, statement } = context;
    const constraints = constraintsOf(context);
    const short = newColumns(change).filter(({ type }) => type === 'integer' || type === 'smallint');
    const keys = short.filter((column) => isKey(column, constraints));
    const found = short.filter((column) => keys.includes(column) || refersToLong(context, column, keys, constraints));
    if (found.length === 0) return null;
    const names = found.map(({ name }) => name);
    const edit = withTypes(statement, (column, type) => (names.includes(column) ? longer(type) : null));
    return {
      message:
        `Numbers for ${listText(names.map((name) => nameText({ schema: null, name })))} of ${nameText(change.table)} can ` +
        'run out: then every INSERT fails, and making it bigint writes the table and all that refer to it anew.',
      ...(edit === null ? {} : { at: edit.at, instead: { text: 'Use bigint from the start:', sql: script(edit.sql) } }),
    };
  },
});

/** Those of the new table, or those that are written behind the new column. */
function constraintsOf({ change, following }: Context): readonly ConstraintSpec[] {
  if (change.kind === 'create_table') return change.constraints;
  return following().flatMap((next) =>
    isKind(next, 'add_unique', 'add_foreign_key') && isSameName(next.table, change.table) ? [next.constraint] : [],
  );
}

function isKey({ name, serial, identity }: ColumnSpec, constraints: readonly ConstraintSpec[]): boolean {
  if (serial !== null || identity !== null) return true;
  return constraints.some(({ kind, columns }) => kind === 'primary_key' && columns.length === 1 && columns[0] === name);
}

function refersToLong(
  { change, table }: Context,
  column: ColumnSpec,
  keys: readonly ColumnSpec[],
  constraints: readonly ConstraintSpec[],
): boolean {
  return constraints.some(({ kind, columns, references }) => {
    if (kind !== 'foreign_key' || references === null || columns.length !== 1 || columns[0] !== column.name)
      return false;
    const itself = change.kind === 'create_table' && isSameName(references.table, change.table);
    if (itself) return keys.some(({ name }) => name === (references.columns[0] ?? name));
    const target = table(references.table);
    const primary = target?.constraints.find((constraint) => constraint.kind === 'primary_key');
    const name = references.columns[0] ?? primary?.columns[0];
    return target?.columns.find((candidate) => candidate.name === name)?.type === 'bigint';
  });
}

function longer(type: string): string {
  return /serial/i.test(type) ? 'bigserial' : 'bigint';
}
