/** How long a backfill still takes: from its speeds, with the pauses that it was made to take. */
import { expect, test } from 'vitest';
import { addSample, remainingTime, speeds, type Sample } from '../../src/run/backfill-control/remaining-time.ts';

function sampled(...points: readonly (readonly [seconds: number, rows: number])[]): readonly Sample[] {
  return points.reduce<readonly Sample[]>(
    (samples, [seconds, rows]) => addSample(samples, { at: seconds * 1_000, rows }),
    [],
  );
}

test('the time that is left is a span, from the fastest to the slowest of the last minutes', () => {
  // 100 rows a second, then ten seconds of a pause.
  const samples = sampled([0, 0], [20, 2_000], [40, 4_000], [50, 5_000], [60, 5_000]);
  const measured = speeds(samples);
  expect(measured.map((speed) => Math.round(speed))).toEqual([83, 0, 83]);
  expect(remainingTime(5_000, measured)?.seconds).toBe(60);
  expect(remainingTime(1_000, [100, 50, 200])).toEqual({ seconds: 10, atBest: 5, atWorst: 20 });
});

test('one that stands still has no time that is left', () => {
  expect(remainingTime(1_000, speeds(sampled([0, 50], [1, 50], [2, 50])))).toBeNull();
  expect(speeds(sampled([0, 50]))).toEqual([]);
});

test('fewer rows than before begin a new measurement, and old samples are let go', () => {
  expect(speeds(sampled([0, 9_000], [1, 0], [2, 100]))).toEqual([100, 100, 100]);
  const hours = Array.from({ length: 3_000 }, (_, second) => [second, second * 10] as const);
  expect(sampled(...hours).length).toBeLessThanOrEqual(302);
});
