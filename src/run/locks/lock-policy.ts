/**
 * How hard a step tries to get its locks. Pure.
 *
 * A try that stands in the queue for ACCESS EXCLUSIVE makes everybody queue behind it, so the first tries do not queue
 * at all (NOWAIT), and the later ones queue for a time that doubles from try to try. After each one everything is let go
 * for at least four times as long: however long we try, others are held up for a fifth of the time at most.
 */

export type LockPolicy = {
  /** Tries that never queue. */
  readonly nowaitTries: number;
  readonly firstTimeoutMs: number;
  /** No other client waits longer than this behind one of our tries. */
  readonly lastTimeoutMs: number;
  /** All tries and pauses of one step together. */
  readonly budgetMs: number;
  /** A transaction that has been open for this long is waited for without queueing (long-holders.ts). */
  readonly longAfterMs: number;
  /** The time spent waiting for such a transaction does not count towards the budget. */
  readonly waitForBlockers: boolean;
  /** How long a transaction may stand in our way before its session is ended; null: for ever. */
  readonly terminateBlockersAfterMs: number | null;
};

export const defaultLockPolicy: LockPolicy = {
  nowaitTries: 3, // most tables are free most of the time; three tries in half a second find the gap between two statements
  firstTimeoutMs: 25, // shorter than an application's timeout by far, longer than the usual statement
  // Above deadlock_timeout (1 s), after which the server cancels an autovacuum that stands in our way; a queue of 2 s is
  // the most that a busy application takes without timeouts of its own.
  lastTimeoutMs: 2_000,
  budgetMs: 300_000, // five minutes: longer than the usual report, shorter than a deploy's patience
  longAfterMs: 2_000, // longer than a try may queue: a transaction of this age will most likely outlast the try
  waitForBlockers: false,
  terminateBlockersAfterMs: null,
};

export type LockTry = {
  readonly nowait: boolean;
  /** In force for the step's own statements too; of a NOWAIT try, for them only. */
  readonly lockTimeoutMs: number;
};

/** The n-th try, from 1. */
export function lockTry(attempt: number, policy: LockPolicy): LockTry {
  const timed = attempt - policy.nowaitTries;
  if (timed <= 0) return { nowait: true, lockTimeoutMs: policy.firstTimeoutMs };
  const doubled = policy.firstTimeoutMs * 2 ** Math.min(timed - 1, 30); // 2^30: enough for any timeout, and no Infinity
  return { nowait: false, lockTimeoutMs: Math.min(doubled, policy.lastTimeoutMs) };
}

const pauseFactor = 4; // pauses ÷ timeouts: the share of time in which others may queue behind us is one fifth
const firstPauseMs = 50; // after a NOWAIT try, doubled from try to try

/** How long to hold nothing after the n-th try failed; `random` from 0 to 1 spreads runners that collide. */
export function pauseAfter(attempt: number, policy: LockPolicy, random: number): number {
  const { nowait, lockTimeoutMs } = lockTry(attempt, policy);
  const base = nowait ? firstPauseMs * 2 ** (attempt - 1) : lockTimeoutMs * pauseFactor;
  return base * (1 + random / 2);
}

const longestCollisionPauseMs = 2_000; // the other side of a deadlock has finished long before

/** After the n-th deadlock or serialization failure: nobody queues behind us, only the same two must not meet again. */
export function pauseAfterCollision(attempt: number, random: number): number {
  return Math.min(firstPauseMs * 2 ** Math.min(attempt - 1, 20), longestCollisionPauseMs) * (1 + random / 2);
}
