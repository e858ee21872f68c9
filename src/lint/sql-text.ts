/**
 * The outer shape of SQL text: where constants, quoted names and comments end, and where a separator stands outside of
 * them. For the two things a parse tree cannot tell: which commands of an ALTER TABLE stand where, and where one
 * statement ends in a text that does not parse.
 *
 * Guarantee: works on any text. What is not closed runs to the end.
 */

/** What `text` has at the offset `at`: an opaque token's end and what it is, or null for a plain character. */
function opaqueAt(text: string, at: number): { readonly end: number; readonly isComment: boolean } | null {
  const character = text.charAt(at);
  if (character === '-' && text.charAt(at + 1) === '-') return { end: endOf(text, '\n', at), isComment: true };
  if (character === '/' && text.charAt(at + 1) === '*') return { end: blockCommentEnd(text, at), isComment: true };
  if (character === "'") {
    const escapes = /[eE]/.test(text.charAt(at - 1)) && !isWordCharacter(text.charAt(at - 2));
    return { end: quotedEnd(text, at, escapes), isComment: false };
  }
  if (character === '"') return { end: quotedEnd(text, at, false), isComment: false };
  if (character === '$' && !isWordCharacter(text.charAt(at - 1))) {
    const [tag] = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 130)) ?? [];
    if (tag === undefined) return null;
    const close = text.indexOf(tag, at + tag.length);
    return { end: close === -1 ? text.length : close + tag.length, isComment: false };
  }
  return null;
}

function endOf(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found === -1 ? text.length : found;
}

function blockCommentEnd(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next += 1) {
    const two = text.slice(next, next + 2);
    if (two === '/*') depth += 1;
    else if (two === '*/') depth -= 1;
    else continue;
    next += 1;
    if (depth === 0) return next + 1;
  }
  return text.length;
}

/** A doubled quote does not end it, and neither does one behind a backslash in E'…'. */
function quotedEnd(text: string, at: number, escapes: boolean): number {
  const quote = text.charAt(at);
  for (let next = at + 1; next < text.length; next += 1) {
    const character = text.charAt(next);
    if (escapes && character === '\\') next += 1;
    else if (character === quote && text.charAt(next + 1) === quote) next += 1;
    else if (character === quote) return next + 1;
  }
  return text.length;
}

function isWordCharacter(character: string): boolean {
  return /[\w$\u0080-\uffff]/.test(character);
}

/** A word or a quoted name, outside of constants and comments. */
export type Word = {
  /** Upper case for a plain word; a quoted name as it is written, with its quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How many parentheses are open around it. */
  readonly depth: number;
};

/** The words and the separators of a text, in order. */
function* shape(text: string, separator: string): Generator<Word | { readonly separator: number }> {
  const word = /[\w$\u0080-\uffff]+/y;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const opaque = opaqueAt(text, at);
    if (opaque !== null) {
      if (text.charAt(at) === '"') yield { text: text.slice(at, opaque.end), start: at, end: opaque.end, depth };
      at = opaque.end;
      continue;
    }
    word.lastIndex = at;
    const written = word.exec(text)?.[0];
    if (written !== undefined) {
      yield { text: written.toUpperCase(), start: at, end: at + written.length, depth };
      at += written.length;
      continue;
    }
    const character = text.charAt(at);
    if ('(['.includes(character)) depth += 1;
    else if (')]'.includes(character)) depth -= 1;
    else if (character === separator && depth <= 0) yield { separator: at };
    at += 1;
  }
}

export function words(text: string): readonly Word[] {
  return [...shape(text, '')].filter((item) => 'text' in item);
}

export type Extent = { readonly start: number; readonly end: number };

/** The pieces between commas that stand outside of parentheses. */
export function commaSeparated(text: string): readonly Extent[] {
  return pieces(
    text,
    [...shape(text, ',')].flatMap((item) => ('separator' in item ? [item.separator] : [])),
  );
}

/**
 * The pieces between semicolons. Those inside parentheses (CREATE RULE) and inside BEGIN ATOMIC … END (the body of an
 * SQL-standard function) end no statement.
 */
export function statementPieces(text: string): readonly Extent[] {
  const separators: number[] = [];
  let previous = '';
  let open = 0; // BEGIN ATOMIC and the CASEs inside, each closed by END
  for (const item of shape(text, ';')) {
    if ('separator' in item) {
      if (open === 0) separators.push(item.separator);
      continue;
    }
    if (item.text === 'ATOMIC' && previous === 'BEGIN') open += 1;
    else if (open > 0 && item.text === 'CASE') open += 1;
    else if (open > 0 && item.text === 'END') open -= 1;
    previous = item.text;
  }
  return pieces(text, separators);
}

function pieces(text: string, separators: readonly number[]): readonly Extent[] {
  const starts = [0, ...separators.map((at) => at + 1)];
  return starts.map((start, index) => ({ start, end: separators[index] ?? text.length }));
}

/** The extent without the blanks and comments around it. */
export function withoutSurroundings(text: string, { start, end }: Extent): Extent {
  let first = start;
  let last = start;
  let begun = false;
  for (let at = start; at < end;) {
    const opaque = opaqueAt(text, at);
    const next = opaque?.end ?? at + 1;
    const isContent = opaque === null ? /\S/.test(text.charAt(at)) : !opaque.isComment;
    if (isContent) {
      if (!begun) first = at;
      begun = true;
      last = Math.min(next, end);
    }
    at = next;
  }
  return begun ? { start: first, end: last } : { start: end, end };
}
