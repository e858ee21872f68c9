/** docs/operations.md shows what the cases show. `npm run docs:operations` writes it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readAllCases } from './harness/case-file.ts';
import { operationsDocument, withCases } from './harness/operations-document.ts';

const document = readFileSync(operationsDocument, 'utf8');

test('docs/operations.md is what the cases say (write it anew: npm run docs:operations)', async () => {
  await expect(withCases(document, readAllCases())).toMatchFileSnapshot(operationsDocument);
});

test('each of its 34 rows is there once', () => {
  const rows = [...document.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  expect(rows).toEqual(Array.from({ length: 34 }, (_, index) => index + 1));
});

test('what it points to inside of itself is there', () => {
  const anchors = new Set(
    [...document.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  const links = [...document.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => !anchors.has(link))).toEqual([]);
});
