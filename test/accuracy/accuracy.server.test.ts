/**
 * The linter against the truth: what it says about each statement of a folder is held against what the statement does
 * on a real server. Runs on `migrations-example/`, or on the folders that `npm run lint:accuracy -- <folder> …` names.
 */
import process from 'node:process';
import Table from 'cli-table3';
import { expect, test } from 'vitest';
import { lint, rules } from '../../src/lint.ts';
import { readMigrationFiles } from '../../src/run/migration-files.ts';
import { readCorpora } from '../acceptance/corpus.ts';
import { serverVersion } from '../support/server.ts';
import { claimsRule, compare, rulesThatStandForOthers, type Comparison, type Disagreement } from './compare.ts';
import { readExplained } from './explained.ts';
import { observeFiles } from './observe-files.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

test.each(await readCorpora())(
  '$folder: every statement that blocks others while it works has a finding, and every finding about a lock is true',
  { timeout: 1_800_000 },
  async (corpus) => {
    const files = await readMigrationFiles(corpus.folder, { values: corpus.values });
    const severities = Object.fromEntries(rulesThatStandForOthers.map((rule) => [rule, 'off' as const]));
    const options = { version: serverVersion(), timeouts: 'file', rules: [claimsRule], severities } as const;
    const { findings } = await lint({ files, ...options });
    const observed = await observeFiles(corpus, files, () => undefined);
    const comparison = compare(observed, findings, rules);
    const explained = await readExplained();
    const { disagreements } = comparison;
    const unexplained = disagreements.filter(({ key }) => !explained.has(key));
    say(corpus.folder);
    say(totals(comparison));
    say(byRule(comparison));
    for (const one of disagreements) say(described(one, explained.get(one.key) ?? null));
    const names = new Set(files.map(({ name }) => name));
    const keys = new Set(disagreements.map(({ key }) => key));
    const outdated = [...explained.keys()].filter(
      (key) => names.has(key.slice(0, key.lastIndexOf(':'))) && !keys.has(key),
    );
    expect({ unexplained: unexplained.map(({ kind, key }) => `${kind}: ${key}`), outdated }).toEqual({
      unexplained: [],
      outdated: [],
    });
  },
);

function totals({ statements, blocking, brief, disagreements, rules: counts }: Comparison): string {
  const table = new Table({
    head: [
      'statements',
      'block at work',
      'for a moment',
      'findings',
      'missed',
      'missed, held',
      'not known',
      'not taken',
      'false',
    ],
    style: { head: [], border: [] },
  });
  const findings = [...counts.values()].reduce((sum, count) => sum + count.findings, 0);
  const count = (wanted: Disagreement['kind']) => disagreements.filter(({ kind }) => kind === wanted).length;
  table.push([
    statements,
    blocking,
    brief,
    findings,
    count('missed'),
    count('missed under a lock that is held'),
    count('lock not known'),
    count('lock not taken'),
    count('false'),
  ]);
  return table.toString();
}

function byRule({ rules: counts }: Comparison): string {
  const table = new Table({ head: ['rule', 'findings', 'borne out', 'false'], style: { head: [], border: [] } });
  for (const [rule, { findings, borneOut }] of [...counts].toSorted(([a], [b]) => a.localeCompare(b)))
    table.push([rule, findings, borneOut, findings - borneOut]);
  return table.toString();
}

function described({ kind, key, observation, findings, statement }: Disagreement, reason: string | null): string {
  const first = statement.split('\n').slice(0, 6).join('\n      ');
  const lines = [`  ${kind}: ${key}`, `    the server: ${observation}`];
  for (const finding of findings) lines.push(`    the linter: ${finding}`);
  if (reason !== null) lines.push(`    explained: ${reason}`);
  return [...lines, `      ${first}`].join('\n');
}
