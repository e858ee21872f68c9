/**
 * A sleep that ends when something is told: a pause, a resumption, a chunk that was given back. Who changes the state of
 * a backfill sends a notification; who waits for a change looks again when one arrives, and once a second besides, since
 * a notification may be lost with a connection.
 */
import type { Clock } from '../clock.ts';
import type { Session } from '../session.ts';

export type Wake = {
  /** Ends early when the signal aborts, or when somebody calls `now`. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  now(): void;
};

export const pollMs = 1_000;

const channel = 'onward_backfill'; // for all ledgers of a database: to be woken for nothing costs one small query

export function makeWake(clock: Clock): Wake {
  let round = new AbortController();
  return {
    sleep: (ms, signal) => clock.sleep(ms, AbortSignal.any([signal, round.signal])),
    now: () => {
      round.abort();
      round = new AbortController();
    },
  };
}

/** From here on a notification wakes. */
export async function listen(session: Session, wake: Wake): Promise<void> {
  session.onNotification(() => wake.now());
  await session.query(`listen ${channel}`);
}

export async function notify(session: Session): Promise<void> {
  await session.query(`notify ${channel}`);
}
