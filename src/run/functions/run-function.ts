/**
 * Runs a person's own backfill, or takes part in a run that others have begun: every process is like the others, and the
 * last one to see that nothing is left ends it. It holds no lease, so migrations go on meanwhile.
 *
 * If the process dies, the others work on; when it was the only one, the next run goes on from the ledger.
 */
import { errorCodes, MigrateError, type ErrorCode } from '../../errors.ts';
import { cancelled, rowsLeftOut } from '../backfill/backfill-error.ts';
import { defaultBackfillPolicy, type BackfillPolicy } from '../backfill/batch-size.ts';
import { findJob } from '../backfill/job.ts';
import { openWorkplace, policyFor } from '../backfill/open-workplace.ts';
import { patiently } from '../backfill/patience.ts';
import { backoffMs, isConnectionTrouble, runPool } from '../backfill/pool.ts';
import { readQuarantine } from '../backfill/quarantine.ts';
import { inQuietSession } from '../backfill/quiet-session.ts';
import { listen, notify, pollMs } from '../backfill/wake.ts';
import type { Workplace } from '../backfill/workplace.ts';
import { systemClock, type Clock } from '../clock.ts';
import { isInterruption, throwIfInterrupted } from '../interruption.ts';
import type { BackfillRecord } from '../ledger/backfill-records.ts';
import { installLedger } from '../ledger/install.ts';
import { defaultLedgerSchema, ledgerFormatVersion } from '../ledger/tables.ts';
import { defaultLockPolicy } from '../locks/lock-policy.ts';
import type { OnEvent } from '../run-event.ts';
import { withRunner, type RunnerOptions } from '../runner.ts';
import { openSession, type Session } from '../session.ts';
import { recordable } from '../steps/step-error.ts';
import type { BackfillDefinition } from './define-backfill.ts';
import { finishFunctionJob, jobKeyOf, leaveJob, moveStatus, openFunctionJob, type NewVersion } from './function-job.ts';
import { performFunction } from './perform-function.ts';
import { retryRejected } from './retry-rejected.ts';

export type FunctionRun = {
  /** What to do when another version of the function has begun it: `refuse` when absent. */
  readonly newVersion?: NewVersion;
  /** Only takes part in a run that there is: false when absent. */
  readonly join?: boolean;
};

export type BackfillResult = {
  readonly name: string;
  /** `unchanged`: it was done before. */
  readonly outcome: 'done' | 'unchanged' | 'failed';
  /** Rows that the function was given and did not leave out, in this run and earlier ones. */
  readonly rowsDone: number;
  /** Rows that were left out and that nobody has corrected yet. */
  readonly rowsLeftOut: number;
  readonly error: MigrateError | null;
};

type Setting = {
  readonly definition: BackfillDefinition;
  readonly options: RunnerOptions & FunctionRun;
  readonly schema: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly policy: BackfillPolicy;
};

const usualRowsPerChunk = 5_000; // a function is slower than a statement, and each worker needs a chunk of its own
const idleGraceMs = 5_000; // beyond the function's own time: the engine's own statements

export async function runFunction(
  definition: BackfillDefinition,
  options: RunnerOptions & FunctionRun,
): Promise<BackfillResult> {
  const setting: Setting = {
    definition,
    options,
    schema: options.schema ?? defaultLedgerSchema,
    clock: options.clock ?? systemClock,
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
    policy: {
      ...defaultBackfillPolicy,
      workers: definition.concurrency,
      growth: 'at_once',
      rowsPerChunk: usualRowsPerChunk,
      ...options.backfill,
    },
  };
  // Asked for once: what was left out again on a second try stays so.
  let { retry } = setting.policy;
  for (let failures = 0; ;) {
    throwIfInterrupted(setting.signal);
    let session: Session | null = null;
    try {
      session = await openSession({
        url: options.url,
        applicationName: nameOf(setting, 'function'),
        clock: setting.clock,
      });
      failures = 0;
      await prepareLedger(setting, session);
      return await runIn(setting, session, retry, () => (retry = false));
    } catch (error) {
      if (!isConnectionTrouble(error) || (session === null && failures === 0)) throw error;
      failures += 1;
      const nextTryInMs = backoffMs(failures, setting.clock.random());
      const message = error instanceof Error ? error.message : String(error);
      setting.onEvent({ kind: 'reconnecting', message, nextTryInMs });
      await setting.clock.sleep(nextTryInMs, setting.signal);
    } finally {
      await session?.close();
    }
  }
}

function nameOf({ options }: Setting, purpose: string): string {
  return `${options.applicationName ?? 'onward'}/${purpose}`;
}

/** Only a ledger of an older format needs the lease. */
async function prepareLedger({ options, schema, clock }: Setting, session: Session): Promise<void> {
  const format = await installLedger(session, schema, clock);
  if (format < ledgerFormatVersion) await withRunner(options, async () => undefined);
}

