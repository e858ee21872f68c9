/**
 * DETACH PARTITION without CONCURRENTLY.
 *
 * It takes ACCESS EXCLUSIVE on the parent and the partition (measured: detach_partition), and on a table that refers to the
 * parent (detach_partition.referenced). CONCURRENTLY takes SHARE UPDATE EXCLUSIVE on the parent. Not reported: FINALIZE,
 * which ends a concurrent one; a new table; and a parent that has a default partition, where CONCURRENTLY is refused.
 */
import { childrenOf, defineRule, has, nameText, script, whoWaitsFor } from '../../src/rule-sdk.ts';
import type { ChangeOf, RuleContext } from '../../src/rule-sdk.ts';

export const requireConcurrentDetach = defineRule({
  id: 'require-concurrent-detach',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'DETACH PARTITION without CONCURRENTLY queues for the parent, and all its reads and writes queue behind it.',
  kinds: ['detach_partition'],

  check(context) {
    const { change, inTransaction, isNew, version, written } = context;
    if (change.concurrently || change.finalize || isNew(change.table)) return null;
    if (!has(version, 'detachConcurrently') || hasDefaultPartition(context)) return null;
    const parent = nameText(change.table);
    const partition = nameText(change.partition);
    const statement = `${written} CONCURRENTLY`;
    const outside = inTransaction ? ', in a migration of its own that runs outside a transaction' : '';
    return {
      message:
        `This needs an ACCESS EXCLUSIVE lock on ${parent} and ${partition}, so it waits for every query on ${parent} that is ` +
        `running, and meanwhile ${whoWaitsFor('ACCESS EXCLUSIVE', parent)} behind it.`,
      instead: { text: `Detach it while ${parent} is read and written${outside}:`, sql: script(statement) },
      ...(inTransaction ? {} : { fix: [statement] }),
    };
  },
});

function hasDefaultPartition({ change, table, catalog }: RuleContext<ChangeOf<'detach_partition'>>): boolean {
  const parent = table(change.table);
  return parent !== null && childrenOf(catalog, parent).some(({ partitionOf }) => partitionOf?.bound === 'DEFAULT');
}
