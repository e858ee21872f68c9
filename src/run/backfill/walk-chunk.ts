/**
 * Walks one chunk in batches: finds the end of the next one, runs it, and sets the size of the one after by its time.
 *
 * Whoever holds a row that we want makes us wait 200 ms at most, then we give way and come back with less. A row that
 * cannot be changed is found by halving; then the job stops with its key, or notes it and goes on. What a person or
 * another process wants of the job comes with the answer of each batch.
 *
 * If the process dies, the batch that runs is rolled back or committed with its cursor; whoever claims the chunk next
 * goes on there. Exactly once therefore holds for `n = n + 1` too. An interruption waits for the running batch.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { watchBlockers } from '../locks/blockers.ts';
import type { ChunkRecord } from '../ledger/backfill-records.ts';
import type { Blocker } from '../run-event.ts';
import { batchFailed, poisonRow, rowsLocked } from './backfill-error.ts';
import {
  classifyFailure,
  huntAfterFailure,
  huntAfterSuccess,
  nextTry,
  pauseAfterFailure,
  type Hunt,
} from './batch-outcome.ts';
import type { BackfillPolicy } from './batch-size.ts';
import type { JobState } from './batch-statements.ts';
import { isStillOurs, type Held } from './chunk-lease.ts';
import { makeCuts, type Cuts } from './cuts.ts';
import { rowThatFails } from './failing-row.ts';
import { holdJob } from './hold.ts';
import { emptyTally, rowsOfStretch, rowsOfWindow, tallied, type WindowTally } from './interleaving.ts';
import { rowsPerBlockForPasses } from './may-interleave.ts';
import { paceAfterBatch, paceAfterFailure, paceAfterWindow, paceFrom, sizeAt, type Pace } from './pace.ts';
import { patiently } from './patience.ts';
import { positionAfter, positionOf, type NextPosition, type Position, type Window } from './position.ts';
import { quarantineRow } from './quarantine.ts';
import { nextStretch, openWindow, unitsFor, windowAt, type Stretch } from './stretches.ts';
import { admit } from './admit.ts';
import { mayRun, noteEvent, readJobState, type Worker } from './workplace.ts';

export type WalkEnd =
  | 'finished'
  /** Another worker has it. */
  | 'lost'
  /** The job is not to run at present. */
  | 'stopped'
  /** The table has been written anew: its chunks must be cut again. */
  | 'rewritten'
  /** Somebody is in the way; there is other work meanwhile. */
  | 'put_off'
  /** Given back while the job was held. */
  | 'released';

export type Walked = { readonly end: WalkEnd; readonly pace: Pace };

/** Failures in a row, without a batch that worked between them. */
export type Trouble = { readonly since: number; readonly failures: number; readonly blockers: readonly Blocker[] };

const mostTimeoutsOfOneRow = 3;
const failuresUntilPutOff = 5;

export type WalkOptions = {
  /** That this worker has had with the chunk already. */
  readonly trouble: Trouble | null;
  readonly onTrouble: (trouble: Trouble | null) => void;
  /** Whether there is other work. */
  readonly mayPutOff: () => Promise<boolean>;
  /** Whether this worker is one too many. */
  readonly isRetired: () => boolean;
};

