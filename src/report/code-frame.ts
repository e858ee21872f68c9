/**
 * The lines of a source that a finding is about, with squiggles under it. Fits the given width: a long line is cut on
 * both sides, so that the beginning of what is meant stays in sight. Nothing in the source can reach the terminal as a
 * control sequence.
 */
import type { Look } from './paint.ts';

export type FrameRange = {
  /** 1-based, in UTF-16 units; the end is the position behind the last character. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
};

const linesShown = 4; // a statement is recognised by its first lines
const charactersBefore = 12; // what is kept of a long line in front of the finding

export function codeFrame(
  source: string,
  range: FrameRange,
  { width, paint }: Look,
  paintMark: (text: string) => string,
): readonly string[] {
  const lines = source.split(/\r?\n/);
  const last = Math.min(range.endLine, range.line + linesShown - 1);
  const digits = String(last).length;
  const room = Math.max(20, width - digits - 5);
  const output: string[] = [];
  for (let number = range.line; number <= last; number += 1) {
    const { text, from, length } = shownLine(lines[number - 1] ?? '', number, range, room);
    output.push(`  ${paint.dim(`${String(number).padStart(digits)} │`)} ${text}`.trimEnd());
    if (length > 0) {
      output.push(`  ${paint.dim(`${' '.repeat(digits)} │`)} ${' '.repeat(from)}${paintMark('~'.repeat(length))}`);
    }
  }
  const hidden = range.endLine - last;
  if (hidden > 0) {
    output.push(`  ${paint.dim(`${' '.repeat(digits)} │ … ${hidden} more ${hidden === 1 ? 'line' : 'lines'}`)}`);
  }
  return output;
}

type ShownLine = { readonly text: string; readonly from: number; readonly length: number };

/** One line as it is shown, and where the squiggles begin in it. */
function shownLine(line: string, number: number, range: FrameRange, room: number): ShownLine {
  const indent = line.length - line.trimStart().length;
  const start = number === range.line ? range.column - 1 : indent;
  const end = number === range.endLine ? range.endColumn - 1 : line.trimEnd().length;
  const text = visible(line);
  const from = visible(line.slice(0, start)).length;
  const to = visible(line.slice(0, end)).length;
  if (text.length <= room) return { text: text.join(''), from, length: to - from };
  const cutBefore = to <= room - 1 ? 0 : Math.max(0, from - charactersBefore);
  const front = cutBefore > 0 ? '…' : '';
  const shown = text.slice(cutBefore, cutBefore + room - front.length - 1);
  const back = cutBefore + shown.length < text.length ? '…' : '';
  const shownFrom = front.length + from - cutBefore;
  const limit = front.length + shown.length;
  return {
    text: front + shown.join('') + back,
    from: shownFrom,
    length: Math.max(1, Math.min(front.length + to - cutBefore, limit) - shownFrom),
  };
}

/** The characters as they appear: a tab as two blanks, a control character as one. */
function visible(text: string): readonly string[] {
  // eslint-disable-next-line no-control-regex -- control characters are meant
  return Array.from(text.replaceAll('\t', '  ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' '));
}
