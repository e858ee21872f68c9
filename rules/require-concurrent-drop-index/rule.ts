/**
 * DROP INDEX without CONCURRENTLY on a table that is in use.
 *
 * It takes ACCESS EXCLUSIVE on the index and on its table (measured: drop_index). The drop itself is short, but it queues
 * behind every running query on the table, and everybody else queues behind it. Not reported: an index of a partitioned
 * table and one behind a constraint, which cannot be dropped concurrently; an index of a new table; and IF EXISTS of one
 * that is not there, as far as the files before tell.
 */
import {
  defineRule,
  join,
  nameText,
  qualified,
  raw,
  resolveIndex,
  script,
  sql,
  whoWaitsFor,
  type ChangeOf,
  type RelationName,
  type RuleContext,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'drop_index'>>;

export const requireConcurrentDropIndex = defineRule({
  id: 'require-concurrent-drop-index',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'DROP INDEX without CONCURRENTLY queues for the table, and all reads and writes queue behind it.',
  kinds: ['drop_index'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, inTransaction } = context;
    if (change.concurrently || change.indexes.every((index) => isExempt(context, index))) return null;
    const statements = change.indexes.map((index) => dropped(change, index));
    const outside = inTransaction ? ', in a migration of its own that runs outside a transaction' : '';
    const one = change.indexes.length === 1 ? '' : ', one at a time';
    return {
      message: message(context),
      instead: { text: `Drop it without blocking anybody${one}${outside}:`, sql: script(...statements) },
      ...(inTransaction || change.cascade ? {} : { fix: statements }),
    };
  },
});

function isExempt(context: Context, index: RelationName): boolean {
  const { change, catalog, isNew } = context;
  const found = resolveIndex(catalog, index);
  if (found === null) return change.ifExists && isSchemaKnown(context, index);
  return isNew(found.on) || found.index.constraint !== null || found.isPartitioned;
}

/** Whether files before this one made tables there; without them, nothing is known of its indexes either. */
function isSchemaKnown({ catalog, table, isNew }: Context, { schema }: RelationName): boolean {
  return [...catalog.tables.values()].some(
    // Where no schema is written, the search path of the tool's own connection decides, and nobody knows that.
    (each) => (schema === null || each.schema === schema) && table(each) !== null && !isNew(each),
  );
}

function message({ change, catalog }: Context): string {
  const tables = change.indexes.flatMap((index) => {
    const on = resolveIndex(catalog, index)?.on;
    return on === undefined ? [] : [nameText({ schema: index.schema, name: on.name })];
  });
  const table = tables.length === 0 ? 'its table' : [...new Set(tables)].join(' and ');
  return (
    `This needs an ACCESS EXCLUSIVE lock on ${table}, so it waits for every query on ${table} that is running, ` +
    `and meanwhile ${whoWaitsFor('ACCESS EXCLUSIVE', table)} behind it.`
  );
}

/** CONCURRENTLY takes one index at a time, and knows no CASCADE. */
function dropped({ ifExists }: ChangeOf<'drop_index'>, index: RelationName): string {
  const words = join([raw('DROP INDEX CONCURRENTLY'), ...(ifExists ? [raw('IF EXISTS')] : []), qualified(index)], ' ');
  return sql`${words}`.text;
}
