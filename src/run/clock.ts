/**
 * Time, randomness and who we are: the only file of the runner that asks the system for them, so that every other one
 * can be tested with a clock that stands still.
 *
 * `now` only ever goes forward and says nothing about the date: it is for durations and budgets. Dates in the ledger
 * come from the server's clock, because two runners on two machines must agree about them.
 */
import { hostname } from 'node:os';

export type Clock = {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts: the caller looks at the signal, nothing is thrown. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 (included) to 1 (excluded). */
  random(): number;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
};

/** The date and time of this machine: only for what other programs are told. Never for the ledger. */
export function currentTime(): Date {
  return new Date();
}

/** As the lease names us to other people. */
export function thisProcess(): { readonly host: string; readonly process: number } {
  return { host: hostname(), process: process.pid };
}
