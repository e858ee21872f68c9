/**
 * Findings for people: where, what and who waits, the code with squiggles, the SQL to write instead; then one line that
 * sums up. Readable without colour and at 80 columns; SQL is never wrapped, so that it can be copied.
 */
import type { Finding, LintResult, Severity } from '../lint/finding.ts';
import { codeFrame } from './code-frame.ts';
import { sentences, type FindingsOptions } from './findings-options.ts';
import type { Look } from './paint.ts';
import { count, wrap } from './wrap.ts';

type FindingsPrettyOptions = Look & Pick<FindingsOptions, 'sources'>;

export function findingsPretty(result: LintResult, options: FindingsPrettyOptions): string {
  const blocks = result.findings.map((finding) => block(finding, options).join('\n'));
  return `${[...blocks, summary(result, options).join('\n')].join('\n\n')}\n`;
}

function block(finding: Finding, options: FindingsPrettyOptions): readonly string[] {
  const { paint, width, sources } = options;
  const { file, line, column, severity, rule, instead, otherNames = [] } = finding;
  const colour = severityPaint(severity, options);
  const source = sources.get(file);
  const frame = source === undefined ? [] : ['', ...codeFrame(source, finding, options, colour)];
  const suggestion = instead === null ? [] : ['', ...wrap(instead.text, width, '  '), '', ...indented(instead.sql)];
  return [
    `${paint.bold(`${file}:${line}:${column}`)}  ${colour(severity)}  ${rule}`,
    ...(otherNames.length === 0
      ? []
      : wrap(`also called ${otherNames.join(', ')}`, width, '  ').map((one) => paint.dim(one))),
    ...wrap(sentences(finding), width, '  '),
    ...frame,
    ...suggestion,
  ];
}

function indented(sql: string): readonly string[] {
  return sql.split('\n').map((line) => `    ${line}`.trimEnd());
}

function severityPaint(severity: Severity, { paint }: Look): (text: string) => string {
  switch (severity) {
    case 'error':
      return paint.red;
    case 'warning':
      return paint.yellow;
    case 'info':
      return paint.blue;
    default:
      return severity satisfies never;
  }
}

function summary({ findings, files, statements }: LintResult, look: Look): readonly string[] {
  const { paint, width } = look;
  const read = `${count(files, 'file')} (${count(statements, 'statement')})`;
  if (findings.length === 0) return [`${paint.green('No findings')} in ${read}.`];
  const parts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    if (number === 0) return [];
    const text = severity === 'info' ? `${number} info` : count(number, severity);
    return [severityPaint(severity, look)(text)];
  });
  const [rule] = findings.map((finding) => finding.rule);
  return [
    `${parts.join(', ')} in ${read}.`,
    ...wrap(`Why, and when to ignore it: migrate explain ${rule}`, width).map((line) => paint.dim(line)),
  ];
}
