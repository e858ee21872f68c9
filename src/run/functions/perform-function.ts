/**
 * A batch of a person's function, in one transaction: finds the chunk's row with our token and locks it, reads the rows,
 * calls the function, notes the rows that it left out, moves the cursor. So what the function does through its `db` is
 * committed with the cursor, or not at all; a worker that lost its lease gets no rows; and while a dead worker's last
 * batch is still open on the server, its successor does not get the chunk.
 *
 * If the process dies while the function runs, the server rolls back, and the next worker gives it the same rows again:
 * what it did elsewhere may happen twice. An error of its own that is none of the database's is tried again with growing
 * pauses, and then ends the job; one of the database's is treated as in every batch (a lock, a row that is refused, …).
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { literal, qualified, sql } from '../../sql/template.ts';
import { functionRowsSql, type BatchReply, type Checkpoint } from '../backfill/batch-statements.ts';
import { isJob, type Held } from '../backfill/chunk-lease.ts';
import { leaseSeconds, positionSql } from '../backfill/position.ts';
import { noteRejected, tooManyRejected } from '../backfill/quarantine.ts';
import type { Stretch } from '../backfill/stretches.ts';
import { pollMs } from '../backfill/wake.ts';
import { mayRun, noteEvent, readJobState, type Perform, type Worker } from '../backfill/workplace.ts';
import { interruption } from '../interruption.ts';
import { callHandler, HandlerFailure } from './call-handler.ts';
import type { AnyRow, BackfillDefinition } from './define-backfill.ts';
import { handlerDatabase } from './handler-database.ts';
import { takeTurn } from './rate.ts';

const firstPauseMs = 1_000; // a service that turned us away is not asked again at once

export function performFunction(definition: BackfillDefinition): Perform {
  return async (worker, held, stretch, checkpoint) => {
    const { clock, signal } = worker;
    if (definition.rateLimit !== null && stretch.units > 0) {
      const waitMs = await takeTurn(worker, stretch.units, definition.rateLimit);
      if (!(await waitFor(worker, held, waitMs))) return null;
    }
    const startedAt = clock.now();
    let withSavepoints = false;
    for (let attempt = 1; ;) {
      try {
        const reply = await inTransaction(worker, held, stretch, checkpoint, { definition, attempt, withSavepoints });
        return { ...reply, ms: clock.now() - startedAt };
      } catch (error) {
        const wasCaught = error instanceof OnceMoreWithSavepoints || sqlstateOf(error) === sqlstate.inFailedTransaction;
        if (wasCaught && !withSavepoints) {
          withSavepoints = true;
          continue;
        }
        if (!(error instanceof HandlerFailure)) throw error;
        if (signal.aborted) throw interruption(signal, error.reason);
        if (attempt >= definition.attempts) throw handlerFailed(worker, held, stretch, attempt, error);
        const retryInMs = firstPauseMs * 2 ** (attempt - 1) * (0.5 + clock.random());
        await noteEvent(worker, 'function_failed', held.chunk.ordinal, { attempt, message: error.message, retryInMs });
        if (!(await waitFor(worker, held, retryInMs))) return null;
        attempt += 1;
      }
    }
  };
}

/** The function has caught the error of a statement that ended its transaction. */
class OnceMoreWithSavepoints extends Error {}

type Try = {
  readonly definition: BackfillDefinition;
  readonly attempt: number;
  readonly withSavepoints: boolean;
};

async function inTransaction(
  worker: Worker,
  held: Held,
  stretch: Stretch,
  checkpoint: Checkpoint,
  { definition, attempt, withSavepoints }: Try,
): Promise<BatchReply> {
  const { session, schema, key } = worker;
  const { chunk } = held;
  const chunks = qualified({ schema, name: 'backfill_chunk' });
  const own = sql`${isJob(key)} and ordinal = ${literal(chunk.ordinal)} and lease_token = ${literal(held.token)}::uuid
    and status = 'running'`;
  let rejected: ReadonlyMap<AnyRow, unknown> = new Map();
  const reply = await session.transaction(async () => {
    const fence = await session.query<{ id: string }>(
      sql`select pg_current_xact_id()::text as id from ${chunks} where ${own} for no key update`.text,
    );
    const id = fence.rows[0]?.id;
    if (id === undefined) return null;
    const { rows, keys } = await readRows(worker, held, stretch, definition);
    // Off for the engine's own statements, which go by the key.
    await session.query('set local enable_seqscan = on');
    const database = handlerDatabase(session, withSavepoints);
    try {
      rejected = await callHandler(worker, held, stretch, { definition, attempt, rows, keys, database });
    } finally {
      database.close();
    }
    if (database.hasFailed()) throw new OnceMoreWithSavepoints();
    for (const [row, cause] of rejected) {
      await noteRejected(worker, chunk, { columns: chunk.columns, key: keys.get(row) ?? [], cause });
    }
    const changed = rows.length - rejected.size;
    // The same transaction still: a COMMIT of the function's own would have let others take the chunk.
    const moved = await session.query(
      sql`update ${chunks} set ${positionSql(checkpoint.next)}, rows_done = rows_done + ${literal(changed)},
          rows_scanned = rows_scanned + ${literal(checkpoint.rowsScanned)}, batch_size = ${literal(checkpoint.batchSize)}
        where ${own} and pg_current_xact_id()::text = ${literal(id)}`.text,
    );
    if (moved.rowCount === 0) throw endedTransaction(definition.name);
    return { changed: String(changed), owned: '1' };
  });
  const job = await readJobState(worker);
  if (reply === null) return { changed: '0', owned: '0', job };
  await tellRejected(worker, held, rejected, stretch);
  return { ...reply, job };
}

