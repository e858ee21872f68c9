/**
 * CREATE INDEX without CONCURRENTLY on a table that is in use.
 *
 * It takes SHARE for the whole build (measured: create_index). IF NOT EXISTS takes the lock even when the index is there
 * (create_index.if_not_exists_noop). A partitioned table cannot be indexed concurrently: there the way is ON ONLY for the
 * parent, which is brief, and each partition on its own. ON ONLY itself is therefore not reported; nor is an index on a
 * materialized view, whose readers do not wait.
 */
import {
  chosenIndexName,
  defineRule,
  indexSql,
  insertAfterWord,
  nameText,
  partitionsOf,
  qualified,
  removePhrase,
  resolveView,
  script,
  sql,
  whoWaitsFor,
  type ChangeOf,
  type Report,
  type RuleContext,
  type Table,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_index'>>;

export const requireConcurrentIndex = defineRule({
  id: 'require-concurrent-index',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'CREATE INDEX without CONCURRENTLY blocks writes for as long as the index takes to build.',
  kinds: ['create_index'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects } = context;
    if (change.concurrently || change.only || context.isNew(change.table)) return null;
    if (effects.indexBuilds.length === 0 || resolveView(context.catalog, change.table) !== null) return null;
    const table = nameText(change.table);
    const message = `This holds a SHARE lock on ${table} for as long as the index takes to build: ${whoWaitsFor('SHARE', table)}.`;
    const isPartitioned = context.table(change.table)?.kind === 'partitioned';
    return { message, ...(isPartitioned ? partitioned(context) : concurrently(context)) };
  },
});

function concurrently({ change, written, inTransaction }: Context): Pick<Report, 'instead' | 'fix'> {
  // IF NOT EXISTS would take the invalid leftover of an interrupted build for the index.
  const statement = insertAfterWord(removePhrase(written, ['IF', 'NOT', 'EXISTS']), 'INDEX', 'CONCURRENTLY');
  const without = change.ifNotExists
    ? ', and without IF NOT EXISTS, which would keep the invalid rest of an interrupted build'
    : '';
  if (inTransaction) {
    const text = `Build it without blocking writes, in a migration of its own that runs outside a transaction${without}:`;
    return { instead: { text, sql: script(statement) } };
  }
  return { instead: { text: `Build it without blocking writes${without}:`, sql: script(statement) }, fix: [statement] };
}

/** The parent's index without a build, each partition's on its own, and each attached; with the last one it is valid. */
function partitioned(context: Context): Pick<Report, 'instead' | 'fix'> {
  const { change, catalog, written, inTransaction } = context;
  const parent = context.table(change.table);
  if (parent === null) return {};
  const name = change.name ?? chosenIndexName(catalog, parent, change.keys, change.include);
  // Without the schema where the person wrote none.
  const schemaOf = (table: Table): string | null =>
    change.table.schema === null && table.schema === parent.schema ? null : table.schema;
  const parentSchema = schemaOf(parent);
  const statements = [
    indexSql(written, { name, on: { schema: parentSchema, name: parent.name }, concurrently: false, only: true }),
    ...partitionsOf(context, change.table).flatMap((partition) => {
      const own = chosenIndexName(catalog, partition, change.keys, change.include);
      const schema = schemaOf(partition);
      return [
        indexSql(written, { name: own, on: { schema, name: partition.name }, concurrently: true, only: false }),
        sql`ALTER INDEX ${qualified({ schema: parentSchema, name })} ATTACH PARTITION ${qualified({ schema, name: own })}`
          .text,
      ];
    }),
  ];
  const outside = inTransaction ? ', in a migration that runs outside a transaction' : '';
  const text = `Build it partition by partition without blocking writes, and attach each${outside}:`;
  const isFlat = partitionsOf(context, change.table).every(
    ({ partitionOf }) => partitionOf?.parent.name === parent.name,
  );
  if (!isFlat) {
    const levels = `Begin with ON ONLY ${nameText(change.table)}, do the same for each partition that is partitioned itself, build the others with CONCURRENTLY, and attach from below:`;
    return { instead: { text: levels, sql: script(statements[0] ?? written) } };
  }
  return { instead: { text, sql: script(...statements) }, ...(inTransaction ? {} : { fix: statements }) };
}
