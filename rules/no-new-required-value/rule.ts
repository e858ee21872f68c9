/**
 * A column that may no longer be left out, while an application is running that leaves it out.
 *
 * DROP DEFAULT, DROP IDENTITY and DROP EXPRESSION of a NOT NULL column: every INSERT that counts on them fails with 23502.
 * SET NOT NULL, or a CHECK that says the same, of a column that the same change adds: the running application does not
 * know it, and every INSERT fails. What an application writes into a column that it knows cannot be told from here, so
 * SET NOT NULL of one is left to no-set-not-null. Not reported: where the same file gives the column another default, a
 * trigger that fills it in, or puts a view under the table's name; ADD COLUMN … NOT NULL (no-not-null-without-default).
 */
import {
  afterDeploy,
  defineRule,
  identifier,
  isKind,
  isSameName,
  later,
  nameText,
  notNullRecipe,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, Column, Report, RuleContext, Suggestion } from '../../src/rule-sdk.ts';

type Kind = 'set_default' | 'set_not_null' | 'add_check' | 'alter_setting';

export const noNewRequiredValue = defineRule({
  id: 'no-new-required-value',
  severity: 'error',
  set: 'recommended',
  group: 'old version',
  summary: 'INSERTs of the running application that leave the column out fail from the moment it is required.',
  kinds: ['set_default', 'set_not_null', 'add_check', 'alter_setting'],

  check(context): Report | null {
    const name = requiredColumn(context);
    const { change } = context;
    if (name === null || change.table === null || context.isNew(change.table)) return null;
    const column = context.column(change.table, name);
    if (column === null || !isNowRequired(context, column) || isFilledIn(context, name)) return null;
    const unknown = context.isNewColumn(change.table, name);
    const error =
      change.kind === 'add_check' ? '23514 (violates check constraint)' : '23502 (violates not-null constraint)';
    const who = unknown
      ? `The application version that is running does not know ${identifier(name).text}: each of its INSERTs into`
      : `The application version that is running may leave ${identifier(name).text} out: each such INSERT into`;
    return {
      message: `${who} ${nameText(context.shippedName(change.table))} fails with ${error} from here on.`,
      instead: instead(context, name),
    };
  },
});

/** The column that the change requires, whether or not it is required already. */
function requiredColumn({ change, statement }: RuleContext<ChangeOf<Kind>>): string | null {
  switch (change.kind) {
    case 'set_default':
      return change.default === null ? change.column : null;
    case 'set_not_null':
      return statement.directives.some(({ kind }) => kind === 'using') ? null : change.column;
    case 'add_check': {
      const { columns, expression, enforced } = change.constraint;
      const saysNotNull = /^\(*\s*(?:"[^"]+"|[\w$.]+)\s+IS NOT NULL\s*\)*$/i.test(expression ?? '');
      return saysNotNull && enforced && columns.length === 1 ? (columns[0] ?? null) : null;
    }
    case 'alter_setting':
      return change.narrowing && (change.setting === 'identity' || change.setting === 'expression')
        ? change.column
        : null;
  }
}

function isNowRequired({ change, isNewColumn }: RuleContext<ChangeOf<Kind>>, column: Column): boolean {
  const { notNull, identity, generated } = column;
  switch (change.kind) {
    case 'set_default':
      return notNull && column.default !== null && generated === null;
    case 'alter_setting':
      return notNull;
    case 'set_not_null':
    case 'add_check':
      return (
        isNewColumn(change.table, column.name) && column.default === null && identity === null && generated === null
      );
  }
}

/** By a default that comes later, a trigger, or a view that stands in for the table. */
function isFilledIn(
  { change, preceding, following, shippedName }: RuleContext<ChangeOf<Kind>>,
  column: string,
): boolean {
  const { table } = change;
  if (table === null) return false;
  return [...preceding(), ...following()].some((other) => {
    if (isKind(other, 'create_trigger'))
      return (
        isSameName(other.table, table) &&
        other.timing === 'before' &&
        other.level === 'row' &&
        other.events.includes('insert')
      );
    if (isKind(other, 'create_object'))
      return other.objectType === 'view' && isSameName(other.name, shippedName(table));
    return (
      isKind(other, 'set_default') &&
      other.default !== null &&
      other.column === column &&
      isSameName(other.table, table) &&
      following().includes(other)
    );
  });
}

function instead({ change, catalog }: RuleContext<ChangeOf<Kind>>, column: string): Suggestion {
  const text = 'Deploy a version that always writes it; require it when no other version is running:';
  if (change.kind === 'set_default' || change.kind === 'alter_setting' || change.table === null)
    return afterDeploy(text, [change.sql]);
  const [first = change.sql, ...rest] = notNullRecipe(catalog, change.table, column);
  const { sql } = afterDeploy(text, [first]);
  return {
    text,
    sql: [sql, '-- In later migrations, each in a transaction of its own:', ...later(...rest)].join('\n'),
  };
}
