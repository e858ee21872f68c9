/**
 * Parses a file of which parts may be broken. One broken statement never hides the others: it is reported and blanked
 * (so that every position stays what it is in the file), and the rest is parsed as if it were not there.
 *
 * A file that parses costs one parse. Otherwise the text is cut at its semicolons, each piece is tried alone, and the
 * pieces that do not parse are blanked; a directive that is written wrongly is blanked alone. Each round blanks at least
 * one character, so it ends.
 */
import { MigrateError } from '../errors.ts';
import { parseFile, parseStatements, type ParsedFile } from '../sql/parse.ts';
import { statementPieces, withoutSurroundings, type Extent } from './sql-text.ts';

export type Problem = {
  /** What Postgres' grammar or the reader of directives says, without position. */
  readonly text: string;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
  /** The piece that was left out. */
  readonly piece: Extent;
  readonly kind: 'statement' | 'directive';
  readonly hint: string | null;
};

const longestName = 63; // characters of a word that are underlined; no name of Postgres is longer

export type LenientFile = { readonly parsed: ParsedFile; readonly problems: readonly Problem[] };

export function parseLeniently(file: string, source: string): LenientFile {
  const problems: Problem[] = [];
  let text = source;
  for (;;) {
    try {
      return { parsed: asWritten(parseFile(text, { file }), source), problems };
    } catch (error) {
      const found = problemsOf(text, file, error);
      if (found.length === 0 || text.trim() === '') throw error; // about something else: not to be swallowed
      problems.push(...found);
      const rest = found.reduce((before, { piece }) => blanked(before, piece), text);
      text = rest === text ? blanked(text, { start: 0, end: text.length }) : rest;
    }
  }
}

/** A directive inside of a statement may have been blanked: its text is what the person sees. */
function asWritten(parsed: ParsedFile, source: string): ParsedFile {
  const statements = parsed.statements.map((statement) => ({
    ...statement,
    text: source.slice(statement.start, statement.end),
  }));
  return { ...parsed, source, statements };
}

function problemsOf(text: string, file: string, error: unknown): readonly Problem[] {
  const whole = complaintOf(text, error, file);
  if (whole === null) return [];
  if (whole.kind === 'directive') {
    const comment = text.slice(whole.offset, endOfLine(text, whole.offset)).trimEnd();
    const extent = { start: whole.offset, end: whole.offset + comment.length };
    return [{ kind: whole.kind, text: whole.text, hint: whole.hint, ...extent, piece: extent }];
  }
  const broken = statementPieces(text).flatMap((piece) => {
    const complaint = complaintAbout(text.slice(piece.start, piece.end));
    if (complaint?.kind !== 'statement') return [];
    return [problem(text, { ...complaint, offset: complaint.offset + piece.start }, piece)];
  });
  // Each piece alone is fine, together they are not (a semicolon that the cut misread): the rest of the file is left out.
  return broken.length > 0 ? broken : [problem(text, whole, { start: whole.offset, end: text.length })];
}

function complaintAbout(piece: string): Complaint | null {
  try {
    parseStatements(piece);
    return null;
  } catch (error) {
    return complaintOf(piece, error);
  }
}

type Complaint = {
  readonly kind: Problem['kind'];
  readonly text: string;
  readonly offset: number;
  readonly hint: string | null;
};

/** The error's own words, without the position that it also tells; null for an error that is not about the text. */
function complaintOf(source: string, error: unknown, file?: string): Complaint | null {
  if (!(error instanceof MigrateError)) return null;
  if (error.code !== 'SYNTAX_ERROR' && error.code !== 'BAD_DIRECTIVE') return null;
  const { line, column } = error.details;
  if (typeof line !== 'number' || typeof column !== 'number') return null;
  const position = file === undefined ? `line ${line}, column ${column}: ` : `${file}:${line}:${column}: `;
  const [first = ''] = error.message.split('\n');
  return {
    kind: error.code === 'SYNTAX_ERROR' ? 'statement' : 'directive',
    text: first.startsWith(position) ? first.slice(position.length) : first,
    offset: offsetAt(source, line, column),
    hint: error.hint,
  };
}

/** An error at the end of the text is shown at the last thing that stands there. */
function problem(text: string, { kind, text: complaint, hint, offset }: Complaint, piece: Extent): Problem {
  const shown = withoutSurroundings(text, piece);
  const start = Math.max(0, Math.min(Math.max(shown.start, Math.min(offset, shown.end - 1)), text.length - 1));
  const [word = ''] = /^(?:[\w\u0080-\uffff]+|.)/u.exec(text.slice(start, start + longestName)) ?? [];
  const end = Math.min(text.length, start + Math.max(1, word.length));
  return { kind, text: complaint, hint, start, end, piece: shown.start < shown.end ? shown : piece };
}

function blanked(text: string, { start, end }: Extent): string {
  return text.slice(0, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, ' ') + text.slice(end);
}

function offsetAt(source: string, line: number, column: number): number {
  let lineStart = 0;
  for (let left = line - 1; left > 0; left -= 1) lineStart = endOfLine(source, lineStart) + 1;
  return Math.min(source.length, lineStart + column - 1);
}

function endOfLine(source: string, offset: number): number {
  const found = source.indexOf('\n', offset);
  return found === -1 ? source.length : found;
}
