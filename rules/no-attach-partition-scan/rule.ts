/**
 * ATTACH PARTITION that reads rows or builds indexes.
 *
 * The partition is locked in ACCESS EXCLUSIVE while Postgres looks whether its rows belong there and makes the indexes and
 * keys that the parent has (measured: attach_partition, attach_partition.index, .key), and a default partition while it is
 * searched (attach_partition.default_exists). Whether checks and indexes that are there spare all of it is told by the
 * effects. Not reported: a new table beside no default partition, whose rows nobody reads yet; and a partition with a valid
 * check of which nobody knows whether it says the same, because nothing is known of the parent.
 */
import { attachRecipe, defineRule, nameText, resolveTable, script, whoWaitsFor } from '../../src/rule-sdk.ts';
import type { ChangeOf, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'attach_partition'>>;

export const noAttachPartitionScan = defineRule({
  id: 'no-attach-partition-scan',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'ATTACH PARTITION reads the partition, and a default partition, while all reads and writes of them wait.',
  kinds: ['attach_partition'],
  severityOnSmallTable: 'info',

  check(context) {
    const { change, inTransaction, isNew, written } = context;
    const { table: parent, partition, bound } = change;
    if (isNew(parent) || mayBeProved(context)) return null;
    const read = worked(context, context.effects.scans);
    const built = worked(context, context.effects.indexBuilds);
    const blocked = [...new Set([...read, ...built])];
    if (blocked.length === 0) return null;
    const work = [
      ...(read.length === 0 ? [] : [`reads all of ${read.join(' and ')}`]),
      ...(built.length === 0 ? [] : [`builds the indexes of ${nameText(parent)} on ${built.join(' and ')}`]),
    ];
    const message =
      `Attaching ${nameText(partition)} to ${nameText(parent)} ${work.join(' and ')} under an ACCESS EXCLUSIVE lock: ` +
      `${whoWaitsFor('ACCESS EXCLUSIVE', blocked.join(' and '))} until it is done.`;
    const recipe = attachRecipe(context, { parent, bound, partition }, written);
    if (recipe === null) return { message };
    const outside = inTransaction
      ? ', each statement in a migration of its own'
      : ', each statement in its own transaction';
    return {
      message,
      instead: { text: `Do all of that before without blocking anybody${outside}:`, sql: script(...recipe) },
      ...(inTransaction ? {} : { fix: recipe }),
    };
  },
});

/** The partition, or a part of it, and the default partition: what the foreign keys refer to is only looked into. */
function worked({ change, isNew }: Context, tables: Context['effects']['scans']): readonly string[] {
  return tables
    .filter((table) => !isNew(table))
    .map(({ schema, name }) => nameText({ schema: change.partition.schema === null ? null : schema, name }));
}

function mayBeProved({ change, catalog, table }: Context): boolean {
  const known = resolveTable(catalog, change.partition);
  return (
    table(change.table) === null &&
    known?.constraints.some(({ kind, validated }) => kind === 'check' && validated) === true
  );
}
