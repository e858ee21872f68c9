/**
 * What a statement really does to a running server: the locks that the session holds after it, the tables that were
 * written anew, those that were read from end to end, and those that got an index. Facts and claims about effects are
 * held against this.
 *
 * Only relations that existed before are told: nobody can wait for one that is being created. Seen from inside the
 * transaction; a statement that cannot run in one is made to wait by a second session, and seen from there.
 */
import type pg from 'pg';
import type { QualifiedName } from '../../src/catalog/model.ts';
import { lockModeFromPgLocks, type LockMode } from '../../src/postgres/lock-mode.ts';
import { join, qualified, sql } from '../../src/sql/template.ts';

export type ObservedEffects = {
  /** All modes held on each relation, tables and indexes alike. */
  readonly locks: readonly { readonly relation: ObservedRelation; readonly mode: LockMode }[];
  /** Relations with a new file. */
  readonly rewrites: readonly ObservedRelation[];
  /** Tables of which every row was read at least once, for whatever reason; never an empty one. */
  readonly reads: readonly ObservedRelation[];
  /** Tables on which an index was built or rebuilt. */
  readonly indexBuilds: readonly ObservedRelation[];
  /** Relations without rows of their own, of which no reading of rows can be seen. */
  readonly empty: readonly ObservedRelation[];
  /** Those of the empty ones that were read nevertheless: a scan of them began. */
  readonly readsOfEmpty: readonly ObservedRelation[];
};

export type ObservedRelation = QualifiedName & {
  readonly oid: string;
  /** As pg_class.relkind has it. */
  readonly kind: string;
};

type Before = ObservedRelation & {
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
    const readBefore = await readings(client);
    await work();
    const locks = await locksOf(client, before, await processOf(client));
    observed = { locks, ...workOf(before, await filesNow(client), readBefore, await readings(client)) };
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
  await client.query(end);
  return observed;
}

/**
 * Runs a statement that cannot share a transaction. A second session holds a writer's lock on every table until the
 * statement waits for it: either it asks for a lock that writers exclude, or it has its lock and waits until the writers
 * from before are gone, which is what CONCURRENTLY does. What it reads cannot be seen.
 */
export async function observeAlone(
  client: pg.Client,
  second: pg.Client,
  work: () => Promise<void>,
): Promise<ObservedEffects> {
  const before = await relationsBefore(client);
  const pid = await processOf(client);
  const tables = before.filter(({ kind }) => kind === 'r' || kind === 'p').map(qualified);
  await second.query('begin');
  if (tables.length > 0) await second.query(sql`lock table ${join(tables)} in row exclusive mode`.text);
  let running = true;
  const done = work().finally(() => (running = false));
  const failed = done.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  let locks: ObservedEffects['locks'] = [];
  while (running) {
    locks = await locksOf(second, before, pid);
    const { rows } = await second.query<{ waits: boolean }>(
      `select wait_event_type = 'Lock' as waits from pg_stat_activity where pid = $1`,
      [pid],
    );
    if (rows[0]?.waits === true) break;
  }
  if (running) locks = await locksOf(second, before, pid);
  await second.query('rollback');
  const failure = await failed;
  if (failure !== null) throw failure.error;
  return { locks, ...workOf(before, await filesNow(client), new Map(), new Map()) };
}

type Work = Omit<ObservedEffects, 'locks'>;

function workOf(before: readonly Before[], files: readonly FileNow[], readBefore: Readings, read: Readings): Work {
  const fileNodes = new Map(files.map((row) => [row.oid, row.fileNode]));
  const known = new Set(before.map(({ fileNode }) => fileNode));
  // An index that is made again by ALTER TABLE may keep its file: nothing is built then.
  const built = new Set(
    files
      .filter(({ fileNode, indexOf }) => indexOf !== null && fileNode !== null && !known.has(fileNode))
      .map(({ indexOf }) => indexOf),
  );
  const grown = (oid: string, what: keyof Reading): number =>
    (read.get(oid)?.[what] ?? 0) - (readBefore.get(oid)?.[what] ?? 0);
  const empty = before.filter(({ rows }) => rows === 0);
  return {
    rewrites: before.filter(({ oid, fileNode }) => fileNodes.has(oid) && fileNodes.get(oid) !== fileNode).map(named),
    reads: before.filter(({ oid, rows }) => rows > 0 && grown(oid, 'rows') >= rows).map(named),
    indexBuilds: before.filter(({ oid }) => built.has(oid)).map(named),
    empty: empty.map(named),
    readsOfEmpty: empty.filter(({ oid }) => grown(oid, 'scans') > 0).map(named),
  };
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

/** Those that the session holds or waits for. */
async function locksOf(client: pg.Client, before: readonly Before[], pid: number): Promise<ObservedEffects['locks']> {
  const { rows } = await client.query<{ oid: string; mode: string }>(
    `select relation::text as oid, mode from pg_locks
      where locktype = 'relation' and pid = $1
        and database = (select oid from pg_database where datname = current_database())
      order by 1, 2`,
    [pid],
  );
  const relations = new Map(before.map((relation) => [relation.oid, relation]));
  return rows.flatMap(({ oid, mode }) => {
    const relation = relations.get(oid);
    return relation === undefined ? [] : [{ relation: named(relation), mode: lockModeFromPgLocks(mode) }];
  });
}

type FileNow = { readonly oid: string; readonly fileNode: string | null; readonly indexOf: string | null };

async function filesNow(client: pg.Client): Promise<readonly FileNow[]> {
  const { rows } = await client.query<FileNow>(
    `select c.oid::text, pg_relation_filenode(c.oid)::text as "fileNode", i.indrelid::text as "indexOf"
       from pg_class c left join pg_index i on i.indexrelid = c.oid`,
  );
  return rows;
}

async function relationsBefore(client: pg.Client): Promise<readonly Before[]> {
  const { rows: relations } = await client.query<Omit<Before, 'rows'> & { populated: boolean }>(
    `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind,
            pg_relation_filenode(c.oid)::text as "fileNode", c.relispopulated as populated
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      order by n.nspname, c.relname`,
  );
  const counted = relations.filter(({ kind, populated }) => kind === 'r' || (kind === 'm' && populated));
  const counts = await countRows(client, counted);
  return relations.map((relation) => ({ ...relation, rows: counts.get(relation.oid) ?? 0 }));
}

async function countRows(client: pg.Client, tables: readonly ObservedRelation[]): Promise<ReadonlyMap<string, number>> {
  if (tables.length === 0) return new Map();
  const counts = tables.map((table) => sql`(select count(*) from only ${qualified(table)})`);
  const { rows } = await client.query<{ counts: readonly string[] }>(sql`select array[${join(counts)}] as counts`.text);
  return new Map(tables.map(({ oid }, index) => [oid, Number(rows[0]?.counts[index])]));
}

/** What the sequential scans of this session have read so far, by table. */
type Readings = ReadonlyMap<string, Reading>;

type Reading = { readonly scans: number; readonly rows: number };

async function readings(client: pg.Client): Promise<Readings> {
  const { rows } = await client.query<{ oid: string; scans: string; count: string }>(
    'select relid::text as oid, seq_scan as scans, seq_tup_read as count from pg_stat_xact_user_tables',
  );
  return new Map(rows.map(({ oid, scans, count }) => [oid, { scans: Number(scans), rows: Number(count) }]));
}

function named({ schema, name, kind, oid }: Before): ObservedRelation {
  return { schema, name, kind, oid };
}
