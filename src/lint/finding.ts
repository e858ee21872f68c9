/**
 * What the linter says: plain data, complete enough for every report. Lines and columns begin at 1 and count UTF-16
 * units, as editors and SARIF do; offsets begin at 0 and can be given to `String.slice`.
 */

/** From harmless to harmful. */
export type Severity = 'info' | 'warning' | 'error';

/** SQL to write instead of the statement. */
export type Suggestion = {
  /** What it does, leading up to the SQL: `Build it without blocking writes:`. */
  readonly text: string;
  /** Statements with semicolons; comments say what belongs into a later migration. */
  readonly sql: string;
};

/** Replaces the whole statement; the semicolon behind it stays. */
export type Fix = {
  readonly start: number;
  readonly end: number;
  readonly sql: string;
};

export type Finding = {
  /** Id of the rule, the same as its folder. */
  readonly rule: string;
  readonly severity: Severity;
  /** Full sentences: what is locked, who waits, and why. */
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where it ends: the position behind the last character. */
  readonly endLine: number;
  readonly endColumn: number;
  /** The statement as written, without its semicolon. */
  readonly statement: string;
  readonly instead: Suggestion | null;
  readonly fix: Fix | null;
  /** How large the table is, when a live database was asked: `users has about 41 million rows (18 GB).` */
  readonly size: string | null;
  /** Where the other cases are for which this one speaks; absent unless there are some. */
  readonly alsoAt?: readonly Pick<Finding, 'line' | 'column' | 'endLine' | 'endColumn'>[];
  /** What another linter calls the rule; absent unless that was asked for (`compat`). */
  readonly otherNames?: readonly string[];
};

export type LintResult = {
  /** By file as given, then by position. */
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly statements: number;
};
