/**
 * The part of a migration file that goes forward. Tools that keep both directions in one file mark them with comments:
 * goose `-- +goose Up` / `-- +goose Down`, dbmate `-- migrate:up` / `-- migrate:down`.
 *
 * Guarantee: what is left out becomes blanks, line by line, so that every position in the text stays what the person
 * sees in the file. A file without such marks is returned as it is. Must never happen: a down part that runs.
 */

type Mark = 'up' | 'down';

/** The text with everything below a "down" mark blanked, up to the next "up" mark. */
export function upPart(source: string): string {
  if (!/^[ \t]*--[ \t]*(?:\+goose|migrate:)[ \t]*down\b/im.test(source)) return source;
  let inside = true;
  return source
    .split('\n')
    .map((line) => {
      const mark = markOf(line);
      if (mark === 'up') inside = true;
      if (mark === 'down') inside = false;
      return inside ? line : line.replaceAll(/[^\r]/g, ' ');
    })
    .join('\n');
}

/** Goose reads its marks without regard to case; dbmate's are lower case and may carry options. */
function markOf(line: string): Mark | null {
  const match = /^[ \t]*--[ \t]*(?:\+goose[ \t]+(up|down)|migrate:(up|down))\b/i.exec(line);
  const word = match?.[1] ?? match?.[2];
  if (word === undefined) return null;
  return word.toLowerCase() === 'up' ? 'up' : 'down';
}