export async function walkChunk(
  worker: Worker,
  held: Held,
  start: JobState,
  startPace: Pace,
  options: WalkOptions,
): Promise<Walked> {
  const { clock, signal } = worker;
  const { chunk } = held;
  const { passes = 1 } = start.options;
  const windowRows = await rowsOfWindows(worker, chunk, passes);
  let position = positionOf(chunk);
  const cuts = makeCuts();
  let window = windowAt(chunk);
  let seen = window === null ? emptyTally : null; // of a window that another has begun there is nothing to judge by
  let left = Math.max(0, chunk.estimate - chunk.rowsScanned);
  let job = start;
  let pace = startPace;
  let hunt: Hunt | null = null;
  let { trouble } = options;
  for (;;) {
    throwIfInterrupted(signal);
    if (!mayRun(job) || options.isRetired()) return { end: 'stopped', pace };
    const policy = policyNow(worker, job);
    const admission = await admit(worker, held, job.nice);
    if (admission === 'stopped') return { end: 'stopped', pace };
    if (admission.held) return { end: 'released', pace };
    if (admission.shrink) pace = paceAfterFailure(pace, policy);
    const { pass } = position;
    const opening = windowRows === null || clock.now() < pace.plainUntil ? null : { rows: windowRows, left };
    const size: number = sizeAt(pace, pass);
    const batch = await tryBatch(worker, held, {
      position,
      window: window ?? opening,
      passes,
      cuts,
      size,
      hunt,
      inTrouble: trouble !== null,
    });
    if (batch.kind === 'stopped') return { end: 'stopped', pace };
    if (batch.kind === 'not_ours') {
      const end = (await isStillOurs(worker.session, worker.schema, worker.key, held)) ? 'rewritten' : 'lost';
      return { end, pace };
    }
    if (batch.kind === 'done') {
      const { stretch, next, changed, ms } = batch;
      const { rows } = stretch;
      if (hunt === null) pace = paceAfterBatch(pace, pass, { rows, ms }, policy);
      else hunt = huntAfterSuccess(hunt, stretch.units);
      if (stretch.window !== null && seen !== null) seen = tallied(seen, pass, { ...batch, rows });
      if (stretch.window !== null && next.windowTo === null) {
        if (seen !== null) pace = await afterWindow(worker, chunk.ordinal, pace, seen);
        seen = emptyTally;
        cuts.clear();
      }
      position = next;
      window = next.windowTo === null ? null : stretch.window;
      left = Math.max(0, left - rows);
      job = batch.job;
      trouble = null;
      options.onTrouble(null);
      await worker.tally.add(worker.session, { changed, scanned: rows, size });
      worker.onEvent({ kind: 'backfill_batch', ...worker.name, rows, changed, ms });
      await worker.row.seen('working', null, { rows, ms });
      if (next.isDone) return { end: 'finished', pace };
      job = await rest(worker, job, policy.pauseMs + admission.nice * ms);
      continue;
    }
    const failure = classifyFailure(batch.code);
    if (failure === 'poison') {
      hunt = huntAfterFailure(batch.units);
      if (hunt !== null) continue;
      if (batch.stretch === null) throw batchFailed(worker.name, chunk.table, 'stop', batch.error);
      job = await readJobState(worker);
      if (job.options.onError !== 'quarantine') throw await poisonFound(worker, held, batch.stretch, batch.error);
      const next = positionAfter(position, batch.stretch, passes);
      if (!(await quarantineRow(worker, held, batch.stretch, next, batch.error))) return { end: 'lost', pace };
      position = next;
      window = next.windowTo === null ? null : batch.stretch.window;
      if (next.isDone) return { end: 'finished', pace };
      continue;
    }
    if (failure === 'hold') {
      await holdJob(worker, held, batch.error);
      return { end: 'stopped', pace: paceFrom(pace, policy, probeRows) };
    }
    if (failure === 'stop') throw batchFailed(worker.name, chunk.table, failure, batch.error);
    trouble = troubleAfter(trouble, batch, clock.now());
    options.onTrouble(trouble);
    if (isHopeless(worker, trouble, batch, clock.now())) throw givenUp(worker, held, trouble, batch, clock.now());
    pace = paceAfterFailure(pace, policy);
    hunt = null; // the search begins anew when the row fails again
    const retried = { sqlstate: batch.code, batchSize: sizeAt(pace, pass) };
    worker.onEvent({ kind: 'backfill_retried', ...worker.name, ...retried });
    await noteEvent(worker, 'retried', chunk.ordinal, retried);
    if (trouble.failures % failuresUntilPutOff === 0 && (await options.mayPutOff())) return { end: 'put_off', pace };
    job = await rest(worker, await readJobState(worker), pauseAfterFailure(trouble.failures, clock.random()));
  }
}

/** Null where passes do not pay. Another sweep finds few rows to change. */
async function rowsOfWindows(worker: Worker, chunk: ChunkRecord, passes: number): Promise<number | null> {
  if (passes === 1 || chunk.sweep > 1) return null;
  const perBlock = await patiently(worker, worker.name, worker.run, () =>
    rowsPerBlockForPasses(worker.session, worker.run, chunk, passes),
  );
  return perBlock === null ? null : rowsOfWindow(perBlock);
}

async function afterWindow(worker: Worker, ordinal: number, before: Pace, seen: WindowTally): Promise<Pace> {
  const pace = paceAfterWindow(before, seen, worker.clock.now());
  if (pace.misses > before.misses) await noteEvent(worker, 'passes_off', ordinal, seen);
  return pace;
}

const probeRows = 50; // after the server had no room: little, until it is known that it has some again

function policyNow({ policy }: Worker, job: JobState): BackfillPolicy {
  return job.target_ms === null ? policy : { ...policy, targetMs: job.target_ms };
}

