/**
 * Runs the acceptance on `migrations-example/`, or on the folders of ONWARD_ACCEPTANCE, which
 * `npm run acceptance -- <folder> …` sets.
 */
import process from 'node:process';
import Table from 'cli-table3';
import { expect, test } from 'vitest';
import { acceptance, type AcceptanceReport } from './acceptance.ts';
import { readCorpora } from './corpus.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

test.each(await readCorpora())(
  '$folder: running every migration online ends in the schema that the plain SQL makes',
  { timeout: 1_800_000 },
  async (corpus) => {
    say(corpus.folder);
    const report = await acceptance(corpus, (line) => {
      say(`  ${line}`);
    });
    say(countsTable(report));
    expect(report.differences).toEqual([]);
  },
);

function countsTable({ files, counts, steps, backfills }: AcceptanceReport): string {
  const table = new Table({
    head: ['files', 'statements', 'planned online', 'direct', 'refused', 'opaque', 'steps', 'backfills'],
    style: { head: [], border: [] },
  });
  const { statements, online, direct, refused, opaque } = counts;
  table.push([files, statements, online, direct, refused, opaque, steps, backfills]);
  return table.toString();
}
