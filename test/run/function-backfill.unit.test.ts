/** What a backfill of one's own is made of, and its limit of rows a second, by a clock. */
import { expect, test } from 'vitest';
import type { BackfillInput } from '../../src/index.ts';
import { defineBackfill } from '../../src/index.ts';
import { mostRowsOfRate, nextTurn } from '../../src/run/functions/rate.ts';

test('rows are admitted at the rate, whoever asks, and idle time is not saved up', () => {
  const first = nextTurn(null, 50, 100, 1_000);
  expect(first).toEqual({ waitMs: 0, pacedUntilMs: 1_500 });
  const second = nextTurn(first.pacedUntilMs, 100, 100, 1_100);
  expect(second).toEqual({ waitMs: 400, pacedUntilMs: 2_500 });
  // An hour later there is no burst of an hour's rows.
  expect(nextTurn(second.pacedUntilMs, 10, 100, 3_600_000)).toEqual({ waitMs: 0, pacedUntilMs: 3_600_100 });
});

test('over any stretch of time no more rows are admitted than the rate, but for one batch', () => {
  let now = 0;
  let paced: number | null = null;
  let rows = 0;
  for (let batch = 0; batch < 200; batch += 1) {
    const turn = nextTurn(paced, (batch % 7) + 1, 20, now);
    paced = turn.pacedUntilMs;
    now += turn.waitMs + (batch % 3) * 10;
    rows += (batch % 7) + 1;
    expect(rows - 7).toBeLessThanOrEqual((now / 1_000) * 20 + 1e-6);
  }
});

test('a batch is never more than what the rate lets pass in a second, and never nothing', () => {
  expect([0.1, 1, 7.9, 1_000].map(mostRowsOfRate)).toEqual([1, 1, 7, 1_000]);
});

type Shop = { users: { id: string; n: number } };
const input: BackfillInput<Shop, 'users', 'id'> = {
  name: 'x',
  table: 'users',
  columns: ['id'],
  handler: () => undefined,
};

test('another version, table, column or condition is another function; another speed is not', () => {
  const { hash } = defineBackfill(input);
  expect(defineBackfill({ ...input, concurrency: 4, rateLimit: 10, batchSize: 5 }).hash).toBe(hash);
  for (const other of [{ version: 2 }, { name: 'y' }, { where: 'n > 0' }]) {
    expect(defineBackfill({ ...input, ...other }).hash).not.toBe(hash);
  }
});

test.each([
  [{ name: ' ' }, '"name" must be'],
  [{ rateLimit: 0 }, '"rateLimit" of x must be a number above 0.'],
  [{ concurrency: 1.5 }, '"concurrency" of x must be a whole number, 1 or more.'],
  [{ columns: [] }, '"columns" of x must be'],
])('%o is refused', (more, message) => {
  expect(() => defineBackfill({ ...input, ...more })).toThrow(message);
});
