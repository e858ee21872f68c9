/**
 * What a backfill will walk: for each table that holds rows (a leaf of a partitioned table, or a child of an inherited
 * one, is walked on its own) the key and its greatest value now, or the number of blocks now. Rows that are inserted
 * later are not its business: the sync triggers, which are there already, fill them.
 */
import { MigrateError } from '../../errors.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { qualified, raw, sql } from '../../sql/template.ts';
import type { FrozenValue } from '../ledger/backfill-tables.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import { batchingKeys, chooseKey, isDateOrTime } from './batching-key.ts';
import { greatestKeySql } from './batch-statements.ts';

export type NewChunk = Pick<
  ChunkRecord,
  'table' | 'kind' | 'columns' | 'types' | 'lower' | 'upper' | 'fileNode' | 'estimate'
>;

export type Chunks = {
  readonly chunks: readonly NewChunk[];
  /** Rows, as far as the server knows. */
  readonly estimate: number;
};

type Leaf = {
  readonly oid: string;
  readonly table: QualifiedName;
  readonly blocks: number;
  readonly rows: number;
  readonly fileNode: string;
};

const countedBlocks = 2_000; // 16 MB: counting its rows takes some ten milliseconds, and makes the percentage exact

export async function freezeChunks(session: Session, run: BackfillRun): Promise<Chunks> {
  await analyzeWhatNeverWas(session, run.table);
  // With an empty search_path format_type spells every type so that any session understands it.
  return session.transaction(async () => {
    await session.query("set local search_path = ''");
    const chunks: NewChunk[] = [];
    for (const leaf of await leavesOf(session, run.table)) {
      const chunk = await chunkOf(session, run, leaf);
      if (chunk === null) continue;
      const estimate = leaf.blocks > countedBlocks ? leaf.rows : await countRows(session, leaf.table);
      chunks.push({ ...chunk, estimate });
    }
    return { chunks, estimate: chunks.reduce((sum, { estimate }) => sum + estimate, 0) };
  });
}

/** In a transaction of its own: under other settings than a batch, because it takes as long as it takes. */
export async function workOutOnce(session: Session, { once = [] }: BackfillRun): Promise<readonly FrozenValue[]> {
  if (once.length === 0) return [];
  return session.transaction(async () => {
    await session.query('set local statement_timeout = 0');
    await session.query('set local enable_seqscan = on');
    const frozen: FrozenValue[] = [];
    for (const { column, query } of once) {
      const { rows: types } = await session.query<{ oid: string }>(
        sql`select pg_typeof(v)::oid::text as oid from (select ${raw(query)} as v) as once`.text,
      );
      const type = await spelledType(session, types[0]?.oid ?? '0');
      const text = isDateOrTime(type) ? raw(`to_jsonb(v) #>> '{}'`) : raw('v::text');
      const { rows: values } = await session.query<{ value: string | null }>(
        sql`select ${text} as value from (select ${raw(query)} as v) as once`.text,
      );
      frozen.push({ column, type, value: values[0]?.value ?? null });
    }
    return frozen;
  });
}

/** So that any session understands it: with its schema unless that is pg_catalog. */
async function spelledType(session: Session, oid: string): Promise<string> {
  const { rows } = await session.query<{ type: string }>(
    `select case when n.nspname = 'pg_catalog' then format_type(t.oid, null) else
              format('%I.%I', n.nspname, coalesce(e.typname, t.typname)) || case when e.oid is null then '' else '[]' end
            end as type
       from pg_type t join pg_namespace n on n.oid = t.typnamespace
       left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
      where t.oid = $1::oid`,
    [oid],
  );
  return rows[0]?.type ?? 'text';
}

