/** How many workers there are, by the clock: minutes in milliseconds. */
import { expect, test } from 'vitest';
import { firstWorkerCount, nextWorkerCount, type WorkerCount } from '../../src/run/backfill/worker-count.ts';

type Server = {
  /** Rows a second of so many workers. */
  readonly speed: (workers: number) => number;
  readonly isGreen?: (now: number) => boolean;
  readonly isThrottled?: (now: number) => boolean;
};

/** The counts, each with the second at which it began. */
function played(server: Server, seconds: number, most = 8): readonly string[] {
  let state: WorkerCount = firstWorkerCount(0);
  let rows = 0;
  const changes = ['1 at 0'];
  for (let now = 250; now <= seconds * 1_000; now += 250) {
    const isThrottled = server.isThrottled?.(now) ?? false;
    if (!isThrottled) rows += server.speed(state.count) / 4;
    const isGreen = !isThrottled && (server.isGreen?.(now) ?? true);
    const next = nextWorkerCount(state, { now, rows, isGreen, isThrottled }, most);
    if (next.count !== state.count) changes.push(`${next.count} at ${now / 1_000}`);
    state = next;
  }
  return changes;
}

test('one more comes as long as each makes it faster by a tenth, up to what was asked for', () => {
  expect(played({ speed: (workers) => workers * 1_000 }, 60, 3)).toEqual(['1 at 0', '2 at 2', '3 at 12']);
});

test('one that did not help goes again, and another is tried only after five minutes', () => {
  const full = { speed: (workers: number) => 1_000 * Math.min(workers, 2) };
  expect(played(full, 400)).toEqual(['1 at 0', '2 at 2', '3 at 12', '2 at 22', '3 at 322', '2 at 332']);
});

test('nobody comes while a signal is near its limit', () => {
  const busy = { speed: (workers: number) => workers * 1_000, isGreen: (now: number) => now > 30_000 };
  expect(played(busy, 45)).toEqual(['1 at 0', '2 at 32', '3 at 42']);
});

test('one goes when signals kept it waiting for more than a fifth of a minute, and one always stays', () => {
  const late = { speed: (workers: number) => workers * 1_000, isThrottled: (now: number) => now > 60_000 };
  const changes = played(late, 150, 3);
  expect(changes.slice(0, 3)).toEqual(['1 at 0', '2 at 2', '3 at 12']);
  expect(changes.slice(3)).toEqual(['2 at 72.25', '1 at 84.5']);
});

test('short waits now and then take nobody away', () => {
  const now = {
    speed: (workers: number) => workers * 1_000,
    isThrottled: (ms: number) => ms % 60_000 < 5_000 && ms > 50_000,
  };
  expect(played(now, 600, 2)).toEqual(['1 at 0', '2 at 2']);
});
