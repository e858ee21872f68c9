/**
 * The rows that a function has left out, once more, each in a transaction of its own: given to the function by its key,
 * and taken from the list when the function is content with it. Those that it refuses again stay on the list.
 */
import { sqlstateOf } from '../../postgres/sqlstate.ts';
import { literal, qualified, sql } from '../../sql/template.ts';
import { classifyFailure } from '../backfill/batch-outcome.ts';
import { functionRowsSql, type ChunkShape, type KeySpan } from '../backfill/batch-statements.ts';
import { batchingKeys } from '../backfill/batching-key.ts';
import { isJob } from '../backfill/chunk-lease.ts';
import { readQuarantine, type QuarantinedRow } from '../backfill/quarantine.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { readChunks } from '../ledger/backfill-records.ts';
import type { Session } from '../session.ts';
import type { Workplace } from '../backfill/workplace.ts';
import { callHandler, HandlerFailure } from './call-handler.ts';
import type { AnyRow, BackfillDefinition } from './define-backfill.ts';
import { handlerDatabase } from './handler-database.ts';

/** Rolls the transaction back; the row stays noted. */
class StillRefused extends Error {}

export async function retryRejected(
  place: Workplace,
  session: Session,
  sweep: number,
  definition: BackfillDefinition,
): Promise<void> {
  const { schema, key } = place;
  const chunks = await readChunks(session, schema, key, sweep);
  for (const row of await readQuarantine(session, schema, key)) {
    const chunk = chunks.find(({ ordinal }) => ordinal === row.ordinal);
    if (chunk === undefined) continue;
    const types = await typesOf(session, row);
    const range: ChunkShape = { ...chunk, columns: row.columns, types, upper: row.key };
    try {
      await session.transaction(() => retryOne(place, session, { ...chunk, ...range }, row, definition));
    } catch (error) {
      const isOfRow = error instanceof StillRefused || error instanceof HandlerFailure;
      if (!isOfRow && classifyFailure(sqlstateOf(error)) !== 'poison') throw error;
    }
  }
}

async function retryOne(
  place: Workplace,
  session: Session,
  chunk: Parameters<typeof callHandler>[1]['chunk'],
  { position, ordinal, key: values }: QuarantinedRow,
  definition: BackfillDefinition,
): Promise<void> {
  const { schema, key, run } = place;
  const noted = qualified({ schema, name: 'backfill_quarantine' });
  const isRow = sql`${isJob(key)} and position = ${literal(position)}::bigint and resolved_at is null`;
  const own = await session.query(sql`select from ${noted} where ${isRow} for no key update`.text);
  if (own.rowCount === 0) return;
  const span: KeySpan = { exactly: true, after: null, upTo: values };
  const { columns, lockRows } = definition;
  const found = await session.query<AnyRow & { readonly onward_key: readonly string[] }>(
    functionRowsSql(run, chunk, span, { columns, lock: lockRows }),
    [],
    { timesAsText: true },
  );
  const keys = new Map(found.rows.map(({ onward_key: of, ...row }): [AnyRow, readonly string[]] => [row, of]));
  const database = handlerDatabase(session, true);
  try {
    const call = { definition, attempt: 1, rows: [...keys.keys()], keys, database };
    const rejected = await callHandler({ ...place }, { chunk }, { span, cursor: values }, call);
    if (rejected.size > 0) throw new StillRefused();
  } finally {
    database.close();
  }
  await session.query(
    sql`with resolved as (update ${noted} set resolved_at = clock_timestamp() where ${isRow} returning 1)
      update ${qualified({ schema, name: 'backfill_chunk' })} set rows_done = rows_done + ${literal(keys.size)}
       where ${isJob(key)} and ordinal = ${literal(ordinal)} and exists (select from resolved)`.text,
  );
}

/** As format_type spells them at present. */
async function typesOf(session: Session, row: QuarantinedRow): Promise<readonly string[]> {
  const keys = await batchingKeys(session, qualifiedName(row.table));
  const key = keys.find(({ columns }) => columns.map(({ name }) => name).join(' ') === row.columns.join(' '));
  return key?.columns.map(({ type }) => type) ?? row.columns.map(() => 'text');
}
