/**
 * What a statement really does to a running server: the locks that the session holds after it, the tables that were
 * written anew, and those that were read from end to end. Facts and claims about effects are held against this.
 *
 * Only relations that existed before are told: nobody can wait for one that is being created. Seen from inside the
 * transaction, so a statement that cannot run in one cannot be observed here.
 */
import type pg from 'pg';
import type { QualifiedName } from '../../src/catalog/model.ts';
import { lockModeFromPgLocks, type LockMode } from '../../src/postgres/lock-mode.ts';
import { qualified, sql } from '../../src/sql/template.ts';

export type ObservedEffects = {
  /** All modes held on each relation, tables and indexes alike. */
  readonly locks: readonly { readonly relation: ObservedRelation; readonly mode: LockMode }[];
  /** Relations with a new file. */
  readonly rewrites: readonly ObservedRelation[];
  /** Tables of which every row was read at least once, for whatever reason; never an empty one. */
  readonly reads: readonly ObservedRelation[];
  /** Relations without rows of their own, of which no reading can be seen. */
  readonly empty: readonly ObservedRelation[];
};

type ObservedRelation = QualifiedName & {
  /** As pg_class.relkind has it. */
  readonly kind: string;
};

type Before = ObservedRelation & {
  readonly oid: string;
  readonly fileNode: string | null;
  readonly rows: number;
};

/** Runs the work in a transaction of its own and tells what it did. What the work throws comes out after a rollback. */
export async function observeTransaction(
  client: pg.Client,
  end: 'commit' | 'rollback',
  work: () => Promise<void>,
): Promise<ObservedEffects> {
  const before = await relationsBefore(client);
  await client.query('begin');
  let observed: ObservedEffects;
  try {
    const readBefore = await rowsRead(client);
    await work();
    observed = await observeSince(client, before, readBefore);
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
  await client.query(end);
  return observed;
}

async function observeSince(
  client: pg.Client,
  before: readonly Before[],
  readBefore: ReadonlyMap<string, number>,
): Promise<ObservedEffects> {
  const { rows: locks } = await client.query<{ oid: string; mode: string }>(
    `select relation::text as oid, mode from pg_locks
      where locktype = 'relation' and pid = pg_backend_pid() and granted
        and database = (select oid from pg_database where datname = current_database())
      order by 1, 2`,
  );
  const { rows: after } = await client.query<{ oid: string; fileNode: string | null }>(
    `select oid::text, pg_relation_filenode(oid)::text as "fileNode" from pg_class`,
  );
  const fileNodes = new Map(after.map((row) => [row.oid, row.fileNode]));
  const read = await rowsRead(client);
  return {
    locks: locks.flatMap(({ oid, mode }) => {
      const relation = before.find((candidate) => candidate.oid === oid);
      return relation === undefined ? [] : [{ relation: named(relation), mode: lockModeFromPgLocks(mode) }];
    }),
    rewrites: before.filter(({ oid, fileNode }) => fileNodes.has(oid) && fileNodes.get(oid) !== fileNode).map(named),
    reads: before
      .filter(({ oid, rows }) => rows > 0 && (read.get(oid) ?? 0) - (readBefore.get(oid) ?? 0) >= rows)
      .map(named),
    empty: before.filter(({ rows }) => rows === 0).map(named),
  };
}

async function relationsBefore(client: pg.Client): Promise<readonly Before[]> {
  const { rows: relations } = await client.query<Omit<Before, 'rows'> & { populated: boolean }>(
    `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind,
            pg_relation_filenode(c.oid)::text as "fileNode", c.relispopulated as populated
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      order by n.nspname, c.relname`,
  );
  const found: Before[] = [];
  for (const { populated, ...relation } of relations) {
    const hasRows = relation.kind === 'r' || (relation.kind === 'm' && populated);
    found.push({ ...relation, rows: hasRows ? await countRows(client, relation) : 0 });
  }
  return found;
}

async function countRows(client: pg.Client, relation: QualifiedName): Promise<number> {
  const { rows } = await client.query<{ count: string }>(sql`select count(*) from only ${qualified(relation)}`.text);
  return Number(rows[0]?.count);
}

/** Rows that sequential scans of this session have read, by table. */
async function rowsRead(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ oid: string; count: string }>(
    'select relid::text as oid, seq_tup_read as count from pg_stat_xact_user_tables',
  );
  return new Map(rows.map(({ oid, count }) => [oid, Number(count)]));
}

function named({ schema, name, kind }: Before): ObservedRelation {
  return { schema, name, kind };
}
