/**
 * Findings for programs. The format is versioned: fields are added, never renamed or given another meaning, without a
 * new number.
 */
import type { LintResult, Severity } from '../lint/finding.ts';
import { findingFingerprints } from './finding-fingerprints.ts';
import type { FindingsOptions } from './findings-options.ts';

/** Raised when a reader of the old format would misread the new one. */
const findingsFormatVersion = 1;

/** `fingerprint` names a finding for as long as its statement stays, wherever its lines move. */
export function findingsDocument(
  { findings, files, statements }: LintResult,
  { pathOf }: Pick<FindingsOptions, 'pathOf'>,
): unknown {
  const fingerprints = findingFingerprints(findings, pathOf);
  const number = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const summary = { files, statements, errors: number('error'), warnings: number('warning'), infos: number('info') };
  return {
    formatVersion: findingsFormatVersion,
    summary,
    findings: findings.map((finding, index) => ({ ...finding, fingerprint: fingerprints[index] })),
  };
}
