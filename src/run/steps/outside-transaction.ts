/**
 * Runs a statement that cannot share a transaction with its ledger row: CREATE INDEX CONCURRENTLY and its like.
 *
 * The intent is recorded (the step is `running`) before anything here starts. Then: look what is there (probe), clear
 * away an invalid rest (heal), run, look again (verify), record. If the process dies at any point, the next run finds
 * the step `running` and begins with the look, so that a build which finished after our death is taken as done, and one
 * that did not is built anew. The same holds when the statement has succeeded and its record fails: the step stays
 * `running`, since whoever found it `pending` would take its index for somebody else's. IF NOT EXISTS is never used: it would take an invalid index for a finished one.
 *
 * lock_timeout is off for statements whose locks queue nobody who reads or writes: it would also end their wait for old
 * snapshots and leave an invalid index (trap 19). Any other statement gets the growing timeouts of lock-policy.ts.
 */
import { MigrateError } from '../../errors.ts';
import type { LockClaim } from '../../operations/effects.ts';
import type { SqlRun } from '../../operations/step-draft.ts';
import { blocksWrites } from '../../postgres/lock-mode.ts';
import { isRetryable, sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { fenced } from '../ledger/ledger.ts';
import { lockTry, pauseAfter } from '../locks/lock-policy.ts';
import { longHolders } from '../locks/long-holders.ts';
import type { Blocker, StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import {
  dropIndexConcurrently,
  duplicateKeysIfQuick,
  indexOf,
  indexState,
  isIndexProbe,
  isReached,
  waitForBuild,
  type IndexState,
} from './index-probe.ts';
import { applyStepSettings } from './local-settings.ts';
import { dropInvalidRest, isOver, isRestProbe, statementFrom } from './rest-probe.ts';
import { dataViolates, lockNotObtained, outcomeUnknown, stepFailed } from './step-error.ts';
import { watchStatement } from './watch-statement.ts';

export type LoneStatement = {
  readonly name: StepName;
  readonly run: SqlRun;
  /** What the plan says it locks; never taken beforehand here. */
  readonly claims: readonly LockClaim[];
  /** True when nothing is known of its locks. */
  readonly opaque: boolean;
  readonly statementTimeoutMs: number | null;
  readonly settings: Readonly<Record<string, string>>;
  /** An earlier run began it and did not live to tell, or it may safely be found done already. */
  readonly mayBeDone: boolean;
  /** What became of the statement, as soon as that is known: whatever fails afterwards, it is there, or it is not. */
  readonly onOutcome: (outcome: 'there' | 'absent') => void;
  /** Writes the ledger row; called inside a fenced transaction. */
  readonly record: () => Promise<void>;
};

const mostAttempts = 5; // of a build that loses a deadlock: each one means hours for a large table

export async function runOutsideTransaction(runner: Runner, work: LoneStatement): Promise<void> {
  try {
    await runUntilReached(runner, work);
  } finally {
    // The settings were set for the session: there is no transaction that could end them.
    await runner.session.resetSettings().catch(() => undefined); // fails only when the connection is gone
  }
  // If we die here, the next run finds the step `running`, looks, and finds it done.
  await fenced(runner.ledger, work.record);
}

async function runUntilReached(runner: Runner, work: LoneStatement): Promise<void> {
  const { clock, signal, locks: policy } = runner;
  const statement = onlyStatement(work);
  const queuesOthers = work.opaque || work.claims.some((claim) => blocksWrites(claim.mode));
  const startedAt = clock.now();
  const holders = longHolders(runner, work.name, work.claims);
  let freeMs = 0; // of the time so far, what does not count towards the budget
  for (let attempt = 1; ; attempt += 1) {
    throwIfInterrupted(signal);
    if (await isDoneAlready(runner, work, attempt)) {
      work.onOutcome('there');
      return;
    }
    if (canBeSeen(work.run.probe)) work.onOutcome('absent');
    if (queuesOthers) {
      // What is still there when the budget is over is met by a last try, which says who it is.
      const { tookMs } = await holders.wait(attempt, policy.budgetMs - (clock.now() - startedAt - freeMs));
      if (policy.waitForBlockers) freeMs += tookMs;
    }
    const lockTimeoutMs = !queuesOthers
      ? 0
      : isProcedural(statement)
        ? policy.lastTimeoutMs
        : lockTry(attempt, policy).lockTimeoutMs;
    const failure = await tryStatement(runner, work, statement, lockTimeoutMs);
    work.onOutcome(failure === null ? 'there' : 'absent');
    if (failure === null) {
      if (await isReachedNow(runner, work)) return;
      work.onOutcome('absent');
    }

    const waitedMs = clock.now() - startedAt;
    const error = failure?.error ?? new Error('The statement succeeded, and yet what it was to do is not done.');
    const code = failure === null ? null : sqlstateOf(failure.error);
    if (code !== null && work.mayBeDone && attempt === 1 && saysItIsDone(work, code) && !isProcedural(statement)) {
      work.onOutcome('there');
      runner.onEvent({ kind: 'step_already_done', ...work.name });
      return;
    }
    if (code === sqlstate.uniqueViolation) throw await duplicatesFound(runner, work, error);
    // A procedure may have committed a part of its work, so it is a person who begins it again.
    const again = !isProcedural(statement) && (failure === null || (code !== null && isRetryable(code)));
    const pauseMs = pauseAfter(attempt, policy, clock.random());
    const spent = queuesOthers ? waitedMs - freeMs + pauseMs >= policy.budgetMs : attempt >= mostAttempts;
    if (!again || spent) {
      await clearInvalidRest(runner, work).catch(() => undefined); // the next run tries again
      if (code === sqlstate.lockNotAvailable) {
        throw lockNotObtained(
          work.name,
          null,
          statement,
          { attempts: attempt, waitedMs, blockers: failure?.blockers ?? [] },
          error,
        );
      }
      throw stepFailed(work.name, statement, error);
    }
    runner.onEvent({
      kind: 'step_retried',
      ...work.name,
      sqlstate: code ?? sqlstate.internalError,
      attempt,
      nextTryInMs: pauseMs,
    });
    await clock.sleep(pauseMs, signal);
  }
}

/** CALL and DO: what they did before an error is not known. */
function isProcedural(statement: string): boolean {
  return /^(?:call|do)\b/i.test(statement);
}

function onlyStatement(work: LoneStatement): string {
  const [statement, ...more] = work.run.statements;
  if (statement !== undefined && more.length === 0) return statement;
  throw new MigrateError('INTERNAL', `Step “${work.name.title}” runs outside a transaction and must be one statement.`);
}

/** Whether a look at the server tells for certain that it was not done. */
function canBeSeen(probe: SqlRun['probe']): boolean {
  return isIndexProbe(probe) || probe?.kind === 'partition_detached';
}

/** Probe and heal. */
async function isDoneAlready(runner: Runner, work: LoneStatement, attempt: number): Promise<boolean> {
  const { probe } = work.run;
  if (isRestProbe(probe)) {
    const mayBeOver = probe.kind === 'partition_detached' && (work.mayBeDone || attempt > 1);
    if (mayBeOver && (await isOver(runner.session, probe))) {
      runner.onEvent({ kind: 'step_already_done', ...work.name });
      return true;
    }
    await clearInvalidRest(runner, work);
    return false;
  }
  if (!isIndexProbe(probe)) return false;
  const state = await settledState(runner, work);
  // On the very first try a valid index of this name is somebody else's: CREATE INDEX will say so.
  const mayBeOurs = work.mayBeDone || attempt > 1 || probe.kind === 'index_absent';
  if (mayBeOurs && isReached(probe, state)) {
    runner.onEvent({ kind: 'step_already_done', ...work.name });
    return true;
  }
  await clearInvalidRest(runner, work);
  return false;
}

async function isReachedNow(runner: Runner, work: LoneStatement): Promise<boolean> {
  const { probe } = work.run;
  if (isRestProbe(probe)) return isOver(runner.session, probe);
  return !isIndexProbe(probe) || isReached(probe, await indexState(runner.session, indexOf(probe)));
}

async function settledState(runner: Runner, work: LoneStatement): Promise<IndexState> {
  const { probe } = work.run;
  if (!isIndexProbe(probe)) return { kind: 'absent' };
  const state = await indexState(runner.session, indexOf(probe));
  if (state.kind !== 'invalid') return state;
  await waitForBuild(runner.session, runner.clock, runner.signal, state.oid);
  return indexState(runner.session, indexOf(probe));
}

/** Only for a build: an invalid index that is to be dropped anyway is dropped by the step itself. */
async function clearInvalidRest(runner: Runner, work: LoneStatement): Promise<void> {
  const { probe } = work.run;
  if (isRestProbe(probe)) {
    const dropped = await dropInvalidRest(runner.session, probe, runner.signal);
    for (const index of dropped) runner.onEvent({ kind: 'index_healed', ...work.name, index });
    return;
  }
  if (probe?.kind !== 'index_valid') return;
  const state = await settledState(runner, work);
  if (state.kind !== 'invalid') return;
  const watch = watchStatement(runner.session, runner.clock, work.name, runner.onEvent);
  try {
    await applyStepSettings(runner.session, { ...work, lockTimeoutMs: 0, statementTimeoutMs: null }, false);
    await dropIndexConcurrently(runner.session, indexOf(probe), runner.signal);
  } finally {
    watch.stop();
  }
  runner.onEvent({ kind: 'index_healed', ...work.name, index: indexOf(probe) });
}

async function tryStatement(
  runner: Runner,
  work: LoneStatement,
  statement: string,
  lockTimeoutMs: number,
): Promise<{ readonly error: unknown; readonly blockers: readonly Blocker[] } | null> {
  await applyStepSettings(runner.session, { ...work, lockTimeoutMs }, false);
  const watch = watchStatement(runner.session, runner.clock, work.name, runner.onEvent);
  let blockers: readonly Blocker[] = [];
  let failure: unknown = null;
  try {
    const { probe } = work.run;
    const next = isRestProbe(probe) ? await statementFrom(runner.session, probe, statement) : statement;
    await runner.session.query(next, [], { signal: runner.signal });
  } catch (error) {
    failure = error;
  } finally {
    blockers = watch.stop();
  }
  if (failure === null) return null;
  if (failure instanceof MigrateError) {
    // No look at the server tells what it has done, and a person decides whether it begins anew.
    if (failure.code === 'CONNECTION_LOST' && isProcedural(statement))
      throw outcomeUnknown(work.name, statement, failure);
    throw failure; // interrupted, or the connection is gone
  }
  return { error: failure, blockers };
}

/**
 * For statements without a probe (ALTER TYPE … ADD VALUE, for example): an earlier run that was cut off between the
 * server's success and our record shows itself by "exists already", or "does not exist" where something was dropped.
 */
function saysItIsDone(work: LoneStatement, code: string): boolean {
  return work.run.probe === null && doneAlready.has(code);
}

const doneAlready: ReadonlySet<string> = new Set([
  sqlstate.duplicateObject,
  sqlstate.duplicateTable,
  sqlstate.duplicateDatabase,
  sqlstate.undefinedObject,
  sqlstate.undefinedTable,
]);

async function duplicatesFound(runner: Runner, work: LoneStatement, cause: unknown): Promise<MigrateError> {
  const { probe } = work.run;
  if (probe?.kind !== 'index_valid') return stepFailed(work.name, onlyStatement(work), cause);
  const state = await indexState(runner.session, indexOf(probe));
  const found =
    state.kind === 'absent'
      ? { columns: [], samples: [] }
      : await duplicateKeysIfQuick(runner.session, state.oid, runner.signal);
  // If we die here, the invalid rest stays, and the next run clears it away.
  await clearInvalidRest(runner, work);
  const table = probe.table.name;
  return dataViolates(
    work.name,
    `rows of ${table} have the same key, so the unique index ${probe.index} cannot be built`,
    `Give each row of ${table} a key of its own, or delete the duplicates, then run the same command again. The unfinished index was dropped.`,
    { count: null, ...found },
    cause,
  );
}
