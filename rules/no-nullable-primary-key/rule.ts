/**
 * PRIMARY KEY USING INDEX over a column that allows NULL.
 *
 * The index is there, but the key makes the column NOT NULL, and Postgres reads the whole table under ACCESS EXCLUSIVE to
 * see that it may (measured: add_primary_key.using_index_nullable). A validated CHECK (column IS NOT NULL) proves it.
 */
import {
  defineRule,
  identifier,
  nameText,
  notNullRecipe,
  nullableKeyColumns,
  script,
  whoWaitsFor,
} from '../../src/rule-sdk.ts';

export const noNullablePrimaryKey = defineRule({
  id: 'no-nullable-primary-key',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'A primary key over a column that allows NULL reads the whole table while all reads and writes wait.',
  kinds: ['add_unique'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, catalog, inTransaction, isNew, written } = context;
    if (change.constraint.kind !== 'primary_key' || change.constraint.usingIndex === null) return null;
    if (isNew(change.table) || effects.scans.length === 0) return null;
    const table = nameText(change.table);
    const nullable = nullableKeyColumns(context);
    const columns = nullable.map((name) => identifier(name).text).join(', ');
    const statements = [...nullable.flatMap((column) => notNullRecipe(catalog, change.table, column)), written];
    const outside = inTransaction
      ? ', each statement in a migration of its own'
      : ', each statement in its own transaction';
    return {
      message:
        `This reads all of ${table} to look for NULLs in ${columns} while it holds an ACCESS EXCLUSIVE lock: ` +
        `${whoWaitsFor('ACCESS EXCLUSIVE', table)} until it is done.`,
      instead: { text: `Make it NOT NULL first without blocking anybody${outside}:`, sql: script(...statements) },
      ...(inTransaction ? {} : { fix: statements }),
    };
  },
});
