/** Findings as compilers print them, one line each, for editors and everything else that reads `file:line:column:`. */
import type { LintResult } from '../lint/finding.ts';
import { ruleText, sentences, withoutControls, type FindingsOptions } from './findings-options.ts';

export function findingsGcc({ findings }: LintResult, { pathOf }: Pick<FindingsOptions, 'pathOf'>): string {
  return findings
    .map((finding) => {
      const { file, line, column, severity } = finding;
      const level = severity === 'info' ? 'note' : severity;
      const text = withoutControls(sentences(finding)).replaceAll(/\s+/g, ' ');
      return `${pathOf(file)}:${line}:${column}: ${level}: ${text} [${ruleText(finding)}]\n`;
    })
    .join('');
}