/** The key of each row is beside it, and not in it. */
async function readRows(
  { session, run }: Worker,
  { chunk }: Held,
  stretch: Stretch,
  { columns, lockRows }: BackfillDefinition,
): Promise<{ readonly rows: readonly AnyRow[]; readonly keys: ReadonlyMap<AnyRow, readonly string[]> }> {
  if (stretch.units === 0 || !('upTo' in stretch.span)) return { rows: [], keys: new Map() };
  const found = await session.query<AnyRow & { readonly onward_key: readonly string[] }>(
    functionRowsSql(run, chunk, stretch.span, { columns, lock: lockRows }),
    [],
    { timesAsText: true },
  );
  const keys = new Map(found.rows.map(({ onward_key: key, ...row }): [AnyRow, readonly string[]] => [row, key]));
  return { rows: [...keys.keys()], keys };
}

/** Outside of any transaction, with the chunk kept. False when the job is not to run any more. */
async function waitFor(worker: Worker, held: Held, ms: number): Promise<boolean> {
  const { clock, wake, signal, session, schema, key } = worker;
  const until = clock.now() + ms;
  let renewedAt = clock.now();
  while (clock.now() < until) {
    await wake.sleep(Math.min(until - clock.now(), pollMs), signal);
    if (signal.aborted) throw interruption(signal);
    if (clock.now() >= until) break;
    if (!mayRun(await readJobState(worker))) return false;
    if (clock.now() - renewedAt < (leaseSeconds * 1_000) / 3) continue;
    renewedAt = clock.now();
    await session.query(
      sql`update ${qualified({ schema, name: 'backfill_chunk' })}
          set lease_until = clock_timestamp() + ${literal(leaseSeconds)} * interval '1 s'
        where ${isJob(key)} and ordinal = ${literal(held.chunk.ordinal)}
          and lease_token = ${literal(held.token)}::uuid and status = 'running'`.text,
    );
  }
  return true;
}

async function tellRejected(
  worker: Worker,
  { chunk }: Held,
  rejected: ReadonlyMap<AnyRow, unknown>,
  stretch: Stretch,
): Promise<void> {
  if (rejected.size === 0) return;
  const key = `${chunk.columns.join(', ')} up to ${stretch.cursor.join(', ')}`;
  for (const cause of rejected.values()) {
    const message = cause instanceof Error ? cause.message : String(cause);
    worker.onEvent({ kind: 'backfill_quarantined', ...worker.name, table: chunk.table, key, message });
  }
  await noteEvent(worker, 'quarantined', chunk.ordinal, { count: rejected.size });
  const tooMany = await tooManyRejected(worker);
  if (tooMany !== null) throw tooMany;
}

function handlerFailed(
  { name, run }: Worker,
  { chunk }: Held,
  { cursor }: Stretch,
  attempts: number,
  failure: HandlerFailure,
): MigrateError {
  const key = chunk.columns.map((column, index) => `${column} = ${cursor[index] ?? ''}`).join(', ');
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  return new MigrateError(
    'BACKFILL_FAILED',
    `${name.migration}: its function failed ${times} at the rows up to ${key}: ${failure.message.replace(/\.$/, '')}.`,
    {
      hint: 'All rows before them are done. Correct the cause, and run it again: it goes on from there. To leave single rows out, let the function call context.reject(row, reason).',
      details: { ...name, table: run.table, key: cursor, attempts },
      cause: failure.reason,
    },
  );
}

function endedTransaction(name: string): MigrateError {
  return new MigrateError('BACKFILL_FAILED', `${name}: its function ended the transaction of its batch.`, {
    hint: 'The engine commits what the function did together with its own mark: leave BEGIN, COMMIT and ROLLBACK out of the handler.',
  });
}
