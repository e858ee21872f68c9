/**
 * Cases that are told as one: whoever mends the first of forty UPDATEs in a transaction mends all of them. Put together
 * after everything that silences a finding, so that none speaks for one that nobody hears.
 */
import type { Finding, Severity } from './finding.ts';
import type { Report } from './rule.ts';

/** What the rules said of the findings that may be told together. */
export type Together = ReadonlyMap<Finding, NonNullable<Report['together']>>;

const byHarm: readonly Severity[] = ['info', 'warning', 'error'];

export function toldTogether(findings: readonly Finding[], together: Together): readonly Finding[] {
  if (together.size === 0) return findings;
  const groups = new Map<string, Finding[]>();
  const groupOf = (finding: Finding): Finding[] => {
    const key = `${finding.rule} ${together.get(finding)?.key}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    return group;
  };
  for (const finding of findings) if (together.has(finding)) groupOf(finding).push(finding);
  return findings.flatMap((finding) => {
    const said = together.get(finding);
    if (said === undefined) return [finding];
    const group = groupOf(finding);
    if (group[0] !== finding) return [];
    if (group.length === 1) return [finding];
    const severities = group.map(({ severity }) => severity);
    const severity = byHarm.findLast((one) => severities.includes(one)) ?? finding.severity;
    const { message, instead = null } = said.ofMany(group.length);
    const alsoAt = group.slice(1).map(({ line, column, endLine, endColumn }) => ({ line, column, endLine, endColumn }));
    return [{ ...finding, message, instead, severity, alsoAt }];
  });
}
