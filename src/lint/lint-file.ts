/** A file under review: what is given, and where something stands in it. */
import { lineAndColumn } from '../sql/offsets.ts';
import type { Phase } from '../operations/step-draft.ts';
import type { Finding, Severity } from './finding.ts';
import type { Extent } from './sql-text.ts';

/** Whether the tool that will run the files puts each into one transaction. */
export type TransactionMode = 'per-file' | 'none';

/** Who sets `lock_timeout` and the like: the tool that runs the files, as ours does, or each file for itself. */
export type TimeoutSource = 'runner' | 'file';

export type LintFile = {
  /** As it is to appear in findings. */
  readonly path: string;
  readonly source: string;
  /** For a tool that lets a file decide (goose's NO TRANSACTION, Diesel's metadata.toml). */
  readonly transactionMode?: TransactionMode;
  /** Where it differs from the other files. */
  readonly timeouts?: TimeoutSource;
  /** True for a file that ran before: it makes the schema for the later ones, and nothing in it is reported. */
  readonly isShipped?: boolean;
  /** Levels that hold for this file alone, by rule id; they win over those of the run. */
  readonly severities?: Readonly<Record<string, Severity | 'off'>>;
  /** The phase in which all of it runs, for a step of a plan; by default what the file itself says. */
  readonly phase?: Phase;
};

export function place(
  file: LintFile,
  { start, end }: Extent,
): Pick<Finding, 'file' | 'line' | 'column' | 'endLine' | 'endColumn'> {
  const from = lineAndColumn(file.source, start);
  const to = lineAndColumn(file.source, end);
  return { file: file.path, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}
