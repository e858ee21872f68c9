/** docs/migrations.md: each migration that it shows is the change of a case, and so proven by all that a case is proven by. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readAllCases } from './harness/case-file.ts';

const document = readFileSync(fileURLToPath(new URL('../../docs/migrations.md', import.meta.url)), 'utf8');
const examples = [...document.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, text = '']) => text.trim());
const proven = new Map(readAllCases().map(({ id, changes }) => [changes.join('\n').trim(), id]));

describe('a migration in docs/migrations.md is the change of a case', () => {
  test('there are some', () => {
    expect(examples.length).toBeGreaterThanOrEqual(5);
  });

  test.each(examples.map((text) => [text.split('\n').find((line) => !line.startsWith('--')) ?? '', text]))(
    '%s',
    (_, text) => {
      expect(proven.get(text)).toBeDefined();
    },
  );
});
