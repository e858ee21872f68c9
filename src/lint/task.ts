/** What is the same for every file of a run: the rules, and how severe each is. */
import type { Severity } from './finding.ts';
import type { LintFile, TransactionMode } from './lint-file.ts';
import type { Rule } from './rule.ts';

export type LintTask = {
  readonly rules: readonly Rule[];
  /** By rule id, as configured. */
  readonly severities: Readonly<Record<string, Severity | 'off'>>;
  /** Keys of the tables whose size a live database told. */
  readonly liveTables: ReadonlySet<string>;
  readonly transactionMode: TransactionMode;
};

export type FileTask = LintTask & { readonly file: LintFile };

/** What was configured for the rule; else its own severity, or off for a strict rule. */
export function severityOf(task: LintTask, rule: Rule): Severity | 'off' {
  return task.severities[rule.id] ?? (rule.set === 'recommended' ? rule.severity : 'off');
}
