/**
 * Findings as a comment on a pull request or a job's summary: a table to see what there is, and under each finding's
 * line the SQL to write instead. Kept below what GitHub takes as one comment; what does not fit is counted.
 */
import type { Finding, LintResult, Severity } from '../lint/finding.ts';
import { ruleText, sentences, type FindingsOptions } from './findings-options.ts';
import { escapedMarkdown, fencedSql, markdownCode } from './markdown-escape.ts';
import { count } from './wrap.ts';

const longestComment = 60_000; // characters; GitHub refuses comments of more than 65,536

const signs: Readonly<Record<Severity, string>> = { error: '🛑', warning: '⚠️', info: 'ℹ️' };

export function findingsMarkdown(result: LintResult, { pathOf }: Pick<FindingsOptions, 'pathOf'>): string {
  const { findings, files } = result;
  if (findings.length === 0) return `### Migrations\n\nNo findings in ${count(files, 'file')}.\n`;
  let text = `### Migrations\n\n${summary(result)}\n`;
  for (const [index, finding] of findings.entries()) {
    const block = `\n${blockOf(finding, pathOf)}\n`;
    if (text.length + block.length > longestComment) {
      return `${text}\n… and ${findings.length - index} more, which do not fit here.\n`;
    }
    text += block;
  }
  return text;
}

function summary({ findings, files }: LintResult): string {
  const number = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    number('error') === 0 ? [] : [count(number('error'), 'error')],
    number('warning') === 0 ? [] : [count(number('warning'), 'warning')],
    number('info') === 0 ? [] : [`${number('info')} info`],
  ].flat();
  return `${parts.join(', ')} in ${count(files, 'file')}.`;
}

function blockOf(finding: Finding, pathOf: FindingsOptions['pathOf']): string {
  const { file, line, severity, rule, statement, instead } = finding;
  const others = escapedMarkdown(ruleText(finding).slice(rule.length));
  const head = `${signs[severity]} **${rule}**${others} in ${markdownCode(`${pathOf(file)}:${line}`)}  \n${escapedMarkdown(sentences(finding))}`;
  const written = statement.trim() === '' ? [] : [fencedSql(statement)];
  const advice = instead === null ? [] : [escapedMarkdown(instead.text), fencedSql(instead.sql)];
  const details = [...written, ...advice];
  if (details.length === 0) return head;
  return [head, '', '<details><summary>SQL</summary>', '', details.join('\n\n'), '', '</details>'].join('\n');
}
