/**
 * What the linter found, for people: one block per finding with the lines it is about, what would happen, and the SQL to
 * write instead; then one line that sums it up.
 */
import type { Finding, LintResult, Severity } from '../lint/finding.ts';
import type { Look } from './paint.ts';
import { count, wrap } from './wrap.ts';

export type FindingsTextOptions = Look & {
  /** The text of each file that has findings, by the name in the finding. */
  readonly sources: ReadonlyMap<string, string>;
};

const frameLines = 4; // of a statement; longer ones are cut, the caret is on the first

export function findingsText(result: LintResult, options: FindingsTextOptions): string {
  const blocks = result.findings.map((finding) => findingLines(finding, options).join('\n'));
  return `${[...blocks, summary(result, options)].join('\n\n')}\n`;
}

function findingLines(finding: Finding, options: FindingsTextOptions): readonly string[] {
  const { paint, width } = options;
  const place = `${finding.file}:${finding.line}:${finding.column}`;
  return [
    `${severityText(finding.severity, options)} ${paint.bold(finding.rule)}  ${place}`,
    ...frame(finding, options),
    ...wrap([finding.message, finding.size].filter((text) => text !== null).join(' '), width, '  '),
    ...insteadLines(finding, options),
  ];
}

function severityText(severity: Severity, { paint }: Look): string {
  switch (severity) {
    case 'error':
      return paint.red.bold('error');
    case 'warning':
      return paint.yellow.bold('warning');
    case 'info':
      return paint.blue.bold('info');
  }
}

/** The first lines of the statement, with a caret line under the place of the finding. */
function frame(finding: Finding, { paint, width, sources }: FindingsTextOptions): readonly string[] {
  const lines = (sources.get(finding.file) ?? '').split('\n');
  const last = Math.min(finding.endLine, finding.line + frameLines - 1, lines.length);
  const gutter = String(last).length;
  const room = width - gutter - 5;
  const shown: string[] = [];
  for (let number = finding.line; number <= last; number += 1) {
    const text = (lines[number - 1] ?? '').trimEnd();
    const start = number === finding.line ? finding.column - 1 : text.length - text.trimStart().length;
    const end = number === finding.endLine ? finding.endColumn - 1 : text.length;
    // A long line is shown around the place that it is about.
    const from = text.length > room && start > room / 2 ? start - Math.floor(room / 4) : 0;
    const visible = text.slice(from, from + room);
    shown.push(`  ${paint.dim(`${String(number).padStart(gutter)} |`)} ${visible}`);
    const marks = Math.min(end, from + room) - start;
    if (number === finding.line && marks > 0) {
      const blank = text.slice(from, start).replaceAll(/[^\t]/g, ' ');
      shown.push(`  ${paint.dim(`${' '.repeat(gutter)} |`)} ${blank}${paint.red('^'.repeat(marks))}`);
    }
  }
  if (last < finding.endLine) shown.push(`  ${paint.dim(`${' '.repeat(gutter)} | …`)}`);
  return shown;
}

function insteadLines({ instead }: Finding, { paint, width }: FindingsTextOptions): readonly string[] {
  if (instead === null) return [];
  return [...wrap(instead.text, width, '  '), ...instead.sql.split('\n').map((line) => paint.green(`    ${line}`))];
}

function summary({ findings, files, statements }: LintResult, { paint }: Look): string {
  const read = `${count(statements, 'statement')} in ${count(files, 'file')}`;
  if (findings.length === 0) return `${paint.green('✓')} Nothing found: ${read}.`;
  const parts = (['error', 'warning', 'info'] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => (severity === 'info' ? `${number} to know` : count(number, severity)));
  return `${parts.join(', ')}: ${read}. Why: migrate explain <rule>`;
}
