/**
 * Runs the acceptance on `migrations-example/`, or on the folders of ONWARD_ACCEPTANCE, which
 * `npm run acceptance -- <folder> …` sets.
 */
import path from 'node:path';
import process from 'node:process';
import Table from 'cli-table3';
import { expect, test } from 'vitest';
import { acceptance, type AcceptanceReport } from './acceptance.ts';
import { readCorpora } from './corpus.ts';

test.each(await readCorpora())(
  '$folder: running every migration online ends in the schema that the plain SQL makes',
  { timeout: 1_800_000 },
  async (corpus) => {
    const report = await acceptance(corpus);
    process.stdout.write(reportText(corpus.folder, report));
    expect(report.differences).toEqual([]);
  },
);

/** For the person who runs it: the counts, and what had to be written. */
function reportText(folder: string, { files, counts, steps, backfills, written, emptied }: AcceptanceReport): string {
  const table = new Table({
    head: ['files', 'statements', 'online', 'direct', 'refused', 'opaque', 'steps', 'backfills', 'tables emptied'],
    style: { head: [], border: [] },
  });
  const { statements, online, direct, refused, opaque } = counts;
  table.push([files, statements, online, direct, refused, opaque, steps, backfills, emptied.length]);
  return [path.relative('.', folder), table.toString(), ...written.map((line) => `  ${line}`), ''].join('\n');
}
