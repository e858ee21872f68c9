/** The walk of a chunk as its ledger row tells it: each row in one pass, whoever goes on with it, and wherever. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultBackfillPolicy } from '../../src/run/backfill/batch-size.ts';
import { emptyTally, isWorthwhile, rowsOfStretch, shareOf, tallied } from '../../src/run/backfill/interleaving.ts';
import { makeCuts } from '../../src/run/backfill/cuts.ts';
import { firstPace, paceAfterWindow } from '../../src/run/backfill/pace.ts';
import { positionAfter, positionOf, type NextPosition, type Window } from '../../src/run/backfill/position.ts';

const atStart: NextPosition = { cursor: null, windowFrom: null, windowTo: null, pass: 0, isDone: false };
const lower = 10;

/** One stretch over numbers after `lower` up to `upper`, as stretches.ts makes them; windows of `length` when not null. */
function advance(position: NextPosition, upper: number, units: number, length: number | null, passes: number) {
  const at = (key: readonly string[] | null): number => Number(key?.[0] ?? lower);
  const from = at(position.cursor);
  let window: Window | null = null;
  if (position.windowTo !== null) {
    const isLast = at(position.windowTo) === upper;
    window = { from: position.windowFrom, to: position.windowTo, rows: 1, isLast };
  } else if (length !== null) {
    const to = Math.min(from + length, upper);
    window = { from: position.cursor, to: [String(to)], rows: length, isLast: to === upper };
  }
  const end = window === null ? upper : at(window.to);
  const to = Math.min(from + units, end);
  const next = positionAfter(position, { cursor: [String(to)], isLast: to === end, window }, passes);
  return { rows: Array.from({ length: to - from }, (_, index) => from + index + 1), inWindow: window !== null, next };
}

test('every row of a chunk is in one stretch of its pass, with windows, without, and with a change between them', () => {
  const turn = fc.record({ units: fc.integer({ min: 1, max: 9 }), length: fc.option(fc.integer({ min: 1, max: 20 })) });
  fc.assert(
    fc.property(
      fc.integer({ min: lower + 1, max: 80 }),
      fc.integer({ min: 2, max: 5 }),
      fc.infiniteStream(turn),
      (upper, passes, turns) => {
        const met: number[] = [];
        let position = atStart;
        while (!position.isDone) {
          const { units, length } = turns.next().value ?? { units: 1, length: null };
          const { pass } = position;
          const { rows, inWindow, next } = advance(position, upper, units, length, passes);
          met.push(...rows.filter((row) => !inWindow || row % passes === pass));
          // What another worker knows of it is what is in the ledger.
          position = { ...positionOf(next), isDone: next.isDone };
        }
        expect(met.toSorted((a, b) => a - b)).toEqual(Array.from({ length: upper - lower }, (_, i) => lower + 1 + i));
        expect(position).toMatchObject({ cursor: [String(upper)], windowTo: null, pass: 0 });
      },
    ),
  );
});

test('the shares of the passes are all rows', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 16 }), (rows, of) => {
      const shares = Array.from({ length: of }, (_, number) => shareOf(rows, { number, of }));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(rows);
    }),
  );
});

test('a window has at least eight stretches in each pass', () => {
  fc.assert(
    fc.property(fc.integer({ min: 64, max: 1e6 }), fc.integer({ min: 1, max: 5e4 }), (window, size) => {
      const rows = rowsOfStretch(size, 4, window);
      expect(rows * 7).toBeLessThan(window);
      expect(rows).toBeLessThanOrEqual(size * 4);
    }),
  );
});

const judged: readonly (readonly [string, readonly number[], boolean])[] = [
  ['most later rows stay on their pages', [0, 200, 240, 240], true],
  ['a snapshot keeps pages from being pruned', [0, 20, 40, 50], false],
  ['the pages have room as it is', [240, 240, 240, 240], false],
];

test.each(judged)('passes are worthwhile or not: %s', (_, hot, expected) => {
  const after = (changed: number, updated: number) =>
    hot.reduce(
      (tally, count, pass) => tallied(tally, pass, { rows: 250, changed, updated, hot: Math.min(count, updated) }),
      emptyTally,
    );
  expect(isWorthwhile(after(250, 250))).toBe(expected);
  expect(isWorthwhile(after(250, 0))).toBe(true); // track_counts is off
  expect(isWorthwhile(after(20, 20))).toBe(false);
});

test('passes that were not worthwhile are tried again, ever more rarely', () => {
  const good = { ...emptyTally, rows: 100, changed: 100, updated: 100, hot: 60, firstUpdated: 25 };
  const bad = { ...good, hot: 5 };
  let pace = firstPace(defaultBackfillPolicy, null);
  const until = [bad, bad, bad, bad, bad, bad, bad].map((tally) => (pace = paceAfterWindow(pace, tally, 0)).plainUntil);
  expect(until).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  expect(paceAfterWindow(paceAfterWindow(pace, good, 0), bad, 0).plainUntil).toBe(10_000);
});

test('the cuts of the first pass are put together for the later ones, as far as they are known', () => {
  const cuts = makeCuts();
  cuts.note(null, { cursor: ['10'], units: 10, isLast: false });
  cuts.note(['10'], { cursor: ['30'], units: 20, isLast: false });
  cuts.note(['30'], { cursor: ['31'], units: 1, isLast: false }); // not kept: it may be two rows by now
  cuts.note(['31'], { cursor: ['50'], units: 5, isLast: true });
  expect(cuts.next(null, 100)).toEqual({ cursor: ['30'], units: 30, isLast: false });
  expect(cuts.next(null, 29)).toEqual({ cursor: ['10'], units: 10, isLast: false });
  expect(cuts.next(null, 9)).toBeNull();
  expect(cuts.next(['30'], 100)).toBeNull();
  expect(cuts.next(['31'], 100)).toEqual({ cursor: ['50'], units: 5, isLast: true });
  cuts.clear();
  expect(cuts.next(null, 100)).toBeNull();
});
