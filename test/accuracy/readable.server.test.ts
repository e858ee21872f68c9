/**
 * Every file of a folder is read to its end, whatever stands in it: up parts, down parts, templates that nobody filled in.
 * What does not parse has a finding where it stands, and nothing makes the linter itself fail.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { lint, type Finding, type LintFile } from '../../src/lint.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { readCorpora } from '../acceptance/corpus.ts';

test.each(await readCorpora())(
  '$folder: every file is read, and one that does not parse has a finding that says where',
  { timeout: 600_000 },
  async ({ folder }) => {
    await loadParser();
    const files = await sqlFiles(folder);
    expect(files.length).toBeGreaterThan(0);
    const together = await lint({ files });
    const alone: Finding[] = [];
    for (const file of files) alone.push(...(await lint({ files: [file] })).findings);
    const failures = [...together.findings, ...alone].filter(({ message }) => message.includes('linter itself failed'));
    expect(failures).toEqual([]);
    const broken = files.filter(({ source }) => !parses(source));
    for (const findings of [together.findings, alone]) {
      const placed = new Set(findings.filter(({ rule }) => rule === 'no-syntax-error').map(placeOf));
      expect(
        broken.filter((file) => !linesOf(file).some((place) => placed.has(place))).map(({ path: p }) => p),
      ).toEqual([]);
    }
    const words = `${files.length} files are read, ${broken.length} of them do not parse as they stand`;
    process.stdout.write(`${folder}: ${words}\n`);
  },
);

async function sqlFiles(folder: string): Promise<readonly LintFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(paths.toSorted().map(async (file) => ({ path: file, source: await readFile(file, 'utf8') })));
}

function parses(source: string): boolean {
  try {
    parseStatements(source);
    return true;
  } catch (error) {
    if (error instanceof MigrateError) return false;
    throw error;
  }
}

function placeOf({ file, line }: Pick<Finding, 'file' | 'line'>): string {
  return `${file}:${line}`;
}

function linesOf({ path: file, source }: LintFile): readonly string[] {
  return source.split('\n').map((_, index) => placeOf({ file, line: index + 1 }));
}
