/** The ladder by which a backfill gives way: what it does for which pressure, at which time. */
import { describe, expect, test } from 'vitest';
import {
  defaultLadderPolicy as policy,
  firstRung,
  nextRung,
  type Ladder,
  type Rung,
} from '../../../src/run/backfill/signals/ladder.ts';

const second = 1_000;
const minute = 60 * second;

type Moment = { readonly at: number; readonly pressure: number; readonly rung: Rung; readonly nice?: number };

/** Climbs through the moments, and compares the rung after each. */
function climbs(moments: readonly Moment[], first: Ladder = firstRung(policy, 0)): Ladder {
  let ladder = first;
  for (const [index, { at, pressure, rung, nice }] of moments.entries()) {
    ladder = nextRung(ladder, pressure, at, policy);
    expect({ index, rung: ladder.rung }).toEqual({ index, rung });
    if (nice !== undefined) expect(ladder.nice).toBeCloseTo(nice, 5);
  }
  return ladder;
}

const cases: readonly { readonly name: string; readonly moments: readonly Moment[] }[] = [
  {
    name: 'below the limit it runs',
    moments: [
      { at: 250, pressure: 0, rung: 'running', nice: 0 },
      { at: 500, pressure: 0.99, rung: 'running', nice: 0 },
    ],
  },
  {
    name: 'at the limit it pauses, and goes on slower only when it is well below it',
    moments: [
      { at: 250, pressure: 1, rung: 'paused' },
      { at: 500, pressure: 0.9, rung: 'paused' },
      { at: 750, pressure: 0.8, rung: 'paused' },
      { at: 1_000, pressure: 0.79, rung: 'running', nice: 0.5 },
    ],
  },
  {
    name: 'each pause doubles what it leaves behind, up to a bound',
    moments: [
      { at: 0, pressure: 1, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 0.5 },
      { at: 0, pressure: 1, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 1 },
      { at: 0, pressure: 2, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 2 },
      { at: 0, pressure: 2, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 4 },
      { at: 0, pressure: 2, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 8 },
      { at: 0, pressure: 2, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 10 },
    ],
  },
  {
    name: 'what a pause left behind shrinks by a tenth a second, and not while the limit is near',
    moments: [
      { at: 0, pressure: 1, rung: 'paused' },
      { at: 0, pressure: 0, rung: 'running', nice: 0.5 },
      { at: 1_000, pressure: 0.5, rung: 'running', nice: 0.45 },
      { at: 2_000, pressure: 0.8, rung: 'running', nice: 0.45 },
      { at: 3_000, pressure: 0.95, rung: 'running', nice: 0.45 },
      { at: 3_500, pressure: 0, rung: 'running', nice: 0.45 * 0.9 ** 0.5 },
      { at: 5 * minute, pressure: 0, rung: 'running', nice: 0 },
    ],
  },
  {
    name: 'a short critical moment is a pause, ten seconds of it are a hold',
    moments: [
      { at: 0, pressure: Infinity, rung: 'paused' },
      { at: 9_000, pressure: 5, rung: 'paused' },
      { at: 9_500, pressure: 4.9, rung: 'paused' },
      { at: 9_750, pressure: 5, rung: 'paused' },
      { at: 19_749, pressure: 6, rung: 'paused' },
      { at: 19_750, pressure: 6, rung: 'held' },
    ],
  },
  {
    name: 'a hold lasts five minutes whatever the pressure is meanwhile',
    moments: [
      { at: 0, pressure: 9, rung: 'paused' },
      { at: 10 * second, pressure: 9, rung: 'held' },
      { at: 20 * second, pressure: 0, rung: 'held' },
      { at: 5 * minute + 9_999, pressure: 0, rung: 'held' },
      { at: 5 * minute + 10_000, pressure: 0, rung: 'running', nice: 0.5 },
    ],
  },
  {
    name: 'a hold after which the limit is only near becomes a pause',
    moments: [
      { at: 0, pressure: 9, rung: 'paused' },
      { at: 10 * second, pressure: 9, rung: 'held' },
      { at: 6 * minute, pressure: 1.5, rung: 'paused' },
      { at: 6 * minute + 250, pressure: 0.7, rung: 'running' },
    ],
  },
];

test.each(cases)('$name', ({ moments }) => {
  climbs(moments);
});

describe('a day of holds', () => {
  function heldFor(holds: number): { readonly ladder: Ladder; readonly at: number } {
    let ladder = climbs([
      { at: 0, pressure: 9, rung: 'paused' },
      { at: policy.criticalForMs, pressure: 9, rung: 'held' },
    ]);
    let at = policy.criticalForMs;
    for (let hold = 2; hold <= holds; hold += 1) {
      at += policy.holdMs;
      ladder = climbs([{ at, pressure: 9, rung: 'held' }], ladder);
    }
    return { ladder, at };
  }

  test('stops the job, and then nothing but a person starts it again', () => {
    const { ladder, at } = heldFor(policy.mostHolds);
    climbs(
      [
        { at: at + policy.holdMs, pressure: 9, rung: 'stopped' },
        { at: at + 2 * policy.holdMs, pressure: 0, rung: 'stopped' },
      ],
      ladder,
    );
  });

  test('is counted from the last time that it ran', () => {
    const { ladder, at } = heldFor(policy.mostHolds);
    const ran = climbs([{ at: at + policy.holdMs, pressure: 0, rung: 'running' }], ladder);
    expect(ran).toMatchObject({ holds: 0, idleSince: null });
  });

  test('tells since when nothing has run', () => {
    expect(heldFor(3).ladder.idleSince).toBe(0);
  });
});

test('what was asked for is never undercut', () => {
  const nice = { ...policy, nice: 3 };
  const first = firstRung(nice, 0);
  expect(nextRung(first, 0, 60 * minute, nice).nice).toBe(3);
  const paused = nextRung(first, 1, 0, nice);
  expect(nextRung(paused, 0, 0, nice).nice).toBe(6);
  // Somebody asks for more while it runs, and then for less again.
  const slower = nextRung(firstRung(policy, 0), 0, 250, nice);
  expect(slower.nice).toBe(3);
  expect(nextRung(slower, 0, 10 * minute, policy).nice).toBe(policy.nice);
});
