/** Where DATABASE_URL comes from: the flag, the environment, the file, in this order. */
import { afterEach, expect, test } from 'vitest';
import { loadEnv } from '../../src/cli/load-env.ts';
import { runMain, withFiles } from './run-main.ts';

const start = process.cwd();
afterEach(() => process.chdir(start));

const files = {
  '.env': 'DATABASE_URL="postgres://file/db" # usual\nOTHER=1\n',
  'staging.env': 'DATABASE_URL=postgres://staging/db\n',
};

test('the environment wins over the file, and a named file takes the place of .env', async () => {
  await withFiles(files, async (folder) => {
    process.chdir(folder);
    expect(await loadEnv(undefined, {})).toEqual({ DATABASE_URL: 'postgres://file/db', OTHER: '1' });
    expect(await loadEnv(undefined, { DATABASE_URL: 'own' })).toMatchObject({ DATABASE_URL: 'own' });
    expect(await loadEnv(undefined, { DATABASE_URL: undefined })).toMatchObject({ DATABASE_URL: 'postgres://file/db' });
    expect(await loadEnv('staging.env', {})).toEqual({ DATABASE_URL: 'postgres://staging/db' });
    process.chdir(start);
  });
});

test('a file that is named and not there is refused; without .env nothing changes', async () => {
  await withFiles({}, async (folder) => {
    process.chdir(folder);
    expect(await loadEnv(undefined, { A: 'b' })).toEqual({ A: 'b' });
    expect((await runMain(['status', '--env', 'no.env'])).err).toContain('There is no environment file no.env.');
    process.chdir(start);
  });
});
