/** Findings as diagnostics. Ours begin at 1, the protocol's at 0; both count UTF-16 units. */
import { DiagnosticSeverity, type Diagnostic, type Position, type Range } from 'vscode-languageserver/node';
import type { Finding, Severity } from '../index.ts';

const severities: { readonly [S in Severity]: DiagnosticSeverity } = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

export function diagnosticOf(finding: Finding): Diagnostic {
  const { rule, severity, message, size, instead } = finding;
  const advice = instead === null ? [] : [`\n${instead.text}\n${instead.sql}`];
  return {
    range: rangeOf(finding),
    severity: severities[severity],
    code: rule,
    source: 'onward',
    message: [size === null ? message : `${message} ${size}`, ...advice].join('\n'),
  };
}

export function rangeOf({ line, column, endLine, endColumn }: Finding): Range {
  return {
    start: { line: line - 1, character: column - 1 },
    end: { line: endLine - 1, character: endColumn - 1 },
  };
}

/** Whether the two touch: an editor asks for the actions at a cursor with a range of no length. */
export function touches(one: Range, other: Range): boolean {
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start);
}

function isBefore(one: Position, other: Position): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}
