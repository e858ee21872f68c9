/**
 * Every rule is held to its README, and to the form that all rules share. A new rule needs no test of its own: its bad
 * and good blocks are the cases.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { rules } from '../../rules/index.ts';
import { builtInRules } from '../../src/lint/built-in-rules.ts';
import type { Rule } from '../../src/lint/rule.ts';
import type { Finding, LintResult } from '../../src/lint/finding.ts';
import { applyFixes } from '../../src/lint/fix.ts';
import { lintFiles } from '../../src/lint/lint-files.ts';
import type { TransactionMode } from '../../src/lint/lint-file.ts';
import { newestKnownVersion, oldestSupportedVersion } from '../../src/postgres/version.ts';
import { findingsPretty } from '../../src/report/findings-pretty.ts';
import { plainLook } from '../../src/report/paint.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { readRuleReadme, ruleFolders, rulesFolder, timeoutsFor, type SqlBlock } from './rule-readme.ts';
import { withRulesTable } from './rules-table.ts';

/** Those that the engine itself checks have pages of the same form. */
const allRules = [...rules, ...builtInRules];

const versions = [oldestSupportedVersion, newestKnownVersion];

beforeAll(loadParser);

type LintBlock = {
  readonly sql: string;
  readonly setup: string;
  readonly version: number;
  readonly mode?: TransactionMode;
  /** Strict rules are off until somebody turns them on. */
  readonly on?: Rule;
};

function lintBlock({ sql, setup, version, mode = 'none', on }: LintBlock): LintResult {
  return lintFiles({
    files: [{ path: 'migration.sql', source: sql }],
    history: [{ path: 'setup.sql', source: setup }],
    rules,
    version,
    transactionMode: mode,
    timeouts: on === undefined ? 'runner' : timeoutsFor(on.id),
    ...(on === undefined ? {} : { severities: { [on.id]: on.severity } }),
  });
}

function namesOf(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ rule, line, message }) => `${rule} in line ${line}: ${message}`);
}

describe('the registry', () => {
  test('has every folder, under its own name', () => {
    expect(allRules.map(({ id }) => id).toSorted()).toEqual(ruleFolders);
  });

  test('is listed in the README (write it anew: npm run rules:table)', async () => {
    const file = fileURLToPath(new URL('../../README.md', import.meta.url));
    const readme = readFileSync(file, 'utf8');
    expect(readme, 'README.md needs the marks <!-- rules:start --> and <!-- rules:end -->').toContain(
      '<!-- rules:end -->',
    );
    await expect(withRulesTable(readme, allRules)).toMatchFileSnapshot(file);
  });
});

describe.each(allRules)('$id', (rule) => {
  const readme = readRuleReadme(rule.id);
  const bad = readme.blocks.filter(({ kind }) => kind === 'bad');
  const good = readme.blocks.filter(({ kind }) => kind === 'good');
  const badOnEachVersion = versions.flatMap((version) =>
    bad.filter(({ before }) => before === null || version < before).map((block) => ({ ...block, version, on: rule })),
  );

  test('has a name that says whether it forbids, demands or advises', () => {
    expect(rule.id).toMatch(/^(no|require|prefer)-[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test('has a README of the usual form', () => {
    expect(readme.headings).toEqual([rule.id, 'Why it hurts', 'Bad', 'Good', 'When to ignore']);
    expect(readme.summary.replaceAll('`', '')).toBe(rule.summary);
    expect(rule.summary).toMatch(/\.$/);
    expect(bad.length, 'at least one "sql bad" block').toBeGreaterThan(0);
    expect(good.length, 'at least one "sql good" block').toBeGreaterThan(0);
  });

  test.each(badOnEachVersion)('finds exactly one thing in $name, on Postgres $version', (block) => {
    const { findings } = lintBlock(block);
    expect(namesOf(findings)).toHaveLength(1);
    expect(findings[0]?.rule).toBe(rule.id);
    expect(findings[0]?.endLine).toBeLessThanOrEqual(block.sql.split('\n').length);
  });

  test.each(versions.flatMap((version) => good.map((block) => ({ ...block, version, on: rule }))))(
    'finds nothing in $name, on Postgres $version',
    (block) => {
      expect(namesOf(lintBlock(block).findings)).toEqual([]);
    },
  );

  test.each(badOnEachVersion)(
    'speaks in full sentences that name the table, in $name on Postgres $version',
    (block) => {
      for (const { message, statement } of lintBlock(block).findings) {
        expect(message).toMatch(/^[A-Z].*[.?]$/s);
        expect(message).not.toMatch(/!|\bplease\b/i);
        if (builtInRules.includes(rule)) continue; // they are about the text
        const table = /(?:\bTABLE|\bON)\s+(?:ONLY\s+)?(?:IF\s+EXISTS\s+)?(\w+)/i.exec(statement)?.[1] ?? '';
        expect(message).toContain(table);
      }
    },
  );

  test.each(badOnEachVersion)(
    'offers SQL that parses and lints clean instead of $name, on Postgres $version',
    (block) => {
      for (const mode of ['none', 'per-file'] as const) {
        for (const { instead } of lintBlock({ ...block, mode }).findings) {
          if (instead === null && rule.group === 'correctness') continue; // what the server refuses may have no other way
          expect(instead?.text).toMatch(/^[A-Z].*:$/s);
          const sql = instead?.sql ?? '';
          expect(parseStatements(sql).length).toBeGreaterThan(0);
          // Advice for inside of a transaction may need one, and what runs outside of one must not have it.
          const left = [mode, 'none' as const].map((as) => namesOf(lintBlock({ ...block, sql, mode: as }).findings));
          expect(left[0]?.length === 0 ? [] : left[1]).toEqual([]);
        }
      }
    },
  );

  test.each(badOnEachVersion)('has a fix for $name that lints clean, or none, on Postgres $version', (block) => {
    const { findings } = lintBlock(block);
    const { source, fixed } = applyFixes(block.sql, findings);
    if (fixed.length === 0) return;
    expect(parseStatements(source).length).toBeGreaterThan(0);
    expect(namesOf(lintBlock({ ...block, sql: source }).findings)).toEqual([]);
  });

  test('prints its findings', async () => {
    const text = bad.map((block) => printed(block, rule)).join('\n');
    await expect(text).toMatchFileSnapshot(`${rulesFolder}/${rule.id}/findings.txt`);
  });
});

function printed({ sql, setup, name, before }: SqlBlock, on: Rule): string {
  const result = lintBlock({ sql, setup, version: before === null ? newestKnownVersion : before - 1, on });
  const text = findingsPretty(result, { ...plainLook, sources: new Map([['migration.sql', sql]]) });
  return `--- ${name} ---\n\n${text}`;
}
