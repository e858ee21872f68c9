/**
 * A transaction that locks a second table against reads and writes while it holds the first.
 *
 * It keeps the first lock while it waits for the second one, and both to its end. Counted are ACCESS EXCLUSIVE locks on
 * tables in use, as told by the effects; a table and its partitions count as one. Told once for a transaction. Not
 * reported: a table that goes; a second statement that works for long, of which another rule has more to say.
 */
import { blocksReads, changeKinds, defineRule, rootOf, script, shortName } from '../../src/rule-sdk.ts';
import type { HeldLock, QualifiedName, RuleContext } from '../../src/rule-sdk.ts';

export const noWideLockWindow = defineRule({
  id: 'no-wide-lock-window',
  severity: 'warning',
  set: 'recommended',
  group: 'locks',
  summary: 'A transaction that locks several tables keeps each of them blocked while it waits for the next.',
  kinds: changeKinds,

  check(context) {
    const { effects, held, preceding, sharing, written } = context;
    if (effects.scans.length + effects.rewrites.length + effects.indexBuilds.length > 0) return null;
    const wanted = effects.locks.filter(({ table, mode }) => blocksReads(mode) && isInUse(context, table));
    const isSame = (a: QualifiedName, b: QualifiedName): boolean => isOneFamily(context, a, b);
    const second = wanted.find(
      ({ table }) => !held.some((lock) => blocksReads(lock.mode) && isSame(lock.table, table)),
    );
    const first = held.findLast((lock) => blocksReads(lock.mode));
    if (second === undefined || first === undefined) return null;
    const before = shortName(first.table);
    const after = shortName(second.table);
    return {
      message:
        `The transaction keeps its ACCESS EXCLUSIVE lock on ${before} while it waits for the one on ${after}: all reads and ` +
        `writes of ${before} wait until it has that one, and those of both until it ends.`,
      instead: {
        text: 'Give each table a transaction, or a migration, of its own:',
        sql: script(first.by.sql, written),
      },
      once: String(preceding().length - sharing().length),
    };
  },
});

/** Nobody waits for what is dropped. */
function isInUse({ change, isNew }: RuleContext, table: QualifiedName): boolean {
  return !isNew(table) && !(change.kind === 'drop_table' && change.tables.some(({ name }) => name === table.name));
}

function isOneFamily({ catalog }: RuleContext, a: HeldLock['table'], b: QualifiedName): boolean {
  const [one, two] = [rootOf(catalog, a), rootOf(catalog, b)];
  return one.schema === two.schema && one.name === two.name;
}
