/**
 * DETACH PARTITION without CONCURRENTLY, and DROP TABLE of a partition that was not detached before.
 *
 * It takes ACCESS EXCLUSIVE on the parent and the partition (measured: detach_partition), and on a table that refers to the
 * parent (detach_partition.referenced). CONCURRENTLY takes SHARE UPDATE EXCLUSIVE on the parent. Not reported: FINALIZE,
 * which ends a concurrent one; a new table; and a parent that has a default partition, where CONCURRENTLY is refused.
 * Dropping a partition locks its parent in the same way (drop_partition).
 */
import {
  childrenOf,
  defineRule,
  has,
  isKind,
  isSameName,
  nameText,
  qualified,
  resolveTable,
  script,
  sql,
} from '../../src/rule-sdk.ts';
import { whoWaitsFor } from '../../src/rule-sdk.ts';
import type { ChangeOf, RelationName, Report, RuleContext } from '../../src/rule-sdk.ts';

export const requireConcurrentDetach = defineRule({
  id: 'require-concurrent-detach',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'DETACH PARTITION without CONCURRENTLY queues for the parent, and all its reads and writes queue behind it.',
  kinds: ['detach_partition', 'drop_table'],

  check(context) {
    const { change, inTransaction, isNew, version, written } = context;
    if (!has(version, 'detachConcurrently')) return null;
    if (isKind(change, 'drop_table')) return ofDrop(context, change);
    if (change.concurrently || change.finalize || isNew(change.table)) return null;
    if (hasDefaultPartition(context, change.table)) return null;
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

/** Of the first partition that goes while its parent stays. */
function ofDrop(context: RuleContext, { tables }: ChangeOf<'drop_table'>): Report | null {
  const { catalog, inTransaction, isNew, statement, table, written } = context;
  for (const dropped of tables) {
    const found = isNew(dropped) ? null : table(dropped);
    const above = found?.partitionOf?.parent;
    if (found === null || above === undefined || isNew(above) || tables.some((other) => isSameName(other, above)))
      continue;
    if (resolveTable(catalog, above) === null || hasDefaultPartition(context, above)) continue;
    const schema = dropped.schema === null && above.schema === found.schema ? null : above.schema;
    const parent = { schema, name: above.name };
    const name = nameText(parent);
    // What the person says about the statement holds for it wherever it stands.
    const said = statement.directives.some(({ kind }) => kind === 'phase') ? ['-- migrate:phase contract'] : [];
    const outside = inTransaction ? ', in a migration of its own that runs outside a transaction' : '';
    return {
      severity: 'warning',
      message:
        `Dropping ${nameText(dropped)}, a partition of ${name}, needs an ACCESS EXCLUSIVE lock on ${name} as well, so it waits ` +
        `for every query on ${name} that is running, and meanwhile ${whoWaitsFor('ACCESS EXCLUSIVE', name)} behind it.`,
      instead: {
        text: `Detach it first, while ${name} is read and written${outside}:`,
        sql: script(
          sql`ALTER TABLE ${qualified(parent)} DETACH PARTITION ${qualified(dropped)} CONCURRENTLY`,
          ...said,
          written,
        ),
      },
    };
  }
  return null;
}

function hasDefaultPartition({ table, catalog }: RuleContext, name: RelationName): boolean {
  const parent = table(name);
  return parent !== null && childrenOf(catalog, parent).some(({ partitionOf }) => partitionOf?.bound === 'DEFAULT');
}
