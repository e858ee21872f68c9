/**
 * The linter alone (`onward/lint`): no driver, no file system, no process. It reads text and gives back findings.
 */
import { rules as shippedRules } from '../rules/index.ts';
import { emptyCatalog, type Catalog } from './catalog/model.ts';
import { builtInRules } from './lint/built-in-rules.ts';
import { ownLevels } from './lint/compat/counterparts.ts';
import type { OtherLinter } from './lint/compat/rule-names.ts';
import type { LintResult, Severity } from './lint/finding.ts';
import type { LintFile, TimeoutSource, TransactionMode } from './lint/lint-file.ts';
import { foldFiles, lintFiles } from './lint/lint-files.ts';
import type { Rule } from './lint/rule.ts';
import { statementLocks, type StatementLocks } from './lint/statement-locks.ts';
import type { RuleSelection } from './lint/task.ts';
import { newestKnownVersion } from './postgres/version.ts';
import { loadParser } from './sql/parse.ts';

export type { Finding, Fix, LintResult, Severity, Suggestion } from './lint/finding.ts';
export type { LintFile, TimeoutSource, TransactionMode } from './lint/lint-file.ts';
export type { Rule } from './lint/rule.ts';
export type { StatementLocks, TableLock } from './lint/statement-locks.ts';
export type { RuleSelection } from './lint/task.ts';

export type LintInput = {
  /** In the order in which they run. Each is linted on the schema that the ones before leave. */
  readonly files: readonly LintFile[];
  /** Files that ran before: they make the schema, and nothing in them is reported. */
  readonly history?: readonly LintFile[];
  /** The schema that the files before leave (`schemaAfter`), in the place of `history`. */
  readonly schema?: Catalog;
  /** The schema and the table sizes of a live database (`readCatalog`). */
  readonly catalog?: Catalog;
  /** Major version of the server; that of the catalog, else the newest. */
  readonly version?: number;
  /** Whether the tool that runs the files puts each into a transaction. Ours does not. */
  readonly transactionMode?: TransactionMode;
  /**
   * Who sets `lock_timeout`. Ours does; a file that is written for another tool, as a transaction mode tells, sets its own
   * unless said otherwise here.
   */
  readonly timeouts?: TimeoutSource;
  /** Which rules are on; `recommended` when absent. */
  readonly set?: RuleSelection;
  /** By rule id. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /**
   * A linter whose ignore comments count as well, and whose names of rules findings carry beside ours and `severities`
   * may use.
   */
  readonly compat?: OtherLinter;
  /** Rules of your own beside ours (`defineRule` of `onward/rules`). */
  readonly rules?: readonly Rule[];
};

/** Every rule there is, those that the engine has built in included. */
export const rules: readonly Rule[] = [...shippedRules, ...builtInRules];

/**
 * Says what each statement would lock, who would wait, and what to write instead.
 *
 * @example
 * ```ts
 * import { lint } from 'onward/lint';
 *
 * const { findings } = await lint({
 *   files: [{ path: '0002_index.sql', source: 'CREATE INDEX ON orders (user_id);' }],
 * });
 * for (const finding of findings) console.log(`${finding.file}:${finding.line} ${finding.rule}`);
 * ```
 */
export async function lint(input: LintInput): Promise<LintResult> {
  await loadParser();
  const { history, schema, catalog, set, severities, compat } = input;
  const sourceOf = (file: LintFile): TimeoutSource =>
    input.timeouts ?? ((file.transactionMode ?? input.transactionMode) === undefined ? 'runner' : 'file');
  return lintFiles({
    files: input.files.map((file) => ({ timeouts: sourceOf(file), ...file })),
    rules: [...shippedRules, ...(input.rules ?? [])],
    version: input.version ?? (catalog ?? schema)?.version ?? newestKnownVersion,
    transactionMode: input.transactionMode ?? 'none',
    ...(history === undefined ? {} : { history }),
    ...(schema === undefined ? {} : { schema }),
    ...(catalog === undefined ? {} : { catalog }),
    ...(set === undefined ? {} : { set }),
    ...(severities === undefined ? {} : { severities: ownLevels(compat ?? null, severities) }),
    ...(compat === undefined ? {} : { compat }),
  });
}

/** The schema that these files leave, for `lint`, when it is asked again and again about those behind them. */
export async function schemaAfter(files: readonly LintFile[], version: number = newestKnownVersion): Promise<Catalog> {
  await loadParser();
  return foldFiles(files, emptyCatalog(version));
}

/** What the statement at an offset of the file would lock; null where there is none. */
export async function locksAt(file: LintFile, offset: number, schema: Catalog): Promise<StatementLocks | null> {
  await loadParser();
  return statementLocks(file, offset, schema);
}

export { linterWith, ownLevels } from './lint/compat/counterparts.ts';
export { otherLinters, rulesOfOthers, type OtherLinter } from './lint/compat/rule-names.ts';
export { explainRule } from './lint/explain.ts';
export { fixedTogether } from './lint/fix.ts';
