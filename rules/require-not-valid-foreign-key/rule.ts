/**
 * ADD FOREIGN KEY that is validated at once.
 *
 * It takes SHARE ROW EXCLUSIVE on both tables (never ACCESS EXCLUSIVE) and looks up every row of the referencing one
 * while it holds them (measured: add_fk.valid). Not reported: a new referencing table, which has no rows; a key behind a
 * new column without a default, for which Postgres skips the look-up (no-inline-foreign-key looks at that); NOT ENFORCED. A
 * partitioned table takes NOT VALID only from Postgres 18 on; before, its partitions get the key first.
 */
import {
  columnOfInline,
  defineRule,
  has,
  isEmptyColumn,
  nameText,
  notValidRecipe,
  partitionedForeignKeyAdvice,
  resolveTable,
  script,
} from '../../src/rule-sdk.ts';
import type { ChangeOf, Report, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'add_foreign_key'>>;

export const requireNotValidForeignKey = defineRule({
  id: 'require-not-valid-foreign-key',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ADD FOREIGN KEY without NOT VALID blocks writes to both tables while it checks every row.',
  kinds: ['add_foreign_key'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects } = context;
    if (context.isNew(change.table) || effects.scans.length === 0 || isEmptyColumn(context)) return null;
    return { message: message(context), ...advice(context) };
  },
});

function message({ change, catalog }: Context): string {
  const table = nameText(change.table);
  const target = change.constraint.references?.table ?? change.table;
  const own = resolveTable(catalog, change.table);
  const referenced = resolveTable(catalog, target);
  const isSelf = own !== null && own === referenced;
  const locked = isSelf ? table : `${table} and ${nameText(target)}`;
  return (
    `This holds a SHARE ROW EXCLUSIVE lock on ${locked} while it looks up every row of ${table}: ` +
    `writes to ${isSelf ? table : 'both'} wait until it is done, reads go on.`
  );
}

function advice(context: Context): Pick<Report, 'instead' | 'fix'> {
  const { change, inTransaction, version } = context;
  const parent = context.table(change.table);
  const outside = inTransaction ? ', in a later migration' : ', in a transaction of its own';
  if (parent?.kind === 'partitioned' && !has(version, 'notValidForeignKeyOnPartitioned')) {
    return partitionedForeignKeyAdvice(context);
  }
  const statements = notValidRecipe(context);
  return {
    instead: {
      text: `Add it without the check, and check the rows without blocking${outside}:`,
      sql: script(...columnOfInline(context), ...statements),
    },
    ...(inTransaction ? {} : { fix: statements }),
  };
}
