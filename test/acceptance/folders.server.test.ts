/**
 * Runs the acceptance on `migrations-example/`, or on the folders of ONWARD_ACCEPTANCE (separated like PATH), which
 * `npm run acceptance -- <folder> …` sets.
 */
import path from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { createTestDatabase, repositoryFolder } from '../support/server.ts';
import { acceptance } from './acceptance.ts';

/** For the person who runs it: the counts, and what had to be written. */
function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const given = process.env['ONWARD_ACCEPTANCE'];
const folders =
  given === undefined || given === ''
    ? [path.join(repositoryFolder, 'migrations-example')]
    : given.split(path.delimiter);

test.each(folders)(
  '%s: running every migration online ends in the schema that the plain SQL makes',
  { timeout: 1_800_000 },
  async (folder) => {
    const direct = await createTestDatabase();
    const online = await createTestDatabase();
    const report = await acceptance(folder, direct.url, online.url);
    const { differences, written, emptied, ...counts } = report;
    say(
      `${path.basename(folder)}: ${JSON.stringify(counts)}, ${written.length} lines written, ${emptied.length} tables emptied`,
    );
    if (given !== undefined) say([...written, ...emptied.map((table) => `emptied ${table}`)].join('\n'));
    expect(differences).toEqual([]);
    await direct.drop();
    await online.drop();
  },
);
