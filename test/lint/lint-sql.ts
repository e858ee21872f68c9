/** The linter as the tests call it: SQL in, findings out. */
import { rules } from '../../rules/index.ts';
import type { LintResult } from '../../src/lint/finding.ts';
import { lintFiles, type LintOptions } from '../../src/lint/lint-files.ts';

export type LintSqlOptions = Partial<Omit<LintOptions, 'files' | 'history'>> & {
  /** SQL that ran before; with it the file counts as not yet shipped. */
  readonly before?: string;
};

export function lintSql(sql: string, { before, ...options }: LintSqlOptions = {}): LintResult {
  return lintFiles({
    files: [{ path: 'm.sql', source: sql }],
    ...(before === undefined ? {} : { history: [{ path: 'before.sql', source: before }] }),
    rules,
    version: 17,
    transactionMode: 'none',
    ...options,
  });
}

/** `rule:line`, for short expectations. */
export function found(sql: string, options: LintSqlOptions = {}): readonly string[] {
  return lintSql(sql, options).findings.map(({ rule, line }) => `${rule}:${line}`);
}
