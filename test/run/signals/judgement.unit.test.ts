/** How much a signal presses, from what is known of it: what is not known counts as bad. */
import { describe, expect, test } from 'vitest';
import { judge, worstJudgement, type Judgement, type Sample } from '../../../src/run/backfill/signals/judgement.ts';
import { addPosition, behindMs, bytesPerSecond, type LsnRing } from '../../../src/run/backfill/signals/lsn-ring.ts';
import { measured, pressureOf, type Watch } from '../../../src/run/backfill/signals/signal.ts';

const watch: Watch = { name: 'lag', everyMs: 250, optional: false, wanted: false };
const at = 10_000;
const ok: Sample = { at, result: measured({ value: 1, limit: 2, unit: 'ms', about: 'r1' }) };
const failed: Sample = { at, result: { kind: 'failed', reason: 'division by zero' } };
const unseen: Sample = { at, result: { kind: 'unavailable', needs: 'pg_read_all_stats' } };

const cases: readonly {
  readonly name: string;
  readonly sample: Sample;
  readonly watch?: Partial<Watch>;
  readonly now?: number;
  readonly expected: Partial<Judgement>;
}[] = [
  { name: 'a value is held against its limit', sample: ok, expected: { state: 'easy', pressure: 0.5 } },
  {
    name: 'the worst of its measures counts',
    sample: {
      at,
      result: measured(
        { value: 1, limit: 2, unit: 'ms', about: 'r1' },
        { value: 9, limit: 10, unit: 'bytes', about: 'r2' },
      ),
    },
    expected: { state: 'near', pressure: 0.9, measure: { value: 9, limit: 10, unit: 'bytes', about: 'r2' } },
  },
  {
    name: 'at its limit it is over',
    sample: { at, result: measured({ value: 2, limit: 2, unit: 'ms', about: null }) },
    expected: { state: 'over', pressure: 1 },
  },
  {
    name: 'without a limit it is only shown',
    sample: { at, result: measured({ value: 1e12, limit: null, unit: 'bytes', about: null }) },
    expected: { state: 'easy', pressure: 0 },
  },
  { name: 'nothing to measure is fine', sample: { at, result: measured() }, expected: { state: 'easy', pressure: 0 } },
  { name: 'a sample of two seconds ago still counts', sample: ok, now: at + 2_250, expected: { pressure: 0.5 } },
  {
    name: 'an older one is as bad as the limit',
    sample: ok,
    now: at + 2_251,
    expected: { state: 'failed', pressure: 1 },
  },
  {
    name: 'a signal that is measured rarely may be older',
    sample: ok,
    watch: { everyMs: 5_000 },
    now: at + 6_000,
    expected: { pressure: 0.5 },
  },
  {
    name: 'a failure is as bad as the limit',
    sample: failed,
    expected: { state: 'failed', pressure: 1, reason: 'division by zero' },
  },
  { name: 'unless it is optional', sample: failed, watch: { optional: true }, expected: { pressure: 0 } },
  {
    name: 'so is an old sample of an optional one',
    sample: ok,
    watch: { optional: true },
    now: at + 60_000,
    expected: { state: 'failed', pressure: 0 },
  },
  {
    name: 'before the first sample it is as bad as the limit',
    sample: { at: null, result: null },
    expected: { state: 'failed', pressure: 1 },
  },
  {
    name: 'what our role may not see is told and does not count',
    sample: unseen,
    expected: { state: 'unavailable', pressure: 0, reason: 'our role may not see it: it needs pg_read_all_stats' },
  },
  {
    name: 'unless somebody asked for it by name',
    sample: unseen,
    watch: { wanted: true },
    expected: { state: 'unavailable', pressure: 1 },
  },
];

test.each(cases)('$name', ({ sample, watch: more, now = at, expected }) => {
  expect(judge({ ...watch, ...more }, sample, now, 0.8)).toMatchObject(expected);
});

test('a limit of zero is passed by anything', () => {
  expect(pressureOf({ value: 0, limit: 0, unit: '', about: null })).toBe(0);
  expect(pressureOf({ value: 0.1, limit: 0, unit: '', about: null })).toBe(Infinity);
});

test('of several that press alike the first one is named', () => {
  const one = judge(watch, ok, at, 0.8);
  expect(worstJudgement([one, { ...one, signal: 'other' }])?.signal).toBe('lag');
  expect(worstJudgement([])).toBeNull();
});

describe('a ring of positions', () => {
  function ringOf(...entries: readonly (readonly [at: number, position: number])[]): LsnRing {
    return entries.reduce<LsnRing>((ring, [time, position]) => addPosition(ring, position, time), []);
  }

  test('tells how long ago the log first stood beyond what was replayed', () => {
    const ring = ringOf([0, 100], [250, 200], [500, 300], [750, 300], [1_000, 400]);
    expect(behindMs(ring, 400, 2_000)).toBe(0);
    expect(behindMs(ring, 350, 2_000)).toBe(1_000);
    expect(behindMs(ring, 300, 2_000)).toBe(1_000);
    expect(behindMs(ring, 299, 2_000)).toBe(1_500);
    expect(behindMs(ring, 0, 2_000)).toBe(2_000);
    expect(behindMs([], 0, 2_000)).toBe(0);
  });

  test('of a log that stands still keeps the time at which it came there', () => {
    expect(behindMs(ringOf([0, 100], [250, 200], [10_000, 200]), 150, 10_250)).toBe(10_000);
  });

  test('forgets details and never how far back it goes', () => {
    let ring: LsnRing = [];
    for (let index = 0; index < 100_000; index += 1) ring = addPosition(ring, index + 1, index * 250);
    expect(ring.length).toBeLessThanOrEqual(1_024);
    const now = 100_000 * 250;
    expect(behindMs(ring, 0, now)).toBe(now);
    // What is recent is exact.
    expect(behindMs(ring, 99_990, now)).toBe(2_500);
  });

  test('tells the rate over the last seconds', () => {
    const ring = ringOf([0, 0], [1_000, 9_000], [2_000, 10_000]);
    expect(bytesPerSecond(ring, 11_000, 3_000, 2_000)).toBe(1_000);
    expect(bytesPerSecond([], 11_000, 3_000, 2_000)).toBeNull();
  });
});
