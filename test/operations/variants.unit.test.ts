/** The kinds of change by what the tables are like. `node scripts/proofs-by-kind.js` prints the table: a dot is a hole. */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ChangeKind } from '../../src/operations/change.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { readAllCases } from './harness/case-file.ts';
import { countVariants, variants, variantsTable, type VariantCounts } from './harness/variants.ts';

let counts: VariantCounts;

beforeAll(async () => {
  await loadParser();
  counts = countVariants(readAllCases());
  const file = process.env['ONWARD_VARIANTS'];
  if (file !== undefined) writeFileSync(file, `${variantsTable(counts)}\n`);
}, 60_000);

const fillsRows: readonly ChangeKind[] = [
  'set_not_null',
  'add_column',
  'drop_column',
  'alter_column_type',
  'rename_column',
  'add_check',
  'add_unique',
  'change_rows',
];

describe('what fills rows is tried along each kind of key', () => {
  test.each(fillsRows)('%s', (kind) => {
    const missing = ['co', 'uu', 'te', 'ti', 'no'].filter((code) => counts.get(kind)?.has(code) !== true);
    expect(missing).toEqual([]);
  });
});

test.each(variants)('there are cases with: $what', ({ code }) => {
  expect([...counts.values()].some((ofKind) => ofKind.has(code))).toBe(true);
});

test('the table can be read in 100 columns', () => {
  const widest = Math.max(
    ...variantsTable(counts)
      .split('\n')
      .map(({ length }) => length),
  );
  expect(widest).toBeLessThanOrEqual(100);
});
