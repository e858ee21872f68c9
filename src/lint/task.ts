/** What is the same for every file of a run: the rules, and how severe each is. */
import type { OtherLinter } from './compat/rule-names.ts';
import type { Severity } from './finding.ts';
import type { LintFile, TimeoutSource, TransactionMode } from './lint-file.ts';
import type { Rule } from './rule.ts';

/** `strict`: also what asks for more than most teams want. `all`: every rule there is. */
export type RuleSelection = 'recommended' | 'strict' | 'all';

export type LintTask = {
  readonly rules: readonly Rule[];
  /** Which rules are on where nothing else is said. */
  readonly set: RuleSelection;
  /** By rule id, as configured. */
  readonly severities: Readonly<Record<string, Severity | 'off'>>;
  /** Keys of the tables whose size a live database told. */
  readonly liveTables: ReadonlySet<string>;
  readonly transactionMode: TransactionMode;
  readonly timeouts: TimeoutSource;
  /** The linter whose comments and names count beside ours; null: none. */
  readonly compat: OtherLinter | null;
};

export type FileTask = LintTask & { readonly file: LintFile };

/** What was configured for the rule; else its own severity, or off for a rule outside of the chosen set. */
export function severityOf(task: Pick<LintTask, 'severities' | 'set'>, rule: Rule): Severity | 'off' {
  return task.severities[rule.id] ?? (isIn(task.set, rule) ? rule.severity : 'off');
}

function isIn(selection: RuleSelection, { set }: Rule): boolean {
  switch (selection) {
    case 'recommended':
      return set === 'recommended';
    case 'strict':
      return set === 'recommended' || set === 'strict';
    case 'all':
      return true;
    default:
      return selection satisfies never;
  }
}
