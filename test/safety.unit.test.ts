/** docs/safety.md names every trap, and for each one the cases and tests that show what becomes of it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const folder = path.join(import.meta.dirname, '../docs');
const document = readFileSync(path.join(folder, 'safety.md'), 'utf8');
const traps = [...document.matchAll(/^\| (\d+) \|(.*)\|$/gm)].map(([, number, rest = '']) => ({
  number: Number(number),
  cells: rest.split(' | '),
}));

test('each of the forty traps is there, in order', () => {
  expect(traps.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
});

test.each(traps)('trap $number says what happens and by which case or test it is shown', ({ cells }) => {
  expect(cells).toHaveLength(3);
  expect(cells[2]).toMatch(/\(\.\.\/test\/[^)]+\.(sql|test\.ts)\)/);
});

test('what it points to is there', () => {
  const targets = [...document.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target);
  expect(targets.length).toBeGreaterThan(40);
  expect(targets.filter((target) => !existsSync(path.join(folder, target)))).toEqual([]);
});
