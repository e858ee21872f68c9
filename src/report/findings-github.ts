/**
 * Findings as GitHub's workflow commands: an Actions run shows them beside the lines of the pull request.
 *
 * Guarantee: whatever stands in a file, a path or a message, one finding is one command; nothing in it can be taken for
 * another one.
 */
import type { LintResult } from '../lint/finding.ts';
import { fullText, ruleText, withoutControls, type FindingsOptions } from './findings-options.ts';
import { count } from './wrap.ts';

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const;

export function findingsGithub(result: LintResult, { pathOf }: Pick<FindingsOptions, 'pathOf'>): string {
  const lines = result.findings.map((finding) => {
    const { file, line, column, endLine, endColumn, severity } = finding;
    // Columns mean something to GitHub only within one line.
    const columns = line === endLine ? { col: String(column), endColumn: String(endColumn) } : {};
    const title = ruleText(finding);
    const properties = { file: pathOf(file), line: String(line), endLine: String(endLine), ...columns, title };
    const written = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
    return `::${commands[severity]} ${written.join(',')}::${data(fullText(finding))}`;
  });
  return `${[...lines, summary(result)].join('\n')}\n`;
}

function summary({ findings, files }: LintResult): string {
  return findings.length === 0
    ? `No findings in ${count(files, 'file')}.`
    : `${count(findings.length, 'finding')} in ${count(files, 'file')}.`;
}

/** https://github.com/actions/toolkit: what its own `issueCommand` escapes. */
function data(text: string): string {
  return withoutControls(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
