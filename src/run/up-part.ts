/**
 * The part of a migration file that goes forward. Tools that keep both directions in one file mark them with comments:
 * goose `-- +goose Up` / `-- +goose Down`, dbmate `-- migrate:up` / `-- migrate:down`, node-pg-migrate
 * `-- Up Migration` / `-- Down Migration`.
 *
 * Guarantee: what is left out becomes blanks, line by line, so that every position in the text stays what the person
 * sees in the file. A file without such marks is returned as it is. Must never happen: a down part that runs, or a
 * remark that hides statements.
 */

type Mark = 'up' | 'down';

/** The text with everything below a "down" mark blanked, up to the next "up" mark. */
export function upPart(source: string): string {
  const lines = source.split('\n');
  const marks = marksOf(lines);
  if (!marks.includes('down')) return source;
  let inside = true;
  return lines
    .map((line, index) => {
      const mark = marks[index];
      if (mark === 'up') inside = true;
      if (mark === 'down') inside = false;
      return inside ? line : line.replaceAll(/[^\r]/g, ' ');
    })
    .join('\n');
}

function marksOf(lines: readonly string[]): readonly (Mark | null)[] {
  const marks = lines.map(markOf);
  // Words of everyday language: more may follow them only in a file that is divided by them.
  const isDivided = lines.some((line, index) => marks[index] === 'up' && proseMark.test(line));
  return isDivided ? marks.map((mark, index) => mark ?? wordIn(proseMark.exec(lines[index] ?? ''))) : marks;
}

const proseMark = /^[ \t]*--[ \t-]*(up|down)[ \t]+migration\b/i;

/** Goose reads its marks without regard to case; dbmate's are lower case and may carry options. */
function markOf(line: string): Mark | null {
  return wordIn(
    /^[ \t]*--[ \t]*(?:\+goose[ \t]+|migrate:)(up|down)\b/i.exec(line) ??
      /^[ \t]*--[ \t-]*(up|down)[ \t]+migration[ \t\r]*$/i.exec(line),
  );
}

function wordIn(match: RegExpExecArray | null): Mark | null {
  const word = match?.[1]?.toLowerCase();
  return word === 'up' || word === 'down' ? word : null;
}