/** Without statistics there is no estimate and no percentage. It may fail (a lock, rights): then a guess has to do. */
async function analyzeWhatNeverWas(session: Session, root: QualifiedName): Promise<void> {
  const { rowCount } = await session.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind = 'r' and c.reltuples < 0
        and pg_relation_size(c.oid) / current_setting('block_size')::bigint > $3::bigint`,
    [root.schema, root.name, countedBlocks],
  );
  if (rowCount === 0) return;
  try {
    await session.query(sql`analyze ${qualified(root)}`.text);
  } catch (error) {
    if (sqlstateOf(error) === null) throw error;
  }
}

async function leavesOf(session: Session, root: QualifiedName): Promise<readonly Leaf[]> {
  const { rows } = await session.query<{
    oid: string;
    schema: string;
    name: string;
    kind: string;
    blocks: string;
    rows: number;
    file_node: string | null;
  }>(
    `with recursive tree (oid) as (
       select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
       union
       select i.inhrelid from pg_inherits i join tree on i.inhparent = tree.oid where not i.inhdetachpending
     )
     select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind,
            s.blocks::text, pg_relation_filenode(c.oid)::text as file_node,
            -- As the planner scales it: the table has grown or shrunk since it was analysed. Never analysed: a guess.
            (case when c.reltuples >= 0 and c.relpages > 0 then s.blocks * (c.reltuples::float8 / c.relpages)
                  else s.blocks * 40.0 end)::float8 as rows
       from tree join pg_class c on c.oid = tree.oid join pg_namespace n on n.oid = c.relnamespace
       cross join lateral (select case when c.relkind = 'r' then
         pg_relation_size(c.oid) / current_setting('block_size')::bigint else 0 end as blocks) as s
      where c.relkind <> 'p' order by n.nspname, c.relname`,
    [root.schema, root.name],
  );
  if (rows.length === 0 && !(await exists(session, root))) {
    throw new MigrateError(
      'SCHEMA_DRIFT',
      `${qualifiedName(root)}, which is to be backfilled, does not exist any more.`,
      {
        hint: 'Somebody dropped or renamed it since the plan was made. Put it back, or roll the migration back.',
      },
    );
  }
  return rows.map((row) => {
    const table = { schema: row.schema, name: row.name };
    if (row.kind !== 'r' || row.file_node === null) {
      throw new MigrateError(
        'BACKFILL_FAILED',
        `${qualifiedName(table)} is a foreign table or a view: it cannot be backfilled in batches.`,
        {
          hint: `Change its rows where they live, and take it out of ${qualifiedName(root)} meanwhile.`,
        },
      );
    }
    return { oid: row.oid, table, blocks: Number(row.blocks), rows: Math.round(row.rows), fileNode: row.file_node };
  });
}

async function exists(session: Session, table: QualifiedName): Promise<boolean> {
  const found = await session.query(
    'select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2',
    [table.schema, table.name],
  );
  return found.rowCount > 0;
}

/** Null where there is no row. */
async function chunkOf(session: Session, run: BackfillRun, leaf: Leaf): Promise<Omit<NewChunk, 'estimate'> | null> {
  const { table } = leaf;
  const keys = await batchingKeys(session, leaf.oid);
  const key = chooseKey(keys, new Set(run.set.map(({ column }) => column)));
  if (key !== null) {
    const columns = key.columns.map((column) => column.name);
    const types = key.columns.map((column) => column.type);
    const { rows } = await session.query<{ key: string[] }>(greatestKeySql(table, columns, types));
    const upper = rows[0]?.key;
    return upper === undefined ? null : { kind: 'key', table, columns, types, lower: null, upper, fileNode: null };
  }
  // Rows move between blocks, so a row may be met twice or, when a writer moved it, not at all: only where the guard
  // makes the second time harmless and the last count (verify) finds what was missed.
  if (run.guard !== null) {
    const ends = { lower: ['0'], upper: [String(leaf.blocks)] };
    return { kind: 'block', table, columns: [], types: [], ...ends, fileNode: leaf.fileNode };
  }
  const why =
    keys.length === 0
      ? 'it has no primary key and no other unique key of NOT NULL columns'
      : 'its only unique key is what the statement changes';
  throw new MigrateError(
    'BACKFILL_FAILED',
    `${qualifiedName(table)} cannot be backfilled in batches, each row exactly once: ${why}.`,
    {
      hint: 'Add a key, or run the statement as written: -- migrate:raw -- <reason>',
      details: { table },
    },
  );
}

async function countRows(session: Session, table: QualifiedName): Promise<number> {
  const { rows } = await session.query<{ rows: string }>(
    sql`select count(*)::text as rows from only ${qualified(table)}`.text,
  );
  return Number(rows[0]?.rows ?? '0');
}
