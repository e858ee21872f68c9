/**
 * CREATE INDEX on a partitioned table.
 *
 * It builds the index on every partition in one transaction and keeps SHARE on all of them to its end (measured:
 * create_index_partitioned); with CONCURRENTLY the server refuses it, on every version. The way is ON ONLY for the parent,
 * which is brief, CONCURRENTLY for each partition, and ATTACH. Not reported: ON ONLY; a new table; a partitioned table that
 * is known to have no partitions.
 */
import {
  chosenIndexName,
  defineRule,
  indexSql,
  nameText,
  partitionsOf,
  qualified,
  script,
  sql,
  type ChangeOf,
  type Report,
  type RuleContext,
  type Table,
} from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_index'>>;

export const noIndexInPartitionedParent = defineRule({
  id: 'no-index-in-partitioned-parent',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'CREATE INDEX on a partitioned table blocks writes to all partitions until the last index is built.',
  kinds: ['create_index'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, effects, isNew } = context;
    if (context.table(change.table)?.kind !== 'partitioned' || change.only || isNew(change.table)) return null;
    const table = nameText(change.table);
    if (change.concurrently) {
      return {
        message: `${'CREATE INDEX CONCURRENTLY'} is refused on ${table}, which is partitioned, and the migration stops there.`,
        ...partitioned(context),
      };
    }
    if (effects.indexBuilds.length === 0) return null;
    return {
      message:
        `This builds an index on every partition of ${table} in one go, and holds a SHARE lock on each until the last one is ` +
        `built: writes to ${table} wait, reads go on.`,
      ...partitioned(context),
    };
  },
});

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
