/**
 * The texts in which Postgres spells types (`format_type`), taken apart.
 *
 * Guarantee: for every text that `format_type` can make, name, modifiers and array brackets come apart; quoted names
 * may hold any character. No text is refused: what has no known form is all name.
 */

export interface ParsedType {
  /** The name without modifiers and array brackets: `character varying`, `timestamp with time zone`, `app."Mood"`. */
  readonly name: string;
  readonly modifiers: readonly number[];
  /** 0 for a plain type. The server does not keep how many dimensions were declared: it shows one pair of brackets. */
  readonly arrayDimensions: number;
}

export function parseTypeText(text: string): ParsedType {
  let rest = text.trim();
  let arrayDimensions = 0;
  for (;;) {
    const bare = rest.replace(/\s*\[\d*\]$/, '');
    if (bare === rest) break;
    rest = bare;
    arrayDimensions += 1;
  }
  // Outside of quotes, digits in parentheses: in the middle of `timestamp(3) with time zone`, else at the end.
  const match = /^((?:[^"(]|"(?:[^"]|"")*")*)\(\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\)(.*)$/.exec(rest);
  if (match === null) return { name: rest, modifiers: [], arrayDimensions };
  const [, before = '', list = '', after = ''] = match;
  return { name: (before.trimEnd() + after).trim(), modifiers: list.split(',').map(Number), arrayDimensions };
}
