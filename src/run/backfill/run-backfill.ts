/**
 * Leads a backfill: cuts the table into chunks, works on them together with whoever else does, obeys what people want of
 * the job meanwhile, and in the end counts the rows that are still wrong; where the guard allows it, another sweep goes
 * over them. The job and its step are done in one transaction.
 *
 * Only the runner that holds the lease leads; it is the only one to write the job's status, but for a worker that has to
 * stop the job (failed, held). If it dies, the workers of other processes go on with the chunks that there are, and the
 * next runner leads from where the ledger stands.
 */
import { errorCodes, MigrateError, type ErrorCode } from '../../errors.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import { isInterruption, throwIfInterrupted } from '../interruption.ts';
import { readChunks, type BackfillRecord } from '../ledger/backfill-records.ts';
import type { BackfillWork, JobKey } from '../ledger/backfill-tables.ts';
import { fenced } from '../ledger/ledger.ts';
import type { StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { recordable } from '../steps/step-error.ts';
import { cancelled, notVerified, rowsLeftOut } from './backfill-error.ts';
import type { BackfillPolicy } from './batch-size.ts';
import { freezeChunks } from './chunking.ts';
import { countRowsLeft } from './count-rows-left.ts';
import { enterSweep, findJob, finishJob, openJob, replaceChunks, rewrittenTables, setStatus } from './job.ts';
import { openWorkplace, policyFor } from './open-workplace.ts';
import { isPassing, patiently } from './patience.ts';
import { performStatement } from './perform-statement.ts';
import { runPool } from './pool.ts';
import { readQuarantine, retryQuarantine } from './quarantine.ts';
import { inQuietSession } from './quiet-session.ts';
import { listen, pollMs } from './wake.ts';
import type { Workplace } from './workplace.ts';

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

type Leading = { readonly runner: Runner; readonly job: BackfillJob; readonly place: Workplace };

const mostSweeps = 3; // one for the rows, one for what moved meanwhile; a third one that finds rows is chasing a writer

export async function runBackfill(runner: Runner, job: BackfillJob): Promise<void> {
  const { name, run, settings } = job;
  const work = { title: name.title, run, settings };
  const policy = policyFor(runner.backfill, work);
  // As a whole, too: whatever statement of it is cancelled, it goes on from the ledger.
  await patiently({ ...runner, policy }, name, run, () => runFromLedger(runner, job, work, policy));
}

async function runFromLedger(
  runner: Runner,
  job: BackfillJob,
  work: BackfillWork,
  policy: BackfillPolicy,
): Promise<void> {
  const { session, ledger, clock, signal, onEvent, locks } = runner;
  const { name, run, settings, purpose } = job;
  const key: JobKey = { migration: name.migration, step: name.step, purpose };
  await inQuietSession(session, policy, settings, name.migration, async () => {
    const record = await patiently({ ...runner, policy }, name, run, () => openJob(ledger, key, work, policy));
    if (record.status === 'done') return fenced(ledger, job.record);
    const place = openWorkplace({
      schema: ledger.schema,
      record,
      work,
      policy,
      locks,
      clock,
      signal,
      onEvent,
      connect: (of) => runner.connect(of),
      throttle: runner.throttle,
      perform: performStatement,
    });
    place.backends.add(session.backendPid);
    const { throttle, wake } = place;
    const leading: Leading = { runner, job, place };
    try {
      await listen(session, wake);
      await lead(leading);
    } catch (error) {
      if (!isPassing(error)) await writeDownStop(leading, error);
      throw error;
    } finally {
      await throttle.stop();
    }
  });
}

async function lead(leading: Leading): Promise<void> {
  const { runner, place, job } = leading;
  const { ledger, session } = runner;
  if (place.policy.retry) await retryNoted(leading);
  for (;;) {
    throwIfInterrupted(place.signal);
    const record = await readJob(leading);
    if (!(await mayWork(leading, record))) {
      await place.wake.sleep(pollMs, place.signal);
      continue;
    }
    for (const table of await rewrittenTables(ledger, place.key, record.sweep)) {
      await patiently(place, job.name, job.run, async () => {
        const { chunks } = await freezeChunks(session, job.run, place.policy.rowsPerChunk);
        const fresh = chunks.filter((chunk) => qualifiedName(chunk.table) === qualifiedName(table));
        await replaceChunks(ledger, place.key, record.sweep, table, fresh);
      });
    }
    const end = await runPool(place, session, (purpose) => runner.open(purpose));
    if (end === 'finished' && (await isComplete(leading, record))) break;
  }
  await finishJob(ledger, place.key, job.record);
  await place.tally.finished(session).catch(() => undefined); // only told: the job is done
}

async function readJob({ place, runner }: Leading): Promise<BackfillRecord> {
  const record = await findJob(runner.session, place.schema, place.key);
  if (record === null) throw new MigrateError('INTERNAL', `The backfill of ${place.key.migration} vanished.`);
  return record;
}

/** Brings the job's status in line with what is wanted of it. Throws when somebody cancelled it, or it failed elsewhere. */
async function mayWork({ place, runner, job }: Leading, record: BackfillRecord): Promise<boolean> {
  const { key, onEvent } = place;
  const { status, desired } = record;
  if (desired === 'cancel') throw cancelled(job.name, job.run.table);
  if (status === 'failed') throw failedElsewhere(job.name, record);
  if (desired === 'pause') {
    if (status !== 'paused') {
      await setStatus(runner.ledger, key, 'paused');
      onEvent({ kind: 'backfill_paused', ...job.name });
    }
    return false;
  }
  if (status === 'held' && record.isHeld) return false;
  if (status !== 'running') {
    await setStatus(runner.ledger, key, 'running');
    if (status === 'paused' || status === 'held') onEvent({ kind: 'backfill_resumed', ...job.name });
  }
  return true;
}

/** All chunks are done: whether that is all. Throws when rows are left that nothing more can be done about. */
async function isComplete(leading: Leading, record: BackfillRecord): Promise<boolean> {
  const { runner, place, job } = leading;
  const { session, ledger } = runner;
  const { key } = place;
  const noted = await readQuarantine(session, place.schema, key);
  if (noted.length > 0) throw rowsLeftOut(job.name, job.run.table, noted);
  if ((await rewrittenTables(ledger, key, record.sweep)).length > 0) return false;
  const chunks = await readChunks(session, place.schema, key, record.sweep);
  if (chunks.some((chunk) => chunk.status !== 'done')) return false;
  const rowsLeft = await countRowsLeft(leading.place, session, chunks);
  if (rowsLeft === 0n) return true;
  if (job.run.guard === null || record.sweep >= mostSweeps) {
    throw notVerified(job.name, job.run.table, String(rowsLeft), record.sweep);
  }
  // Rows beyond the first sweep's bound are meant now too: the guard makes it harmless.
  await sweepAgain(leading, record);
  runner.onEvent({ kind: 'backfill_swept', ...job.name, sweep: record.sweep + 1, rowsLeft: String(rowsLeft) });
  return false;
}

async function sweepAgain({ runner, place, job }: Leading, record: BackfillRecord): Promise<void> {
  await patiently(place, job.name, job.run, async () => {
    const { chunks } = await freezeChunks(runner.session, job.run, place.policy.rowsPerChunk);
    await enterSweep(runner.ledger, place.key, record.sweep + 1, chunks);
  });
}

/** The rows that earlier runs left out, once a person has corrected them. */
async function retryNoted(leading: Leading): Promise<void> {
  const { runner, place, job } = leading;
  const { needsSweep } = await patiently(place, job.name, job.run, () =>
    retryQuarantine(runner.session, place.schema, place.key, job.run, place.once),
  );
  if (needsSweep) await sweepAgain(leading, await readJob(leading));
}

function failedElsewhere(name: StepName, { lastError }: BackfillRecord): MigrateError {
  const known = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);
  const code = lastError !== null && known(lastError.code) ? lastError.code : 'BACKFILL_FAILED';
  return new MigrateError(code, lastError?.message ?? `${name.migration}: another worker stopped “${name.title}”.`, {
    hint: `Correct that, then run: migrate backfill ${name.migration}`,
    details: name,
  });
}

/** What `status` shows of a job that stopped. Without the connection or the lease nothing can be written. */
async function writeDownStop({ runner, place }: Leading, error: unknown): Promise<void> {
  if (error instanceof MigrateError && (error.code === 'CONNECTION_LOST' || error.code === 'LEASE_LOST')) return;
  const isCancelled = error instanceof MigrateError && error.code === 'BACKFILL_CANCELLED';
  const status = isCancelled ? 'cancelled' : isInterruption(error) ? 'paused' : 'failed';
  await setStatus(runner.ledger, place.key, status, recordable(error)).catch(() => undefined);
}
