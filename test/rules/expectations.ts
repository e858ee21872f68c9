/** How the precision of rules is written down: what they are silent about, and what they report. */
import { expect, test } from 'vitest';
import { found, lintSql, type LintSqlOptions } from '../lint/lint-sql.ts';

export type Case = readonly [what: string, sql: string, options?: LintSqlOptions];

export function isSilent(cases: readonly Case[]): void {
  for (const [what, sql, options] of cases) {
    test(`is silent: ${what}`, () => {
      expect(found(sql, options)).toEqual([]);
    });
  }
}

/** Of this rule; others have something to say. */
export function isSilentRule(rule: string, cases: readonly Case[]): void {
  for (const [what, sql, options] of cases) {
    test(`is silent: ${what}`, () => {
      expect(found(sql, options).filter((finding) => finding.startsWith(`${rule}:`))).toEqual([]);
    });
  }
}

export function reports(rule: string, cases: readonly Case[]): void {
  for (const [what, sql, options] of cases) {
    test(`reports: ${what}`, () => {
      expect(lintSql(sql, options).findings.map((finding) => finding.rule)).toEqual([rule]);
    });
  }
}
