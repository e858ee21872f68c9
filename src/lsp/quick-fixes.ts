/**
 * What an editor offers for findings: the rule's own fix, silencing the rule for the statement, and all fixes at once.
 *
 * Guarantee: a fix is offered only where the document still reads as the text that was linted.
 */
import { CodeActionKind, type CodeAction, type Range, type TextEdit } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { fixedTogether, type Finding } from '../index.ts';
import { diagnosticOf, rangeOf, touches } from './diagnostic.ts';

export const fixAllKind = `${CodeActionKind.SourceFixAll}.onward`;

/** A document with what the linter said of it. */
export type LintedDocument = {
  readonly document: TextDocument;
  /** The text that was linted: of a template, with its values. */
  readonly source: string;
  readonly findings: readonly Finding[];
};

export function codeActions(linted: LintedDocument, range: Range): CodeAction[] {
  const here = linted.findings.filter((finding) => touches(rangeOf(finding), range));
  return [
    ...here.flatMap((finding) => fixOf(linted, finding)),
    ...here.flatMap((finding) => ignoreOf(linted, finding)),
    ...fixAll(linted),
  ];
}

function fixOf({ document, source }: LintedDocument, finding: Finding): readonly CodeAction[] {
  const edit = editOf(document, source, finding);
  if (edit === null) return [];
  return [
    {
      title: `Write it as ${finding.rule} asks`,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnosticOf(finding)],
      isPreferred: true,
      edit: { changes: { [document.uri]: [edit] } },
    },
  ];
}

function editOf(document: TextDocument, source: string, { fix }: Finding): TextEdit | null {
  if (fix === null) return null;
  const range = { start: document.positionAt(fix.start), end: document.positionAt(fix.end) };
  return document.getText(range) === source.slice(fix.start, fix.end) ? { range, newText: fix.sql } : null;
}

/** On a line of its own above the place; not where something else begins that line, to which it would belong. */
function ignoreOf({ document }: LintedDocument, finding: Finding): readonly CodeAction[] {
  const { start } = rangeOf(finding);
  const indent = document.getText({ start: { line: start.line, character: 0 }, end: start });
  if (indent.trim() !== '') return [];
  const newText = `${indent}-- migrate:ignore ${finding.rule} -- why it does no harm here\n`;
  const at = { line: start.line, character: 0 };
  return [
    {
      title: `Ignore ${finding.rule} for this statement`,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnosticOf(finding)],
      edit: { changes: { [document.uri]: [{ range: { start: at, end: at }, newText }] } },
    },
  ];
}

/** One fix a statement: whether another one is still needed shows when the result is linted again. */
function fixAll({ document, source, findings }: LintedDocument): readonly CodeAction[] {
  const edits = fixedTogether(findings).flatMap((finding) => editOf(document, source, finding) ?? []);
  if (edits.length === 0) return [];
  return [{ title: 'Fix all that onward can fix', kind: fixAllKind, edit: { changes: { [document.uri]: edits } } }];
}
