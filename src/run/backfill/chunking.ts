/**
 * The chunks of a backfill: for each table that holds rows the stretches that workers claim, cut once, when the job
 * begins. Rows that are inserted beyond the last key or block are not its business: the sync triggers, which are there
 * already, fill them.
 *
 * By keys, cut from a sample of the table, so that they hold about as many rows each; or by blocks where there is no
 * key, and where the rows lie so scattered that walking them by key would read a table larger than the cache at random.
 * Blocks need a guard and a last count: a row that moves may be met twice, or only by the next sweep.
 */
import { MigrateError } from '../../errors.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { qualified, sql } from '../../sql/template.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import { batchingKeys, chooseKey, type BatchingKey } from './batching-key.ts';
import { greatestKeySql, keyCutsSql } from './batch-statements.ts';
import { isFitForPasses } from './interleaving.ts';
import { leavesOf, type Leaf } from './leaves.ts';

export type NewChunk = Pick<
  ChunkRecord,
  'table' | 'kind' | 'columns' | 'types' | 'lower' | 'upper' | 'fileNode' | 'estimate'
>;

export type Chunks = {
  readonly chunks: readonly NewChunk[];
  /** Rows, as far as the server knows. */
  readonly estimate: number;
  /** In how many passes its windows are gone over; 1 for none. */
  readonly passes: number;
};

const mostChunks = 1_024; // of one job: beyond it they only make claims and the ledger slower
const longerForPasses = 3; // eight stretches of a window are then batches of some thousand rows
const countedBlocks = 2_000; // 16 MB: counting its rows takes some ten milliseconds, and makes the percentage exact
const orderly = 0.9; // correlation of the key with the place of the rows from which walking by key is walking by block

/** With `interleaved` chunks are longer, so that a window of passes has room in them. */
export async function freezeChunks(
  session: Session,
  run: BackfillRun,
  rowsPerChunk: number,
  interleaved: { readonly passes: number; readonly fromBlocks: number } = { passes: 1, fromBlocks: 0 },
): Promise<Chunks> {
  await analyzeWhatNeverWas(session, run.table);
  // With an empty search_path format_type spells every type so that any session understands it.
  return session.transaction(async () => {
    await session.query("set local search_path = ''");
    await session.query('set local statement_timeout = 0');
    const leaves: Leaf[] = [];
    for (const leaf of await leavesOf(session, run.table)) {
      leaves.push(leaf.blocks > countedBlocks ? leaf : { ...leaf, rows: await countRows(session, leaf.table) });
    }
    const estimate = leaves.reduce((sum, { rows }) => sum + rows, 0);
    const blocks = leaves.reduce((sum, leaf) => sum + leaf.blocks, 0);
    const passes = blocks >= interleaved.fromBlocks && isFitForPasses(run) ? Math.max(1, interleaved.passes) : 1;
    const chunkRows = Math.max(rowsPerChunk * (passes > 1 ? longerForPasses : 1), estimate / mostChunks);
    const chunks: NewChunk[] = [];
    for (const leaf of leaves) chunks.push(...(await chunksOf(session, run, leaf, chunkRows)));
    return { chunks, estimate, passes };
  });
}

/** Below half of a chunk's rows more than one is not worth its claim. */
function chunkCount(rows: number, chunkRows: number): number {
  return Math.max(1, Math.round(rows / chunkRows));
}

async function chunksOf(
  session: Session,
  run: BackfillRun,
  leaf: Leaf,
  chunkRows: number,
): Promise<readonly NewChunk[]> {
  const keys = await batchingKeys(session, leaf.oid);
  const key = chooseKey(keys, new Set(run.set.map(({ column }) => column)));
  const count = chunkCount(leaf.rows, chunkRows);
  if (key === null) {
    if (run.guard === null) throw cannotBatch(leaf.table, keys.length === 0);
    return blockChunks(leaf, count);
  }
  const mayWalkBlocks = run.guard !== null && run.verify !== null;
  if (mayWalkBlocks && (await isScatteredBeyondCache(session, leaf, key))) return blockChunks(leaf, count);
  return keyChunks(session, leaf, key, count);
}

