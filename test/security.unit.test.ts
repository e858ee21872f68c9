/** SECURITY.md names for each promise a test that holds it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..');
const document = readFileSync(path.join(root, 'SECURITY.md'), 'utf8');
const promises = [...document.matchAll(/^\| ([A-Z`].*) \| (.*) \|$/gm)].map(([, promise = '', heldBy = '']) => ({
  promise,
  heldBy,
}));

test('there are promises', () => {
  expect(promises.length).toBeGreaterThan(20);
});

test.each(promises)('$promise', ({ heldBy }) => {
  const tests = [...heldBy.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  expect(tests.length).toBeGreaterThan(0);
  for (const target of tests) {
    expect(target).toMatch(/^test\/.+\.test\.ts$/);
    expect(existsSync(path.join(root, target)), `${target} is there`).toBe(true);
  }
});
