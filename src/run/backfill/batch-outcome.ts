/**
 * What a failed batch means for the next one, by its SQLSTATE. Pure.
 *
 * - `retry`: somebody was in the way (a lock, a deadlock, a serialization race): wait a little, and ask for less.
 * - `halve`: it ran into the statement timeout: ask for less.
 * - `poison`: a row of it cannot be changed: find it by halving, and stop there. Nothing is skipped silently.
 * - `hold`: the server has run out of something: no retry makes that better.
 * - `stop`: the statement itself does not fit the schema any more.
 */
import { isClass, isRetryable, sqlstate } from '../../postgres/sqlstate.ts';

export type BatchFailure = 'retry' | 'halve' | 'poison' | 'hold' | 'stop';

export function classifyFailure(code: string | null): BatchFailure {
  if (isRetryable(code)) return 'retry';
  if (code === sqlstate.queryCanceled) return 'halve';
  if (isClass(code, 'dataException') || isClass(code, 'integrityConstraint') || code === sqlstate.raiseException) {
    return 'poison';
  }
  if (isClass(code, 'insufficientResources')) return 'hold';
  return 'stop';
}

const firstPauseMs = 25; // the usual row lock is gone after a few milliseconds
const longestPauseMs = 2_000; // a lock that lasts longer is not worth more than a look every two seconds

/** After the n-th failure in a row, from 1; `random` from 0 to 1 keeps two that collided from colliding again. */
export function pauseAfterFailure(failures: number, random: number): number {
  return Math.min(firstPauseMs * 2 ** Math.min(failures - 1, 20), longestPauseMs) * (0.5 + random);
}

/**
 * The search for a row that cannot be changed: `suspects` units (rows, or blocks) after the cursor hold it. Each try
 * takes the first half of them; a half that works moves the cursor, so its rows are done.
 */
export type Hunt = { readonly suspects: number };

export function nextTry(hunt: Hunt): number {
  return Math.max(1, Math.floor(hunt.suspects / 2));
}

/** `tried` units failed. Null when that was a single one: found. */
export function huntAfterFailure(tried: number): Hunt | null {
  return tried <= 1 ? null : { suspects: tried };
}

/** `tried` units worked. Null when none is left: a client has changed or deleted the row meanwhile. */
export function huntAfterSuccess(hunt: Hunt, tried: number): Hunt | null {
  const suspects = hunt.suspects - tried;
  return suspects <= 0 ? null : { suspects };
}