async function runIn(setting: Setting, session: Session, retry: boolean, retried: () => void): Promise<BackfillResult> {
  const { definition, options, schema, clock, signal, onEvent } = setting;
  const ledger = { session, schema };
  const key = jobKeyOf(definition);
  const locks = { ...defaultLockPolicy, ...options.locks };
  const settings = {
    datestyle: 'ISO', // as the function gets dates
    idle_in_transaction_session_timeout: String(Math.ceil(definition.timeoutMs + idleGraceMs)),
  };
  return inQuietSession(session, setting.policy, settings, definition.name, async () => {
    const { record, work } = await openFunctionJob(ledger, definition, {
      rowsPerChunk: setting.policy.rowsPerChunk,
      onError: setting.policy.onError,
      newVersion: options.newVersion ?? 'refuse',
      begin: options.join !== true,
    });
    if (record.status === 'done') return resultOf(definition, record, 'unchanged', 0, null);
    const place = openWorkplace({
      schema,
      record,
      work: { ...work, settings },
      policy: policyFor(setting.policy, work),
      locks,
      clock,
      signal,
      onEvent,
      connect: (of) => session.connectAgain(nameOf(setting, of)),
      throttle: options.throttle ?? {},
      perform: performFunction(definition),
    });
    place.backends.add(session.backendPid);
    onEvent({
      kind: 'step_started',
      ...place.name,
      phase: 'backfill',
      undo: false,
      resumed: record.rowsScanned > 0,
      number: 1,
      count: 1,
    });
    const startedAt = clock.now();
    try {
      await listen(session, place.wake);
      if (retry)
        await patiently(place, place.name, place.run, () => retryRejected(place, session, record.sweep, definition));
      retried();
      await workOn(setting, place, session);
      await place.tally.finished(session);
      onEvent({
        kind: 'step_finished',
        ...place.name,
        phase: 'backfill',
        undo: false,
        durationMs: clock.now() - startedAt,
      });
      return await readResult(setting, session, 'done', null);
    } catch (error) {
      if (isConnectionTrouble(error)) throw error;
      if (isInterruption(error) || !(error instanceof MigrateError)) {
        await leaveJob(ledger, key).catch(() => undefined); // the ledger says so by its sessions too
        throw error;
      }
      if (error.code !== 'BACKFILL_CANCELLED') {
        await moveStatus(ledger, key, ['running', 'held'], 'failed', recordable(error)).catch(() => undefined);
      }
      onEvent({ kind: 'step_failed', ...place.name, phase: 'backfill', undo: false, message: error.message });
      return await readResult(setting, session, 'failed', error);
    } finally {
      await place.throttle.stop();
    }
  });
}

async function workOn(setting: Setting, place: Workplace, session: Session): Promise<void> {
  const { definition, schema, signal } = setting;
  const ledger = { session, schema };
  const { key } = place;
  for (;;) {
    throwIfInterrupted(signal);
    const record = await findJob(session, schema, key);
    if (record === null || record.work?.function?.hash !== definition.hash) throw takenAway(definition);
    if (record.status === 'done') return;
    if (record.desired === 'cancel' || record.status === 'cancelled') throw cancelled(place.name, place.run.table);
    if (record.status === 'failed') throw failedElsewhere(place, record);
    if (record.desired === 'pause') {
      if (await moveStatus(ledger, key, ['running'], 'paused')) {
        setting.onEvent({ kind: 'backfill_paused', ...place.name });
      }
      await place.wake.sleep(pollMs, signal);
      continue;
    }
    if (record.status === 'held' && record.isHeld) {
      await place.wake.sleep(pollMs, signal);
      continue;
    }
    if (await moveStatus(ledger, key, ['pending', 'paused', 'held'], 'running')) {
      setting.onEvent({ kind: 'backfill_resumed', ...place.name });
    }
    if ((await runPool(place, session, (of) => session.openAgain(nameOf(setting, of)))) !== 'finished') continue;
    const noted = await readQuarantine(session, schema, key);
    if (noted.length > 0) throw rowsLeftOut(place.name, place.run.table, noted);
    if (await finishFunctionJob(ledger, key)) await notify(session);
  }
}

async function readResult(
  { definition, schema }: Setting,
  session: Session,
  outcome: BackfillResult['outcome'],
  error: MigrateError | null,
): Promise<BackfillResult> {
  const key = jobKeyOf(definition);
  const record = await findJob(session, schema, key);
  const noted = await readQuarantine(session, schema, key);
  return resultOf(definition, record, outcome, noted.length, error);
}

function resultOf(
  { name }: BackfillDefinition,
  record: BackfillRecord | null,
  outcome: BackfillResult['outcome'],
  rowsOut: number,
  error: MigrateError | null,
): BackfillResult {
  return { name, outcome, rowsDone: record?.rowsDone ?? 0, rowsLeftOut: rowsOut, error };
}

function failedElsewhere({ name }: Workplace, { lastError }: BackfillRecord): MigrateError {
  const known = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);
  const code = lastError !== null && known(lastError.code) ? lastError.code : 'BACKFILL_FAILED';
  return new MigrateError(code, lastError?.message ?? `${name.migration}: another worker stopped it.`, {
    hint: 'Correct that, and run it again: it goes on from where it stands.',
    details: name,
  });
}

function takenAway({ name }: BackfillDefinition): MigrateError {
  return new MigrateError('PLAN_STALE', `${name} was begun anew by another version of its function.`, {
    hint: 'Run the new version here too, or leave it to the others.',
  });
}
