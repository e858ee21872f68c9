/**
 * The linter: folds the catalog statement by statement, and asks every rule about every change on the way.
 *
 * It works on text alone, without a database; a live catalog may be given to begin with. Pure: the same files give the
 * same findings. What it takes for granted, because it must not be silent about a table of which it was not told: such
 * a table exists, is large, and is in use.
 *
 * Tables and columns are new as long as nobody can use them. By default each file is a migration of its own, so what it
 * creates is new to the rest of that file. With `history`, or with files that are marked as shipped, the others are one
 * change that has not shipped, and what one of them creates is new to the later ones too.
 */
import { emptyCatalog, type Catalog } from '../catalog/model.ts';
import { forwardStatements } from '../sql/sections.ts';
import { builtInRules } from './built-in-rules.ts';
import type { OtherLinter } from './compat/rule-names.ts';
import { fileFindings } from './file-findings.ts';
import { foldChange } from './fold-change.ts';
import type { Finding, LintResult, Severity } from './finding.ts';
import { parseLeniently } from './lenient-parse.ts';
import type { LintFile, TimeoutSource, TransactionMode } from './lint-file.ts';
import type { Rule } from './rule.ts';
import type { SchemaState } from './progress.ts';
import { statementChanges } from './statement-changes.ts';
import type { LintTask, RuleSelection } from './task.ts';
import { nothingUnshipped } from './unshipped.ts';

export type LintOptions = {
  readonly files: readonly LintFile[];
  /** Files that ran before, oldest first: folded, not linted. With it, all of `files` count as not yet shipped. */
  readonly history?: readonly LintFile[];
  /** Every rule there is; which of them are on is decided by their set and by `severities`. */
  readonly rules: readonly Rule[];
  /** The schema of a live database, with its row counts, to begin with. */
  readonly catalog?: Catalog;
  /** The schema to begin with, without sizes, in the place of `history`. */
  readonly schema?: Catalog;
  /** Major version of the server the files are for. */
  readonly version: number;
  readonly transactionMode: TransactionMode;
  /** By default the runner. */
  readonly timeouts?: TimeoutSource;
  /** `recommended` when absent. */
  readonly set?: RuleSelection;
  /** By rule id. A rule that is not named here has its own severity, or is off when it is not in the set. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /** A linter whose ignore comments count as well, and whose names of rules findings carry beside ours. */
  readonly compat?: OtherLinter;
};

/**
 * The findings of all files.
 *
 * @example
 * ```ts
 * const { findings } = lintFiles({
 *   files: [{ path: 'migrations/0002_index.sql', source: 'CREATE INDEX ON orders (user_id);' }],
 *   rules,
 *   version: 17,
 *   transactionMode: 'none',
 * });
 * ```
 */
export function lintFiles(options: LintOptions): LintResult {
  const { files, history, version } = options;
  const start: Catalog = { ...(options.catalog ?? options.schema ?? emptyCatalog(version)), version };
  const task: LintTask = {
    rules: [...builtInRules, ...options.rules],
    set: options.set ?? 'recommended',
    severities: options.severities ?? {},
    liveTables: new Set(options.catalog?.tables.keys()),
    transactionMode: options.transactionMode,
    timeouts: options.timeouts ?? 'runner',
    compat: options.compat ?? null,
  };
  let state: SchemaState = {
    catalog: foldFiles(history ?? [], start),
    unshipped: nothingUnshipped,
    assumed: new Set(),
  };
  const isOneChange = history !== undefined || files.some(({ isShipped }) => isShipped === true);
  let statements = 0;
  const findings: Finding[] = [];
  for (const file of files) {
    if (file.isShipped === true) {
      state = { ...state, catalog: fold(state.catalog, file) };
      continue;
    }
    const severities = { ...task.severities, ...file.severities };
    const result = fileFindings({ ...task, severities, file }, state);
    findings.push(...result.findings);
    statements += result.statements;
    state = {
      // A SET in one file does not reach the next one.
      catalog: { ...result.state.catalog, searchPath: start.searchPath },
      assumed: result.state.assumed,
      unshipped: isOneChange ? result.state.unshipped : nothingUnshipped,
    };
  }
  return { findings, files: files.filter(({ isShipped }) => isShipped !== true).length, statements };
}

/** The schema that these files leave, oldest first. */
export function foldFiles(files: readonly LintFile[], start: Catalog): Catalog {
  return files.reduce(fold, start);
}

/** What a file that ran leaves behind. What is broken or not understood in it is not this run's affair. */
function fold(before: Catalog, file: LintFile): Catalog {
  const { parsed } = parseLeniently(file.path, file.source);
  const after = forwardStatements(parsed).reduce((catalog, statement) => {
    try {
      return statementChanges(statement).changes.reduce((inner, { change }) => foldChange(inner, change), catalog);
    } catch {
      return catalog;
    }
  }, before);
  return { ...after, searchPath: before.searchPath };
}
