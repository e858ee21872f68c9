/**
 * How many workers of a process are worth having: one more only while the last one has made the work faster by a tenth and
 * nothing presses, one less when signals keep the work waiting. Pure.
 *
 * More workers than a server has room for make it slower (measured on two cores), and each has a connection and its locks.
 * So it begins with one. The first ten seconds say how fast one is; each worker more is tried for ten seconds, and goes
 * again when it was not worth it. After that no other is tried for five minutes: the table may have parts that are
 * cheaper, or the server quieter hours. When throttled for more than a fifth of a minute, one goes at once.
 */

export type Moment = {
  /** Milliseconds of any clock. */
  readonly now: number;
  /** Rows looked at by all workers of the process, since it began. */
  readonly rows: number;
  /** No signal is near its limit. */
  readonly isGreen: boolean;
  /** No batch may begin. */
  readonly isThrottled: boolean;
};

export type WorkerCount = {
  readonly count: number;
  /** Since when there are as many, and how many rows there were by then. */
  readonly since: number;
  readonly rows: number;
  /** Rows a millisecond with one worker less; null when none was tried yet. */
  readonly speedBefore: number | null;
  /** No other is tried before that. */
  readonly triedUntil: number;
  /** The last minute: for how long it was throttled, and since when that is counted. */
  readonly throttled: { readonly since: number; readonly ms: number };
  readonly at: number;
};

const firstTrialMs = 2_000; // how fast one is shows soon
const trialMs = 10_000; // a worker's gain shows over some dozens of batches
const leastGain = 1.1;
const againAfterMs = 300_000;
const minuteMs = 60_000;
const mostThrottled = 0.2;

export function firstWorkerCount(now: number): WorkerCount {
  const throttled = { since: now, ms: 0 };
  return { count: 1, since: now, rows: 0, speedBefore: null, triedUntil: now, throttled, at: now };
}

/** Called some times a second; the count goes up or down by one at most. */
export function nextWorkerCount(before: WorkerCount, moment: Moment, most: number): WorkerCount {
  const { now, rows, isGreen } = moment;
  const throttled = throttledMinute(before, moment);
  const here: WorkerCount = { ...before, throttled, at: now };
  const isOver = throttled.ms > mostThrottled * minuteMs;
  if (before.count > 1 && isOver) return { ...changed(here, moment, -1), throttled: { since: now, ms: 0 } };
  // What was measured while it waited says nothing of how fast the workers are.
  if (!isGreen) return { ...here, since: now, rows };
  const spentMs = now - before.since;
  if (spentMs < (before.count === 1 && before.speedBefore === null ? firstTrialMs : trialMs)) return here;
  const speed = (rows - before.rows) / spentMs;
  const isOnTrial = before.speedBefore !== null;
  if (isOnTrial && speed < (before.speedBefore ?? 0) * leastGain) return changed(here, moment, -1);
  const mayTry = now >= before.triedUntil && before.count < most && throttled.ms === 0;
  if (mayTry) return { ...changed(here, moment, 1), speedBefore: speed };
  return { ...here, since: now, rows, speedBefore: null };
}

function changed(here: WorkerCount, { now, rows }: Moment, by: 1 | -1): WorkerCount {
  const triedUntil = by === 1 ? here.triedUntil : now + againAfterMs;
  return { ...here, count: here.count + by, since: now, rows, speedBefore: null, triedUntil };
}

/** A minute begins anew when it is over: what was before it is forgotten. */
function throttledMinute({ at, throttled }: WorkerCount, { now, isThrottled }: Moment): WorkerCount['throttled'] {
  const ms = throttled.ms + (isThrottled ? now - at : 0);
  return now - throttled.since < minuteMs
    ? { since: throttled.since, ms }
    : { since: now, ms: isThrottled ? now - at : 0 };
}
