/**
 * One line of a source with a caret under one position, for messages.
 *
 * Guarantee: at most `maxWidth` characters of the line are shown, tabs are kept so that the caret stands right.
 */

import { lineAndColumn } from './offsets.ts';

const maxWidth = 120; // fits beside the gutter in a usual terminal and in a CI log; longer lines are cut on both sides

/** `file:line:column`, or `line 3, column 5` where the text has no file. */
export function positionText(source: string, offset: number, file?: string): string {
  const { line, column } = lineAndColumn(source, offset);
  return file === undefined ? `line ${line}, column ${column}` : `${file}:${line}:${column}`;
}

/** The line at `offset` with its number, and a caret below the position. */
export function excerpt(source: string, offset: number): string {
  const { line, column } = lineAndColumn(source, offset);
  const lineStart = offset - (column - 1);
  const lineEnd = source.indexOf('\n', lineStart);
  const whole = source.slice(lineStart, lineEnd === -1 ? source.length : lineEnd).replace(/\r$/, '');
  const from = Math.max(0, Math.min(column - 1 - maxWidth / 2, whole.length - maxWidth));
  const shown =
    (from > 0 ? '…' : '') + whole.slice(from, from + maxWidth) + (from + maxWidth < whole.length ? '…' : '');
  const before = (from > 0 ? ' ' : '') + whole.slice(from, column - 1);
  const gutter = String(line);
  return `  ${gutter} | ${shown}\n  ${' '.repeat(gutter.length)} | ${blank(before)}^`;
}

/** As many blanks as `text` has characters; a tab stays a tab, a surrogate pair is one character. */
function blank(text: string): string {
  return Array.from(text, (character) => (character === '\t' ? '\t' : ' ')).join('');
}
