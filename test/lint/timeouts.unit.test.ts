/** Who is taken to set lock_timeout: ours does; a file in the form of another tool answers for itself, unless told. */
import { expect, test } from 'vitest';
import { lint, type LintInput } from '../../src/lint.ts';
import { migrationFileOf } from '../../src/run/migration-files.ts';

const alter = 'ALTER TABLE users ADD COLUMN phone text;';

async function rulesOf(name: string, source: string, options: Omit<LintInput, 'files'> = {}) {
  const files = [migrationFileOf(Buffer.from(source), name)];
  return (await lint({ files, ...options })).findings.map(({ rule }) => rule);
}

test('a plain file is ours', async () => {
  expect(await rulesOf('0007_phone.sql', alter)).toEqual([]);
});

test.each([
  ['V7__phone.sql', alter],
  ['20240101_phone/migration.sql', alter],
  ['0007_phone.up.sql', alter],
  ['0007_phone.sql', `-- +goose Up\n-- +goose NO TRANSACTION\n${alter}`],
])('%s is run by another tool', async (name, source) => {
  expect(await rulesOf(name, source)).toEqual(['require-lock-timeout']);
  expect(await rulesOf(name, source, { timeouts: 'runner' })).toEqual([]);
});

test('a tool that opens transactions is another one', async () => {
  expect(await rulesOf('0007_phone.sql', alter, { transactionMode: 'per-file' })).toEqual(['require-lock-timeout']);
  expect(await rulesOf('0007_phone.sql', alter, { transactionMode: 'none', timeouts: 'runner' })).toEqual([]);
  expect(await rulesOf('0007_phone.sql', alter, { timeouts: 'file' })).toEqual(['require-lock-timeout']);
});
