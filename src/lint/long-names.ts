/** The names in a statement that Postgres cuts off, because they have more than 63 bytes. */
import { byteLength, truncateName } from '../postgres/names.ts';
import type { SqlStatement } from '../sql/parse.ts';
import { words, type Extent } from './sql-text.ts';

export type LongName = Extent & {
  readonly name: string;
  readonly bytes: number;
  /** What is left of it. */
  readonly cut: string;
  /** The same as one writes it: in quotes where it was in quotes. */
  readonly text: string;
};

/** Whether there may be one: a name of other characters can be long with a few of them. */
function mayHaveLongName(text: string): boolean {
  return /[\w$]{64}|"(?:[^"]|""){64}|[^\p{ASCII}]/u.test(text);
}

/** Those inside a constant or the body of a function are not the statement's own. */
export function longNames({ text, start: from }: SqlStatement): readonly LongName[] {
  if (!mayHaveLongName(text)) return [];
  return words(text).flatMap(({ start, end }) => {
    const written = text.slice(start, end);
    const isQuoted = written.startsWith('"');
    const name = isQuoted ? written.slice(1, -1).replaceAll('""', '"') : written;
    const cut = truncateName(name);
    if (cut === name || /^\d/.test(name)) return [];
    const shown = isQuoted ? `"${cut.replaceAll('"', '""')}"` : cut;
    return [{ name, bytes: byteLength(name), cut, text: shown, start: from + start, end: from + end }];
  });
}
