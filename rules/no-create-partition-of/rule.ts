/**
 * CREATE TABLE … PARTITION OF a table in use.
 *
 * It takes ACCESS EXCLUSIVE on the parent, where ATTACH PARTITION of a new table takes SHARE UPDATE EXCLUSIVE (measured:
 * create_partition_of, attach_partition.empty); a default partition is locked and read as well
 * (create_partition_of.default_exists). Not reported: a new parent; a default partition, of which there is only one.
 */
import { attachRecipe, defineRule, join, nameText, qualified, raw, script, sql } from '../../src/rule-sdk.ts';
import { identifier, whoWaitsFor, type ChangeOf, type RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'create_table'>>;

export const noCreatePartitionOf = defineRule({
  id: 'no-create-partition-of',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'CREATE TABLE … PARTITION OF queues for the parent, and all its reads and writes queue behind it.',
  kinds: ['create_table'],

  check(context) {
    const { change, effects, inTransaction, isNew } = context;
    if (change.partitionOf === null || isNew(change.partitionOf.parent)) return null;
    const { parent, bound } = change.partitionOf;
    const read = effects.scans.filter((table) => !isNew(table)).map(({ name }) => identifier(name).text);
    const locked = nameText(parent);
    const message =
      `To create ${nameText(change.table)}, this needs an ACCESS EXCLUSIVE lock on ${locked}: it waits for every query on ` +
      `${locked} that is running, and meanwhile ${whoWaitsFor('ACCESS EXCLUSIVE', locked)} behind it` +
      `${read.length === 0 ? '' : `; then it reads all of ${read.join(' and ')} while they go on waiting`}.`;
    const isPlain = change.columns.length === 0 && !change.foreign && !change.ifNotExists;
    const attach = sql`ALTER TABLE ${qualified(parent)} ATTACH PARTITION ${qualified(change.table)} ${raw(bound)}`.text;
    const attached = attachRecipe(context, { parent, bound, partition: change.table }, attach) ?? [attach];
    const statements = [createAlone(context, parent), ...attached];
    const apart =
      read.length === 0 ? '' : inTransaction ? ', each in a migration of its own' : ', each in its own transaction';
    return {
      message,
      ...(read.length === 0 ? {} : { severity: 'error' }),
      instead: { text: `Create it alone, and attach it, for which nobody waits${apart}:`, sql: script(...statements) },
      ...(isPlain && (read.length === 0 || !inTransaction) ? { fix: statements } : {}),
    };
  },
});

/** Identity belongs to the parent: a table that has its own is refused (Postgres 17). */
function createAlone({ change }: Context, parent: { readonly schema: string | null; readonly name: string }): string {
  const elements = [
    sql`LIKE ${qualified(parent)} INCLUDING ALL EXCLUDING IDENTITY`,
    ...change.constraints.map(({ name, definition }) =>
      name === null ? raw(definition) : sql`CONSTRAINT ${identifier(name)} ${raw(definition)}`,
    ),
  ];
  const create = raw(change.persistence === 'unlogged' ? 'CREATE UNLOGGED TABLE' : 'CREATE TABLE');
  const partitioned = change.partitionKey === null ? raw('') : sql` PARTITION BY ${raw(change.partitionKey)}`;
  return sql`${create} ${qualified(change.table)} (${join(elements, ', ')})${partitioned}`.text;
}
