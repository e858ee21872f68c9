/**
 * Findings for programs. The format is versioned: fields are added, never renamed or given another meaning, without a
 * new number.
 */
import type { LintResult, Severity } from '../lint/finding.ts';

/** Raised when a reader of the old format would misread the new one. */
const findingsFormatVersion = 1;

export function findingsDocument({ findings, files, statements }: LintResult): unknown {
  const number = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const summary = { files, statements, errors: number('error'), warnings: number('warning'), infos: number('info') };
  return { formatVersion: findingsFormatVersion, summary, findings };
}