/** Without an open transaction, and never longer than the job may run. */
async function rest(worker: Worker, job: JobState, ms: number): Promise<JobState> {
  const { clock, wake, signal } = worker;
  const until = clock.now() + ms;
  let now = job;
  while (clock.now() < until && !signal.aborted && mayRun(now)) {
    await wake.sleep(until - clock.now(), signal);
    if (clock.now() < until && !signal.aborted) now = await readJobState(worker);
  }
  return now;
}

type FailedBatch = {
  readonly kind: 'failed';
  readonly code: string;
  readonly error: unknown;
  readonly units: number;
  /** Null when already the search for the batch's end failed. */
  readonly stretch: Stretch | null;
  readonly blockers: readonly Blocker[];
};

type Batch =
  | { readonly kind: 'not_ours' }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'done';
      readonly stretch: Stretch;
      readonly next: NextPosition;
      readonly changed: number;
      readonly updated: number;
      readonly hot: number;
      readonly ms: number;
      readonly job: JobState;
    }
  | FailedBatch;

type Turn = {
  readonly position: Position;
  /** The one that the chunk is in, or how long one is to be that begins here; null for none. */
  readonly window: Window | { readonly rows: number; readonly left: number } | null;
  readonly passes: number;
  readonly cuts: Cuts;
  readonly size: number;
  readonly hunt: Hunt | null;
  readonly inTrouble: boolean;
};

async function tryBatch(worker: Worker, held: Held, turn: Turn): Promise<Batch> {
  const { session, clock } = worker;
  const { chunk } = held;
  const { position, passes, size, hunt } = turn;
  let stretch: Stretch | null = null;
  let units = hunt === null ? size : nextTry(hunt);
  // Only after a failure: the second connection is not needed as long as all goes well.
  const watch = turn.inTrouble ? watchBlockers(session, clock) : null;
  try {
    const window =
      turn.window === null || 'to' in turn.window
        ? turn.window
        : await openWindow(session, chunk, position, turn.window.rows, turn.window.left);
    if (hunt === null) {
      units = unitsFor(chunk, window === null ? size : rowsOfStretch(size, passes, window.rows));
    }
    const pass = { number: position.pass, of: passes };
    const within = window === null ? null : { window, pass, cuts: hunt === null ? turn.cuts : null };
    stretch = await nextStretch(session, chunk, position, units, within);
    const next = positionAfter(position, stretch, passes);
    const checkpoint = { next, rowsScanned: stretch.rows, batchSize: size };
    const reply = await worker.perform(worker, held, stretch, checkpoint);
    if (reply === null) return { kind: 'stopped' };
    if (reply.owned !== '1') return { kind: 'not_ours' };
    const { changed, updated = '0', hot = '0', ms, job } = reply;
    const counts = { changed: Number(changed), updated: Number(updated), hot: Number(hot) };
    return { kind: 'done', stretch, next, ...counts, ms, job };
  } catch (error) {
    const code = sqlstateOf(error);
    if (error instanceof MigrateError || code === null) throw error;
    const blockers = watch?.stop() ?? [];
    return { kind: 'failed', code, error, units: stretch?.units ?? units, stretch, blockers };
  } finally {
    watch?.stop();
  }
}

function troubleAfter(before: Trouble | null, batch: FailedBatch, now: number): Trouble {
  const blockers = batch.blockers.length > 0 ? batch.blockers : (before?.blockers ?? []);
  return { since: before?.since ?? now, failures: (before?.failures ?? 0) + 1, blockers };
}

function isHopeless(worker: Worker, trouble: Trouble, batch: FailedBatch, now: number): boolean {
  if (classifyFailure(batch.code) === 'halve') return batch.units <= 1 && trouble.failures >= mostTimeoutsOfOneRow;
  return now - trouble.since >= worker.locks.budgetMs;
}

function givenUp(worker: Worker, { chunk }: Held, trouble: Trouble, batch: FailedBatch, now: number): MigrateError {
  if (batch.code === sqlstate.lockNotAvailable) {
    return rowsLocked(worker.name, chunk.table, now - trouble.since, trouble.blockers, batch.error);
  }
  return batchFailed(worker.name, chunk.table, classifyFailure(batch.code), batch.error);
}

async function poisonFound(worker: Worker, { chunk }: Held, stretch: Stretch, error: unknown): Promise<MigrateError> {
  const { columns, values, cause } = await rowThatFails(worker.session, worker.run, worker.once, chunk, stretch, error);
  return poisonRow(worker.name, chunk.table, { columns, values }, cause);
}