async function keyChunks(session: Session, leaf: Leaf, key: BatchingKey, count: number): Promise<readonly NewChunk[]> {
  const { table } = leaf;
  const columns = key.columns.map((column) => column.name);
  const types = key.columns.map((column) => column.type);
  const { rows } = await session.query<{ key: string[] }>(greatestKeySql(table, columns, types));
  const last = rows[0]?.key;
  if (last === undefined) return [];
  const cuts = count === 1 ? [] : await keyCuts(session, leaf, { columns, types, last, count });
  const estimate = Math.round(leaf.rows / (cuts.length + 1));
  return [...cuts, last].map((upper, index): NewChunk => {
    const lower = cuts[index - 1] ?? null;
    return { kind: 'key', table, columns, types, lower, upper, fileNode: null, estimate };
  });
}

const sampledRows = 100; // a chunk: its size is then right to a tenth
const sampledBlocks = 10; // a chunk: rows of one block often have neighbouring keys

async function keyCuts(
  session: Session,
  leaf: Leaf,
  key: {
    readonly columns: readonly string[];
    readonly types: readonly string[];
    readonly last: readonly string[];
    readonly count: number;
  },
): Promise<readonly (readonly string[])[]> {
  const share = Math.max(
    (key.count * sampledBlocks) / Math.max(leaf.blocks, 1),
    (key.count * sampledRows) / Math.max(leaf.rows, 1),
  );
  const { rows } = await session.query<{ key: string[] }>(keyCutsSql(leaf.table, key, Math.min(100, share * 100)));
  return rows.map((row) => row.key);
}

function blockChunks(leaf: Leaf, count: number): readonly NewChunk[] {
  const cuts = Array.from({ length: count + 1 }, (_, index) => Math.floor((leaf.blocks * index) / count));
  const estimate = Math.round(leaf.rows / count);
  return cuts.slice(1).flatMap((end, index): NewChunk[] => {
    const start = cuts[index] ?? 0;
    if (end === start) return [];
    const ends = { lower: [String(start)], upper: [String(end)] };
    return [{ kind: 'block', table: leaf.table, columns: [], types: [], ...ends, fileNode: leaf.fileNode, estimate }];
  });
}

async function isScatteredBeyondCache(session: Session, leaf: Leaf, key: BatchingKey): Promise<boolean> {
  const { rows } = await session.query<{ scattered: boolean }>(
    `select abs(s.correlation) < $4
            and pg_relation_size($1::oid) > pg_size_bytes(current_setting('effective_cache_size')) as scattered
       from pg_stats s where s.schemaname = $2 and s.tablename = $3 and s.attname = $5 and not s.inherited`,
    [leaf.oid, leaf.table.schema, leaf.table.name, orderly, key.columns[0]?.name ?? ''],
  );
  return rows[0]?.scattered === true;
}

function cannotBatch(table: QualifiedName, hasNoKey: boolean): MigrateError {
  const why = hasNoKey
    ? 'it has no primary key and no other unique key of NOT NULL columns'
    : 'its only unique key is what the statement changes';
  return new MigrateError(
    'BACKFILL_FAILED',
    `${qualifiedName(table)} cannot be backfilled in batches, each row exactly once: ${why}.`,
    {
      hint: 'Add a key, or run the statement as written: -- migrate:raw -- <reason>',
      details: { table },
    },
  );
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

async function countRows(session: Session, table: QualifiedName): Promise<number> {
  const { rows } = await session.query<{ rows: string }>(
    sql`select count(*)::text as rows from only ${qualified(table)}`.text,
  );
  return Number(rows[0]?.rows ?? '0');
}
