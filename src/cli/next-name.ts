/**
 * The name of the next migration file, in the scheme that the folder already has: `0008_…` after `0007_…`, a timestamp
 * after timestamps, the same separator, the same ending. Pure.
 */

export type NextNameOptions = {
  /** File names in the folder. */
  readonly existing: readonly string[];
  /** What the person called it: `add phone to users`. */
  readonly title: string;
  readonly now: Date;
};

type Numbered = { readonly digits: string; readonly separator: string; readonly rest: string };

const firstNumber = '0001';

/** The file name; null when the title has no letter or digit. */
export function nextMigrationFileName({ existing, title, now }: NextNameOptions): string | null {
  const numbered = existing.flatMap(numberedOf);
  const last = numbered.reduce<Numbered | null>(
    (best, one) => (best === null || BigInt(one.digits) > BigInt(best.digits) ? one : best),
    null,
  );
  const separator = last?.separator ?? '_';
  const usesDashes = last !== null && last.rest.includes('-') && !last.rest.includes('_');
  // Without accents: one machine would spell ü with one character and another with two, which are two names.
  const plain = title.toLowerCase().replaceAll('ß', 'ss').normalize('NFKD').replaceAll(/\p{M}/gu, '').normalize('NFC');
  const words = plain.match(/[\p{L}\p{N}]+/gu);
  if (words === null) return null;
  const ending = existing.some((name) => name.endsWith('.up.sql')) ? '.up.sql' : '.sql';
  return `${nextNumber(last?.digits ?? null, now)}${separator}${words.join(usesDashes ? '-' : '_')}${ending}`;
}

function numberedOf(file: string): readonly Numbered[] {
  const match = /^(\d+)([-_.]*)(.*?)(?:\.up)?\.sql$/i.exec(file);
  if (match === null || /\.down\.sql$/i.test(file)) return [];
  const [, digits = '', separator = '', rest = ''] = match;
  return [{ digits, separator: separator === '' ? '_' : separator, rest }];
}

function nextNumber(last: string | null, now: Date): string {
  if (last === null) return firstNumber;
  const following = (BigInt(last) + 1n).toString().padStart(last.length, '0');
  if (!/^(?:19|20)\d{10}(?:\d{2})?(?:\d{3})?$/.test(last)) return following;
  const timestamp = now.toISOString().replaceAll(/\D/g, '').slice(0, last.length);
  // Two in one second, or a clock that is behind: the order of the files is what counts.
  return timestamp > last ? timestamp : following;
}
