/** The laws by which the runner tries, waits, grows and shrinks. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  classifyFailure,
  huntAfterFailure,
  huntAfterSuccess,
  nextTry,
  pauseAfterFailure,
  type Hunt,
} from '../../src/run/backfill/batch-outcome.ts';
import {
  afterBatch,
  afterFailure,
  defaultBackfillPolicy as policy,
  firstBatchSize,
} from '../../src/run/backfill/batch-size.ts';
import { reportProgress } from '../../src/run/backfill/progress.ts';
import { defaultLockPolicy, lockTry, pauseAfter } from '../../src/run/locks/lock-policy.ts';
import type { BackfillProgress } from '../../src/run/run-event.ts';

describe('batch size', () => {
  test('settles where a batch takes the target time', () => {
    let size = firstBatchSize(policy, null);
    for (let batch = 0; batch < 30; batch += 1)
      size = afterBatch(size, { rows: size.size, ms: size.size / 80 }, policy);
    expect(size.size).toBeGreaterThan(19_800);
    expect(size.size).toBeLessThan(20_200);
  });
  /** The sizes after each of 60 batches, of which each takes `ms(rows)`. */
  function sizes(ms: (rows: number) => number): number[] {
    const found: number[] = [];
    let size = firstBatchSize(policy, null);
    for (let batch = 0; batch < 60; batch += 1) {
      size = afterBatch(size, { rows: size.size, ms: ms(size.size) }, policy);
      found.push(size.size);
    }
    return found;
  }
  test('comes down quickly where rows are slow', () => {
    const found = sizes((rows) => rows * 2);
    expect(found[0]).toBeLessThanOrEqual(125);
    expect(found.slice(5).every((size) => size >= 115 && size <= 135)).toBe(true);
  });
  test('pays a fixed cost above the target with as much work, instead of shrinking to nothing', () => {
    const found = sizes((rows) => 700 + rows / 10);
    expect(found.slice(20).every((size) => size > 3_000 && size < 15_000)).toBe(true);
    expect(sizes(() => 700).at(-1)).toBe(policy.largestBatchSize);
  });
  test('is not thrown off by noise', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0.7, max: 1.4, noNaN: true })), (noise) => {
        const found = sizes((rows) => (2 + rows / 80) * (noise.next().value ?? 1));
        expect(found.slice(20).every((size) => size > 8_000 && size <= policy.largestBatchSize)).toBe(true);
      }),
    );
  });
  test('grows by half at most, and is halved by a failure', () => {
    const first = firstBatchSize(policy, null);
    expect(afterBatch(first, { rows: first.size, ms: 0 }, policy).size).toBe(first.size * 1.5);
    expect(afterFailure(first, policy).size).toBe(first.size / 2);
  });
  test('does not grow for four batches after a failure, nor beyond what a shorter batch has shown', () => {
    let size = afterFailure(firstBatchSize(policy, null), policy);
    const after: number[] = [];
    for (let batch = 0; batch < 5; batch += 1) {
      size = afterBatch(size, { rows: size.size, ms: 0 }, policy);
      after.push(size.size);
    }
    expect(after).toEqual([250, 250, 250, 250, 375]);
    expect(afterBatch(size, { rows: 10, ms: 0 }, policy).size).toBe(375);
  });
  test('stays within its bounds, whatever happens', () => {
    const happening = fc.oneof(fc.constant('failure' as const), fc.double({ min: 0, max: 100_000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(happening), (happenings) => {
        let size = firstBatchSize(policy, null);
        for (const one of happenings) {
          size =
            one === 'failure' ? afterFailure(size, policy) : afterBatch(size, { rows: size.size, ms: one }, policy);
          expect(Number.isInteger(size.size)).toBe(true);
          expect(size.size).toBeGreaterThanOrEqual(1);
          expect(size.size).toBeLessThanOrEqual(policy.largestBatchSize);
        }
      }),
    );
  });
});

describe('a row that cannot be changed', () => {
  test('is found, wherever it is, and everything before it is done', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }), (count, at) => {
        const poison = Math.min(at, count); // the rows 1…count fail as a batch
        let done = 0;
        let hunt: Hunt | null = { suspects: count };
        let tries = 0;
        for (;;) {
          tries += 1;
          const tried = nextTry(hunt);
          if (poison <= done + tried) {
            hunt = huntAfterFailure(tried);
            if (hunt === null) break;
          } else {
            done += tried;
            hunt = huntAfterSuccess(hunt, tried);
            if (hunt === null) throw new Error('lost it');
          }
        }
        expect(done).toBe(poison - 1);
        expect(tries).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(count + 1)) + 2);
      }),
    );
  });
  test('may be gone meanwhile', () => {
    expect(huntAfterSuccess({ suspects: 1 }, 1)).toBeNull();
  });
});

test('errors of a batch are told apart by their SQLSTATE', () => {
  expect(['40P01', '55P03', '57014', '23505', '22P02', 'P0001', '53100', '42703'].map(classifyFailure)).toEqual([
    'retry',
    'retry',
    'halve',
    'poison',
    'poison',
    'poison',
    'hold',
    'stop',
  ]);
});

describe('locks', () => {
  test('the first tries do not queue, the later ones queue for longer and longer, up to two seconds', () => {
    const tries = Array.from({ length: 12 }, (_, index) => lockTry(index + 1, defaultLockPolicy));
    expect(tries.map((one) => one.nowait)).toEqual([true, true, true, ...Array.from({ length: 9 }, () => false)]);
    expect(tries.slice(3).map((one) => one.lockTimeoutMs)).toEqual([25, 50, 100, 200, 400, 800, 1600, 2000, 2000]);
  });
  test('others are held up for a fifth of the time at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const queued = lockTry(attempt, defaultLockPolicy).lockTimeoutMs;
        expect(queued / (queued + pauseAfter(attempt, defaultLockPolicy, random))).toBeLessThanOrEqual(0.2);
      }),
    );
  });
  test('pauses after a collision double up to a bound, with jitter', () => {
    expect([1, 2, 3, 20].map((failures) => pauseAfterFailure(failures, 0.5))).toEqual([25, 50, 100, 2000]);
    expect(pauseAfterFailure(1, 0)).toBeLessThan(pauseAfterFailure(1, 0.9));
  });
});

describe('progress', () => {
  test('is told at most four times a second, and never goes back', () => {
    const told: BackfillProgress[] = [];
    const report = reportProgress({ rowsScanned: 0, now: 0 }, (progress) => told.push(progress));
    for (let ms = 10; ms <= 2_000; ms += 10) {
      report.moved({ rowsDone: ms, rowsScanned: ms, estimate: 1_000, batchSize: 1 }, ms);
    }
    expect(told.length).toBeLessThanOrEqual(8);
    report.finished({ rowsDone: 2_000, rowsScanned: 2_000, estimate: 1_000, batchSize: 1 }, 2_000);
    const percents = told.map((progress) => progress.percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.slice(0, -1).every((percent) => percent < 100)).toBe(true);
    expect(percents.at(-1)).toBe(100);
  });
  test('tells rows a second and the time that is left', () => {
    const told: BackfillProgress[] = [];
    const report = reportProgress({ rowsScanned: 0, now: 0 }, (progress) => told.push(progress));
    report.moved({ rowsDone: 100, rowsScanned: 1_000, estimate: 5_000, batchSize: 1_000 }, 1_000);
    expect(told).toMatchObject([{ rowsPerSecond: 1_000, etaSeconds: 4, percent: 20 }]);
  });
});
