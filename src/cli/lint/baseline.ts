/**
 * `--baseline <file>`: findings that are recorded there are not shown and do not fail the run; `--update-baseline` records
 * what there is now. Reading and writing of the file.
 *
 * A baseline that is missing is an error and never an empty one that is made on the way: a path that is misspelt in CI
 * would hide every finding for ever.
 */
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { MigrateError } from '../../errors.ts';
import type { LintResult } from '../../index.ts';
import {
  baselineEntries,
  baselineText,
  compareWithBaseline,
  readBaseline,
  type BaselineEntry,
  type Comparison,
} from '../../report/baseline.ts';
import { count } from '../../report/wrap.ts';
import { hasFlag, textFlag, type Call } from '../call.ts';
import { readIfThere } from '../read-if-there.ts';
import { pathsFrom } from './output.ts';

export type Judged = {
  readonly files: readonly string[];
  /** Whether the rule is on in the file. */
  readonly isOn: (rule: string, file: string) => boolean;
};

/** The file that holds the baseline; null when none is used. */
export function baselineFile(call: Call): string | null {
  const file = textFlag(call.own, 'baseline') ?? call.config.baseline;
  if (file !== null || !hasFlag(call.own, 'updateBaseline')) return file;
  throw new MigrateError('BAD_USAGE', '--update-baseline needs to know the file.', {
    hint: 'Write: migrate lint --baseline lint-baseline.json --update-baseline',
  });
}

/** What the baseline leaves of the findings. */
export async function withoutKnown(file: string, result: LintResult, judged: Judged): Promise<Comparison> {
  const text = await readIfThere(file, 'baseline');
  if (text === null) {
    throw new MigrateError('BAD_CONFIG', `There is no baseline ${file}.`, {
      hint: `Correct the path, or record what there is now: migrate lint --baseline ${file} --update-baseline`,
      details: { file },
    });
  }
  return compareWithBaseline(result.findings, pathOf(file), readBaseline(text, file), isJudged(file, judged));
}

/** Records the findings; those of files that this run did not look at stay. Gives back what to tell. */
export async function updateBaseline(
  file: string,
  result: LintResult,
  judged: Judged,
  isDry: boolean,
): Promise<string> {
  const text = await readIfThere(file, 'baseline');
  const before = text === null ? [] : readBaseline(text, file);
  const { fresh, known, fixed } = compareWithBaseline(result.findings, pathOf(file), before, isJudged(file, judged));
  const now = baselineEntries(result.findings, pathOf(file));
  const found = new Set(now.map(({ fingerprint }) => fingerprint));
  const gone = new Set(fixed.map(({ fingerprint }) => fingerprint));
  const kept = before.filter(({ fingerprint }) => !found.has(fingerprint) && !gone.has(fingerprint));
  if (!isDry) await writeFile(file, baselineText([...now, ...kept]));
  const all = count(now.length + kept.length, 'finding');
  const change = `${fresh.length} added, ${fixed.length} removed, ${known.length + kept.length} as before`;
  return `${isDry ? 'Would record' : 'Recorded'} ${all} in ${file}: ${change}.\n`;
}

function pathOf(file: string): (path: string) => string {
  return pathsFrom(path.resolve(path.dirname(file)));
}

/** A file that is gone takes its entries along. */
function isJudged(baseline: string, { files, isOn }: Judged): (entry: BaselineEntry) => boolean {
  const linted = new Set(files.map(pathOf(baseline)));
  const folder = path.dirname(baseline);
  return ({ file, rule }) =>
    (linted.has(file) && isOn(rule, path.resolve(folder, file))) || !existsSync(path.resolve(folder, file));
}

async function writeFile(file: string, text: string): Promise<void> {
  await fs.writeFile(file, text).catch((cause: unknown) => {
    throw new MigrateError('BAD_USAGE', `The baseline cannot be written to ${file}.`, {
      hint: 'Check that the folder exists and that this user may write to it.',
      cause,
    });
  });
}
