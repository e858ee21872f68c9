/** The line of a running backfill, and the pace that it tells. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backfillLine } from '../../src/report/backfill-line.ts';
import { paceAfter, type Pace } from '../../src/report/backfill-pace.ts';
import { signalText } from '../../src/report/signal-text.ts';
import type { SignalState, ThrottleSnapshot } from '../../src/run/backfill/signals/throttle.ts';
import type { BackfillProgress } from '../../src/run/run-event.ts';

function progress(rowsScanned: number, percent = rowsScanned / 10_000): BackfillProgress {
  return {
    rowsDone: rowsScanned,
    rowsScanned,
    estimate: 1_000_000,
    percent,
    rowsPerSecond: 0,
    etaSeconds: null,
    batchSize: 4_000,
  };
}

/** The pace after tellings of [seconds, rows]. */
function paceOf(...tellings: readonly (readonly [seconds: number, rows: number])[]): Pace {
  let pace: Pace | null = null;
  for (const [seconds, rows] of tellings) pace = paceAfter(pace, progress(rows), seconds * 1_000);
  if (pace === null) throw new Error('Nothing was told.');
  return pace;
}

const lag: SignalState = { signal: 'replicaLag', state: 'over', value: 3_200, limit: 2_000, unit: 'ms', about: 'r1' };
const running: ThrottleSnapshot = {
  rung: 'running',
  forMs: 0,
  nice: 0,
  worst: null,
  signals: [{ ...lag, value: 100 }],
};

describe('the pace', () => {
  test('of even work is a narrow band', () => {
    const { rowsPerSecond, left } = paceOf([0, 0], [10, 100_000], [20, 200_000], [30, 300_000]);
    expect(rowsPerSecond).toBeCloseTo(10_000);
    expect(left?.best).toBeCloseTo(70);
    expect(left?.worst).toBeCloseTo(70);
  });

  test('contains its pauses', () => {
    const { rowsPerSecond, left } = paceOf([0, 0], [10, 100_000], [70, 100_000], [71, 110_000]);
    expect(rowsPerSecond).toBeLessThan(5_000);
    expect(left?.best).toBeGreaterThan(89);
    expect(left?.worst).toBeGreaterThan(2 * (left?.best ?? 0));
  });

  test('is not known before anything was done', () => {
    expect(paceOf([0, 0]).left).toBeNull();
    expect(paceOf([0, 0], [1, 0]).left).toBeNull();
  });

  test('never goes back and never beyond 100, whatever is told', () => {
    const telling = fc.record({
      rows: fc.nat(3_000_000),
      percent: fc.double({ min: -5, max: 250, noNaN: true }),
      ms: fc.nat(100_000),
    });
    fc.assert(
      fc.property(fc.array(telling, { minLength: 1 }), (tellings) => {
        let pace: Pace | null = null;
        let now = 0;
        for (const { rows, percent, ms } of tellings) {
          now += ms;
          const next: Pace = paceAfter(pace, progress(rows, percent), now);
          expect(next.percent).toBeGreaterThanOrEqual(pace?.percent ?? 0);
          expect(next.percent).toBeLessThanOrEqual(100);
          expect(next.rowsPerSecond).toBeGreaterThanOrEqual(0);
          expect(next.left?.worst ?? 0).toBeGreaterThanOrEqual(next.left?.best ?? 0);
          pace = next;
        }
      }),
    );
  });
});

describe('the line', () => {
  const pace = paceOf([0, 0], [10, 100_000], [20, 150_000], [30, 300_000]);
  const line = (throttle: ThrottleSnapshot | null, width: number): string =>
    backfillLine('backfill-1', pace, progress(300_000), throttle, width);

  test('tells how far, how fast, how long, how large and how late', () => {
    expect(line(running, 120)).toBe(
      '  … backfill-1 ██████░░░░░░░░░░░░░░ 30 %  10,050 rows/s  51 s–1 min 10 s left  batches of 4,000  lag 100 ms',
    );
  });

  test('leaves out what does not fit', () => {
    expect(line(running, 79)).toBe('  … backfill-1 ██████░░░░░░░░░░░░░░ 30 %  10,050 rows/s  51 s–1 min 10 s left');
    for (let width = 20; width < 130; width += 1) expect(line(running, width).length).toBeLessThanOrEqual(width);
  });

  test('tells what it waits for, and for how long', () => {
    const paused: ThrottleSnapshot = { rung: 'paused', forMs: 12_700, nice: 0.5, worst: lag, signals: [lag] };
    expect(line(paused, 100)).toBe('  … backfill-1 30 %  paused for 12 s: replica lag 3.2 s of 2 s (r1)');
    expect(line({ ...paused, rung: 'held' }, 60)).toHaveLength(60);
  });
});

test.each<[SignalState, string]>([
  [lag, 'replica lag 3.2 s of 2 s (r1)'],
  [{ ...lag, value: null, about: 'r2 is not connected' }, 'replica lag beyond any limit (r2 is not connected)'],
  [
    { signal: 'replicationSlots', state: 'over', value: 5e9, limit: 4e9, unit: 'bytes', about: 'slot old' },
    'WAL kept for a slot 5 GB of 4 GB (slot old)',
  ],
  [{ signal: 'deadRows', state: 'easy', value: 12.4, limit: null, unit: '%', about: null }, 'dead rows 12 %'],
  [
    { signal: 'my queue', state: 'failed', value: null, limit: null, unit: '', about: 'division by zero' },
    'my queue: division by zero',
  ],
  [{ signal: 'my queue', state: 'near', value: 4.25, limit: 5, unit: '', about: null }, 'my queue 4.25 of 5'],
])('a signal in words: %#', (state, text) => {
  expect(signalText(state)).toBe(text);
});
