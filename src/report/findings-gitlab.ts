/** Findings as GitLab's code quality report: a merge request then shows which are new, and which are fixed. */
import type { LintResult } from '../lint/finding.ts';
import { findingFingerprints } from './finding-fingerprints.ts';
import { ruleText, sentences, type FindingsOptions } from './findings-options.ts';

const severities = { error: 'major', warning: 'minor', info: 'info' } as const;

export function findingsGitlab({ findings }: LintResult, { pathOf }: Pick<FindingsOptions, 'pathOf'>): string {
  const fingerprints = findingFingerprints(findings, pathOf);
  const issues = findings.map((finding, index) => ({
    description: finding.otherNames === undefined ? sentences(finding) : `${sentences(finding)} ${ruleText(finding)}`,
    check_name: finding.rule,
    fingerprint: fingerprints[index],
    severity: severities[finding.severity],
    location: { path: pathOf(finding.file), lines: { begin: finding.line, end: finding.endLine } },
  }));
  return `${JSON.stringify(issues, null, 2)}\n`;
}
