/**
 * The backfill engine, with one worker: walks a table in small batches, each of which is one transaction that changes
 * its rows and moves the cursor.
 *
 * The loop: find the end of the next batch on the key's index, run the batch (batch-statements.ts), set the next size
 * by its time (batch-size.ts). Whoever holds a row that we want makes us wait 200 ms at most, then we give way and come
 * back with less. A row that cannot be changed is found by halving, and stops the job with its key. In the end the rows
 * that are still wrong are counted; where the guard allows it, another sweep goes over them.
 *
 * If the process dies, the batch that runs is rolled back or committed with its cursor; the next run goes on there.
 * Exactly once therefore holds for `n = n + 1` too. An interruption waits for the running batch, which is short.
 */
import { MigrateError } from '../../errors.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { isInterruption } from '../interruption.ts';
import { fenced, leaseLost } from '../ledger/ledger.ts';
import { watchBlockers } from '../locks/blockers.ts';
import type { JobKey } from '../ledger/backfill-tables.ts';
import type { BackfillRecord, ChunkRecord } from '../ledger/backfill-records.ts';
import type { Blocker, StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { recordable } from '../steps/step-error.ts';
import { batchFailed, notVerified, poisonRow, rowsLocked } from './backfill-error.ts';
import {
  classifyFailure,
  huntAfterFailure,
  huntAfterSuccess,
  nextTry,
  pauseAfterFailure,
  type Hunt,
} from './batch-outcome.ts';
import { afterBatch, afterFailure, firstBatchSize, type BackfillPolicy, type BatchSize } from './batch-size.ts';
import { batchSql, verifySql } from './batch-statements.ts';
import { rowThatFails } from './failing-row.ts';
import { claimJob, enterSweep, finishChunk, finishJob, replaceChunks, stopJob } from './job.ts';
import { patiently } from './patience.ts';
import { reportProgress, type ProgressReport } from './progress.ts';
import { inQuietSession, withReadingSettings } from './quiet-session.ts';
import { freezeChunks } from './ranges.ts';
import { makeThrottle, type Throttle } from './signals/throttle.ts';
import { nextStretch, positionOf, unitsFor, type Position, type Stretch } from './walk.ts';

export type BackfillJob = {
  readonly name: StepName;
  readonly run: BackfillRun;
  /** `run`, or `undo-0`, `undo-1`…: which of the step's backfills it is. */
  readonly purpose: string;
  /** As the person's own SET statements left them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Writes the step's ledger row; called inside the fenced transaction that ends the job. */
  readonly record: () => Promise<void>;
};

const mostSweeps = 3; // one for the rows, one for what moved meanwhile; a third one that finds rows is chasing a writer
const mostTimeoutsOfOneRow = 3;

export async function runBackfill(runner: Runner, job: BackfillJob): Promise<void> {
  const { session, ledger } = runner;
  const policy = policyOf(runner, job.run);
  const jobName: JobKey = { migration: job.name.migration, step: job.name.step, purpose: job.purpose };
  await inQuietSession(session, policy, job.settings, async () => {
    const { record, chunks } = await patiently(runner, job.name, job.run, () => claimJob(ledger, jobName, job));
    if (record.status === 'done') return fenced(ledger, job.record);
    const batchSize = firstBatchSize(policy, record.batchSize);
    const throttle = makeThrottle({
      connect: (purpose) => runner.connect(purpose),
      clock: runner.clock,
      table: job.run.table,
      backends: () => [session.backendPid],
      onEvent: (event) => runner.onEvent({ ...job.name, ...event }),
      options: runner.throttle,
    });
    try {
      await walkAndVerify({ runner, job, jobName, record, policy, throttle }, positionOf(record, chunks), batchSize);
    } catch (error) {
      await writeDownStop(runner, jobName, error);
      throw error;
    } finally {
      await throttle.stop();
    }
  });
}

function policyOf(runner: Runner, run: BackfillRun): BackfillPolicy {
  return {
    ...runner.backfill,
    ...(run.batchSize === null ? {} : { firstBatchSize: run.batchSize, largestBatchSize: run.batchSize }),
    ...(run.pauseMs === null ? {} : { pauseMs: run.pauseMs }),
  };
}

type Work = {
  readonly runner: Runner;
  readonly job: BackfillJob;
  readonly jobName: JobKey;
  readonly record: BackfillRecord;
  readonly policy: BackfillPolicy;
  readonly throttle: Throttle;
};

async function walkAndVerify(work: Work, start: Position, startSize: BatchSize): Promise<void> {
  const { runner, job, jobName } = work;
  const { session, ledger, clock } = runner;
  const progress = reportProgress({ rowsScanned: start.rowsScanned, now: clock.now() }, (told) =>
    runner.onEvent({ kind: 'backfill_progress', ...job.name, ...told }),
  );
  let position = start;
  let size = startSize;
  for (;;) {
    ({ position, size } = await walkRanges(work, position, size, progress));
    const rowsLeft = await patiently(runner, job.name, job.run, () => countRowsLeft(work));
    if (rowsLeft === '0') break;
    if (job.run.guard === null || position.sweep >= mostSweeps) {
      throw notVerified(job.name, job.run.table, rowsLeft, position.sweep);
    }
    // Rows beyond the first sweep's bound are meant now too: the guard makes it harmless.
    const sweep = position.sweep + 1;
    const ranges = await patiently(runner, job.name, job.run, async () => {
      const { chunks } = await freezeChunks(session, job.run);
      return enterSweep(ledger, jobName, sweep, chunks);
    });
    position = { ...position, ranges, range: 0, cursor: null, sweep };
    runner.onEvent({ kind: 'backfill_swept', ...job.name, sweep: position.sweep, rowsLeft });
  }
  await finishJob(ledger, jobName, job.record);
  progress.finished({ ...position, batchSize: size.size }, clock.now());
}

/** Rows that the job should have put right and has not; always 0 where that cannot be told. */
async function countRowsLeft({ runner, job, policy }: Work): Promise<string> {
  const { verify } = job.run;
  if (verify === null) return '0';
  return withReadingSettings(runner.session, policy, async () => {
    const { signal } = runner;
    const { rows } = await runner.session.query<{ rows: string }>(verifySql(job.run, verify), [], { signal });
    return rows[0]?.rows ?? '0';
  });
}

type Walked = { readonly position: Position; readonly size: BatchSize };

async function walkRanges(work: Work, from: Position, fromSize: BatchSize, progress: ProgressReport): Promise<Walked> {
  const { runner, jobName } = work;
  let walked: Walked = { position: from, size: fromSize };
  for (;;) {
    const { position } = walked;
    const range = position.ranges[position.range];
    if (range === undefined) return walked;
    walked = await walkRange(work, walked, progress);
    // If we die before this, the next run finds the cursor at the chunk's end, and comes here again.
    await finishChunk(runner.ledger, jobName, (walked.position.ranges[position.range] ?? range).ordinal);
    walked = { ...walked, position: { ...walked.position, range: position.range + 1, cursor: null } };
  }
}

async function walkRange(work: Work, from: Walked, progress: ProgressReport): Promise<Walked> {
  const { runner, policy } = work;
  const { clock, signal } = runner;
  let { position, size } = from;
  let hunt: Hunt | null = null;
  let trouble: Trouble | null = null;
  for (;;) {
    const { nice, shrink } = await work.throttle.admit(signal);
    if (shrink) size = afterFailure(size, policy);
    const range = position.ranges[position.range];
    if (range === undefined) return { position, size };
    const units: number = hunt === null ? unitsFor(position, range, size.size) : nextTry(hunt);
    const batch = await tryBatch(work, position, range, units, size.size, trouble !== null);
    if (batch.kind === 'end') return { position, size };
    if (batch.kind === 'rewritten') {
      position = await beginAgain(work, position, range);
      continue;
    }
    if (batch.kind === 'done') {
      const { stretch, changed, ms } = batch;
      position = {
        ...position,
        cursor: stretch.cursor,
        rowsDone: position.rowsDone + changed,
        rowsScanned: position.rowsScanned + stretch.rows,
      };
      if (hunt === null) size = afterBatch(size, { rows: stretch.rows, ms }, policy);
      else hunt = huntAfterSuccess(hunt, stretch.units);
      trouble = null;
      progress.moved({ ...position, batchSize: size.size }, clock.now());
      const restMs = policy.pauseMs + nice * ms;
      if (restMs > 0) await clock.sleep(restMs, signal);
      continue;
    }
    const failure = classifyFailure(batch.code);
    if (failure === 'poison') {
      hunt = huntAfterFailure(batch.units);
      if (hunt === null) throw await poisonFound(work, range, batch.stretch, batch.error);
      continue;
    }
    if (failure !== 'retry' && failure !== 'halve') throw batchFailed(work.job.name, range.table, failure, batch.error);
    trouble = troubleAfter(trouble, batch, clock.now());
    if (isHopeless(work, trouble, batch, clock.now())) throw givenUp(work, range, trouble, batch, clock.now());
    size = afterFailure(size, policy);
    hunt = null; // the search begins anew when the row fails again
    runner.onEvent({ kind: 'backfill_retried', ...work.job.name, sqlstate: batch.code, batchSize: size.size });
    await clock.sleep(pauseAfterFailure(trouble.failures, clock.random()), signal);
  }
}

/** The guard makes it harmless that its rows are met a second time. */
async function beginAgain({ runner, job, jobName }: Work, position: Position, range: ChunkRecord): Promise<Position> {
  const now = await patiently(runner, job.name, job.run, () => freezeChunks(runner.session, job.run));
  const fresh = now.chunks.filter(({ table }) => qualifiedName(table) === qualifiedName(range.table));
  const ranges = await replaceChunks(runner.ledger, jobName, position.sweep, range.table, fresh);
  const open = ranges.findIndex((chunk) => chunk.status !== 'done');
  return { ...position, ranges, range: open === -1 ? ranges.length : open, cursor: null };
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
  | { readonly kind: 'end' }
  | { readonly kind: 'rewritten' }
  | { readonly kind: 'done'; readonly stretch: Stretch; readonly changed: number; readonly ms: number }
  | FailedBatch;

async function tryBatch(
  work: Work,
  position: Position,
  range: ChunkRecord,
  units: number,
  batchSize: number,
  inTrouble: boolean,
): Promise<Batch> {
  const { runner, job, jobName } = work;
  const { session, ledger, clock } = runner;
  let stretch: Stretch | null = null;
  // Only after a failure: the second connection is not needed as long as all goes well.
  const watch = inTrouble ? watchBlockers(session, clock) : null;
  let blockers: readonly Blocker[] = [];
  try {
    const next = await nextStretch(session, position, range, units);
    if (next === null) return { kind: 'end' };
    if (next === 'rewritten') return { kind: 'rewritten' };
    stretch = next;
    const checkpoint = { cursor: stretch.cursor, rowsScanned: stretch.rows, batchSize };
    const { schema, token } = ledger;
    const fence = { schema, job: jobName, ordinal: range.ordinal, token };
    const startedAt = clock.now();
    // Without the signal: a batch is short, and is finished rather than cancelled.
    const { rows } = await session.query<{ changed: string; owned: string }>(
      batchSql(fence, job.run, work.record.once, range, stretch.span, checkpoint),
    );
    if (rows[0]?.owned !== '1') throw leaseLost();
    return { kind: 'done', stretch, changed: Number(rows[0].changed), ms: clock.now() - startedAt };
  } catch (error) {
    const code = sqlstateOf(error);
    if (error instanceof MigrateError || code === null) throw error;
    blockers = watch?.stop() ?? [];
    return { kind: 'failed', code, error, units: stretch?.units ?? units, stretch, blockers };
  } finally {
    watch?.stop();
  }
}

/** Failures in a row, without a batch that worked between them. */
type Trouble = { readonly since: number; readonly failures: number; readonly blockers: readonly Blocker[] };

function troubleAfter(before: Trouble | null, batch: FailedBatch, now: number): Trouble {
  const blockers = batch.blockers.length > 0 ? batch.blockers : (before?.blockers ?? []);
  return { since: before?.since ?? now, failures: (before?.failures ?? 0) + 1, blockers };
}

function isHopeless(work: Work, trouble: Trouble, batch: FailedBatch, now: number): boolean {
  if (classifyFailure(batch.code) === 'halve') return batch.units <= 1 && trouble.failures >= mostTimeoutsOfOneRow;
  return now - trouble.since >= work.runner.locks.budgetMs;
}

function givenUp(work: Work, range: ChunkRecord, trouble: Trouble, batch: FailedBatch, now: number): MigrateError {
  const { name } = work.job;
  if (batch.code === sqlstate.lockNotAvailable) {
    return rowsLocked(name, range.table, now - trouble.since, trouble.blockers, batch.error);
  }
  return batchFailed(name, range.table, classifyFailure(batch.code), batch.error);
}

async function poisonFound(
  work: Work,
  range: ChunkRecord,
  stretch: Stretch | null,
  error: unknown,
): Promise<MigrateError> {
  const { job, runner } = work;
  if (stretch === null) return batchFailed(job.name, range.table, 'stop', error);
  const { columns, values, cause } = await rowThatFails(runner.session, job.run, range, stretch, error);
  return poisonRow(job.name, range.table, { columns, values }, cause);
}

/** What `status` shows of a job that stopped. Without the connection or the lease nothing can be written. */
async function writeDownStop(runner: Runner, jobName: JobKey, error: unknown): Promise<void> {
  if (error instanceof MigrateError && (error.code === 'CONNECTION_LOST' || error.code === 'LEASE_LOST')) return;
  const status = isInterruption(error) ? 'paused' : 'failed';
  await stopJob(runner.ledger, jobName, status, recordable(error)).catch(() => undefined);
}
