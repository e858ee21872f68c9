/**
 * REINDEX without CONCURRENTLY.
 *
 * It holds SHARE on the table and ACCESS EXCLUSIVE on each index while it is built anew (measured: reindex_table,
 * reindex_index), and every query on the table that is planned meanwhile opens all its indexes, whether it uses them or
 * not. CONCURRENTLY takes SHARE UPDATE EXCLUSIVE. So it is with ALTER INDEX … SET TABLESPACE (measured:
 * index_set_tablespace), for which REINDEX can do the same. Not reported: REINDEX SYSTEM, which knows no CONCURRENTLY; what nobody
 * uses yet; and what cannot run where it stands, which is no-concurrent-in-transaction's to say. The index of an exclusion
 * constraint cannot be built anew concurrently, so no other way is offered for it.
 */
import { constraintOf, defineRule, insertAfterWord, nameText, resolveIndex, script } from '../../src/rule-sdk.ts';
import type { ChangeOf, RelationName, RuleContext } from '../../src/rule-sdk.ts';

type Context = RuleContext<ChangeOf<'reindex'>>;

export const requireConcurrentReindex = defineRule({
  id: 'require-concurrent-reindex',
  severity: 'error',
  set: 'recommended',
  group: 'locks',
  summary: 'REINDEX without CONCURRENTLY blocks writes, and nearly every read, until the index is built anew.',
  kinds: ['reindex'],

  check(context) {
    const { change, inTransaction, isNew, written } = context;
    if (change.concurrently || (inTransaction && change.outsideTransaction)) return null;
    const table = tableOf(context);
    if (table !== null && isNew(table)) return null;
    const on = table === null ? tablesOf(context) : nameText(table);
    if (change.copies) return isThere(context) ? null : copied(context, on);
    const message =
      `This holds a SHARE lock on ${on}, and an ACCESS EXCLUSIVE lock on each index that it builds anew: until it is done, ` +
      'writes wait, and so do queries that only read, because planning one opens all indexes of its table.';
    if (isBehindExclusion(context)) return { message };
    const statement = insertAfterWord(written, change.what, 'CONCURRENTLY');
    const outside = inTransaction ? ', in a migration of its own that runs outside a transaction' : '';
    return {
      message,
      instead: { text: `Build it anew without blocking anybody${outside}:`, sql: script(statement) },
      ...(inTransaction ? {} : { fix: [statement] }),
    };
  },
});

/** ALTER INDEX … SET TABLESPACE locks the index alone, but every query of its table has to open it. */
function copied({ change, inTransaction }: Context, on: string) {
  const tablespace = change.tablespace ?? '';
  const outside = inTransaction ? ', in a migration of its own that runs outside a transaction' : '';
  return {
    message: `This holds an ACCESS EXCLUSIVE lock on the index while it is copied: until it is done, reads and writes of ${on} wait, because planning a query opens all indexes of its table.`,
    instead: {
      text: `Build it anew in the other tablespace without blocking anybody${outside}:`,
      sql: script(
        `REINDEX (TABLESPACE ${nameText({ schema: null, name: tablespace })}) INDEX CONCURRENTLY ${change.name === null ? '' : nameText(change.name)}`,
      ),
    },
  };
}

/** Null stands for the database's own tablespace. */
function isThere({ change, catalog }: Context): boolean {
  const found = change.name === null ? null : resolveIndex(catalog, change.name);
  const wanted = change.tablespace === 'pg_default' ? null : change.tablespace;
  return found !== null && found.index.tablespace === wanted;
}

/** The table of one index or table; null for more than one, and for an index of which nothing is known. */
function tableOf({ change, catalog }: Context): RelationName | null {
  if (change.name === null) return null;
  if (change.what === 'TABLE') return change.name;
  const on = change.what === 'INDEX' ? resolveIndex(catalog, change.name)?.on : undefined;
  return on === undefined ? null : { schema: change.name.schema, name: on.name };
}

function tablesOf({ change }: Context): string {
  if (change.what === 'INDEX') return 'its table';
  return change.what === 'SCHEMA' ? `each table of ${change.name?.name ?? 'the schema'} in turn` : 'each table in turn';
}

function isBehindExclusion({ change, catalog, table }: Context): boolean {
  const found = change.what === 'INDEX' && change.name !== null ? resolveIndex(catalog, change.name) : null;
  const on = found === null ? null : table(found.on);
  const constraint = found?.index.constraint ?? null;
  return on !== null && constraint !== null && constraintOf(on, constraint)?.kind === 'exclusion';
}
