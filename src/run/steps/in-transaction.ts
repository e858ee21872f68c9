/**
 * Runs statements in one transaction together with the ledger row that says so: fence, settings, locks, statements,
 * row, COMMIT. A try that does not get a lock, loses a deadlock or a serialization race is rolled back as a whole, lets
 * go of everything, tells who was in the way, and comes again, until the budget is spent.
 *
 * If the process dies anywhere here, the server rolls back: the next run sees the step as not done. If it dies after
 * COMMIT was sent, the ledger row tells which of the two happened.
 */
import { MigrateError } from '../../errors.ts';
import type { LockClaim } from '../../operations/effects.ts';
import { isRetryable, sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { quoteLiteral } from '../../sql/identifier.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { fence } from '../ledger/ledger.ts';
import { holdersOf, watchBlockers } from '../locks/blockers.ts';
import { findClaimed, lockStatement, type ClaimedTable } from '../locks/claimed-tables.ts';
import { lockTry, pauseAfter, pauseAfterCollision } from '../locks/lock-policy.ts';
import { longHolders } from '../locks/long-holders.ts';
import type { Blocker, StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { applyStepSettings, leaveRole } from './local-settings.ts';
import { lockNotObtained, stepFailed } from './step-error.ts';

export type TransactionWork = {
  readonly name: StepName;
  readonly statements: readonly string[];
  /** Taken first, in this order. */
  readonly claims: readonly LockClaim[];
  readonly statementTimeoutMs: number | null;
  readonly settings: Readonly<Record<string, string>>;
  /** Looked at under the locks, before the statements; throws when they must not run. */
  readonly expect?: () => Promise<void>;
  /** Looked at behind the statements; throws when they must not be kept. */
  readonly expectBehind?: () => Promise<void>;
  /** Writes the ledger row, in the same transaction. */
  readonly record: () => Promise<void>;
};

export async function runInTransaction(runner: Runner, work: TransactionWork): Promise<void> {
  const { clock, locks: policy, signal } = runner;
  const startedAt = clock.now();
  const holders = longHolders(runner, work.name, work.claims);
  let freeMs = 0; // of the time so far, what does not count towards the budget
  for (let attempt = 1; ; attempt += 1) {
    throwIfInterrupted(signal);
    const tried = lockTry(attempt, policy);
    let leftMs = policy.budgetMs - (clock.now() - startedAt - freeMs);
    let { nowait } = tried;
    if (!nowait) {
      const { tookMs, stillThere } = await holders.wait(attempt, leftMs);
      if (policy.waitForBlockers) freeMs += tookMs;
      else leftMs -= tookMs;
      nowait = stillThere; // the last try, which says who is in the way
    }
    // At least 1 ms: 0 would mean "no timeout".
    const lockTimeoutMs = Math.max(1, Math.min(tried.lockTimeoutMs, leftMs));
    const outcome = await tryOnce(runner, work, { nowait, lockTimeoutMs });
    if (outcome === null) return;

    const waitedMs = clock.now() - startedAt;
    const isLock = outcome.code === sqlstate.lockNotAvailable;
    const pauseMs = isLock ? pauseAfter(attempt, policy, clock.random()) : pauseAfterCollision(attempt, clock.random());
    if (waitedMs - freeMs + pauseMs >= policy.budgetMs) throw givenUp(work, outcome, attempt, waitedMs);
    if (isLock) {
      runner.onEvent({
        kind: 'lock_waiting',
        ...work.name,
        table: outcome.table?.claim.table ?? null,
        mode: outcome.table?.claim.mode ?? null,
        attempt,
        lockTimeoutMs: nowait && outcome.table !== null ? 0 : lockTimeoutMs,
        waitedMs,
        budgetMs: policy.budgetMs,
        nextTryInMs: pauseMs,
        blockers: outcome.blockers,
      });
    } else {
      runner.onEvent({ kind: 'step_retried', ...work.name, sqlstate: outcome.code, attempt, nextTryInMs: pauseMs });
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** A try that failed in a way that another one may not. */
type Collision = {
  readonly code: string;
  /** The table whose lock was not granted; null when it was a statement that failed. */
  readonly table: ClaimedTable | null;
  readonly statement: string | null;
  readonly blockers: readonly Blocker[];
  readonly error: unknown;
};

/** Null when it is done. */
async function tryOnce(
  runner: Runner,
  work: TransactionWork,
  tried: { readonly nowait: boolean; readonly lockTimeoutMs: number },
): Promise<Collision | null> {
  const { session, ledger, signal } = runner;
  // Where we are, for the error: the table being locked, or the statement being run.
  let table: ClaimedTable | null = null;
  let statement: string | null = null;
  let seen: readonly Blocker[] = [];
  try {
    await session.transaction(async () => {
      await fence(ledger);
      statement = settingsText(work.settings);
      await applyStepSettings(session, { ...work, lockTimeoutMs: tried.lockTimeoutMs }, true);
      const claims = await findClaimed(session, work.claims, work.name.title);
      const hurry = lockDeadline(runner, tried.lockTimeoutMs);
      for (const claimed of claims) {
        await hurry();
        table = claimed;
        statement = lockStatement(claimed.claim, tried.nowait);
        await session.query(statement, [], { signal });
      }
      table = null;
      await work.expect?.();
      await hurry();
      for (const text of work.statements) {
        statement = text;
        const watch = watchBlockers(session, runner.clock);
        try {
          await session.query(text, [], { signal });
        } finally {
          seen = watch.stop();
        }
      }
      await work.expectBehind?.();
      statement = null;
      await leaveRole(session, work.settings);
      await work.record();
    });
    return null;
  } catch (error) {
    if (error instanceof MigrateError) throw error;
    const code = sqlstateOf(error);
    if (code === null || !isRetryable(code)) throw stepFailed(work.name, statement, error);
    // The holder of the lock is most likely still there: the transaction is rolled back, so we can ask.
    const blockers = table === null ? seen : await whoHolds(runner, table);
    return { code, table, statement, blockers, error };
  }
}

/**
 * The server's lock_timeout is for one lock. Whoever queues behind our first one must not wait for our second one as
 * well, so the timeout is for all of them together: what is left of it is set anew before each.
 */
function lockDeadline({ session, clock }: Runner, lockTimeoutMs: number): () => Promise<void> {
  const startedAt = clock.now();
  let inForceMs = lockTimeoutMs;
  return async () => {
    const leftMs = Math.max(1, lockTimeoutMs - (clock.now() - startedAt)); // 0 would mean "no timeout"
    if (leftMs > inForceMs * worthSetting) return;
    inForceMs = leftMs;
    await session.query("select pg_catalog.set_config('lock_timeout', $1, true)", [`${Math.ceil(leftMs)}ms`]);
  };
}

const worthSetting = 0.9; // a round trip for the last tenth would cost more than it saves

/** For the error, when the server does not take them. */
function settingsText(settings: Readonly<Record<string, string>>): string {
  const parts = Object.entries(settings).map(([name, value]) => `SET LOCAL ${name} = ${quoteLiteral(value)}`);
  return parts.length === 0 ? 'SET LOCAL lock_timeout' : parts.join('; ');
}

async function whoHolds(runner: Runner, table: ClaimedTable): Promise<readonly Blocker[]> {
  const holders = await holdersOf(runner.session, table.oid, table.claim.mode);
  return holders.map(({ blocker }) => blocker);
}

function givenUp(work: TransactionWork, collision: Collision, attempts: number, waitedMs: number): MigrateError {
  if (collision.code !== sqlstate.lockNotAvailable) return stepFailed(work.name, collision.statement, collision.error);
  const { blockers, table, statement, error } = collision;
  return lockNotObtained(work.name, table, statement, { attempts, waitedMs, blockers }, error);
}
