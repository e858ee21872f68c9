/**
 * The one door to libpg-query, the server's own grammar compiled to WASM.
 *
 * Guarantee: a text that Postgres' grammar refuses is a `MigrateError('SYNTAX_ERROR')` that shows the place; every
 * offset in what comes back is in UTF-16 units. Nothing else in the project imports libpg-query.
 *
 * What libpg-query 18 does, measured:
 * - it counts UTF-8 bytes in trees and tokens, but code points in errors;
 * - an empty string throws; a text of blanks and comments gives no statement;
 * - a NUL ends the text silently (it is a C string), so a NUL is refused here;
 * - `stmt_location` 0 is left out, and `stmt_len` of a last statement without a semicolon;
 * - the scanner's JSON does not escape control characters (and cannot be parsed then), and it knows no error class;
 * - an expression nested thousands of levels deep overflows the JavaScript stack, with a `RangeError`.
 */

import { hasSqlDetails, loadModule, parsePlPgSQLSync, parseSync, scanSync } from 'libpg-query';
import type { Node } from '@pgsql/types';
import { MigrateError } from '../errors.ts';
import { excerpt, positionText } from './excerpt.ts';
import { locationFields } from './location-fields.ts';
import { byteToUtf16, codePointToUtf16, lineAndColumn } from './offsets.ts';

type TaggedStatement<N> = N extends unknown ? (keyof N extends `${string}Stmt` ? N : never) : never;

/** A statement as the parser tags it: `{ AlterTableStmt: { … } }`. */
export type StatementNode = TaggedStatement<Node>;

export interface RawStatement {
  readonly node: StatementNode;
  /** UTF-16 offsets; may begin and end with blanks and comments. */
  readonly start: number;
  readonly end: number;
  readonly terminated: boolean;
}

export interface Comment {
  readonly kind: 'line' | 'block';
  readonly start: number;
  readonly end: number;
}

export interface SourceOptions {
  /** The file's name as a person knows it, for messages. */
  readonly file?: string;
}

let loaded = false;

/** Loads the parser; once per process, before the first parse. */
export async function loadParser(): Promise<void> {
  await loadModule();
  loaded = true;
}

/** The statements of `source`, in order. */
export function readStatements(source: string, options: SourceOptions = {}): readonly RawStatement[] {
  assertLoaded();
  const nul = source.indexOf('\0');
  if (nul !== -1) throw syntaxError(source, nul, 'a NUL character', options.file);
  const text = withoutByteOrderMark(source);
  if (text === '') return [];
  const toUtf16 = byteToUtf16(text);
  const { stmts = [] } = parse(text, options.file);
  return stmts.map((raw) => {
    const from = raw.stmt_location ?? 0;
    if (raw.stmt === undefined) throw new MigrateError('INTERNAL', 'The parser returned a statement without a tree.');
    convertLocations(raw.stmt, toUtf16);
    return {
      // The grammar's top level produces statements only, so the tag always ends in `Stmt`.
      node: raw.stmt as StatementNode,
      start: toUtf16(from),
      end: raw.stmt_len === undefined ? text.length : toUtf16(from + raw.stmt_len),
      terminated: raw.stmt_len !== undefined,
    };
  });
}

/** The comments of a text that parses. Comments inside string constants and quoted function bodies are not comments. */
export function readComments(source: string): readonly Comment[] {
  assertLoaded();
  if (!source.includes('--') && !source.includes('/*')) return []; // saves most of the time for large data files
  const text = withoutByteOrderMark(source);
  const plain = plainComments(text);
  if (plain !== null) return plain;
  const toUtf16 = byteToUtf16(text);
  const comments: Comment[] = [];
  // In a text that parses, a control character is white space or inside a constant, a quoted name or a comment: as a
  // blank it leaves every token where it is, and the scanner's answer becomes valid JSON.
  // eslint-disable-next-line no-control-regex -- control characters are meant
  for (const token of scanSync(text.replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f]/g, ' ')).tokens) {
    if (token.tokenName !== 'SQL_COMMENT' && token.tokenName !== 'C_COMMENT') continue;
    const kind = token.tokenName === 'SQL_COMMENT' ? 'line' : 'block';
    comments.push({ kind, start: toUtf16(token.start), end: toUtf16(token.end) });
  }
  return comments;
}

/**
 * The comments of a text in which only `'` and `"` quote, and each up to the next one: no escape by backslash, no dollar
 * quote. Null for other texts, and for one with a comment inside a comment: they are left to the scanner, whose answer
 * about every token takes half as long as the parse.
 */
function plainComments(text: string): readonly Comment[] | null {
  if (/[\\$]/.test(text)) return null;
  const comments: Comment[] = [];
  // A quote that is doubled ends one quoted piece and begins the next; comments begin wherever else their marks stand.
  for (const { 0: piece, index: start } of text.matchAll(/'[^']*'|"[^"]*"|--[^\n\r]*|\/\*[^]*?\*\//g)) {
    const end = start + piece.length;
    if (piece.startsWith('--')) comments.push({ kind: 'line', start, end });
    if (!piece.startsWith('/*')) continue;
    if (piece.includes('/*', 2)) return null;
    comments.push({ kind: 'block', start, end });
  }
  return comments;
}

/** The PL/pgSQL trees of the blocks and functions in a text; null when it is not PL/pgSQL, or none that the server takes. */
export function readPlPgSql(source: string): unknown {
  assertLoaded();
  try {
    return parsePlPgSQLSync(source);
  } catch {
    return null; // its errors have no class of their own
  }
}

/** A byte order mark would be part of the first word; as a blank it leaves every offset as it is. */
function withoutByteOrderMark(source: string): string {
  return source.startsWith('\uFEFF') ? ` ${source.slice(1)}` : source;
}

function parse(text: string, file: string | undefined): ReturnType<typeof parseSync> {
  try {
    return parseSync(text);
  } catch (error) {
    if (hasSqlDetails(error)) {
      const offset = codePointToUtf16(text, error.sqlDetails?.cursorPosition ?? 0);
      throw syntaxError(text, offset, error.message, file, error);
    }
    if (error instanceof RangeError) throw syntaxError(text, 0, 'an expression is nested too deeply', file, error);
    throw error;
  }
}

function syntaxError(source: string, offset: number, problem: string, file?: string, cause?: unknown): MigrateError {
  const { line, column } = lineAndColumn(source, offset);
  return new MigrateError(
    'SYNTAX_ERROR',
    `${positionText(source, offset, file)}: ${problem}\n${excerpt(source, offset)}`,
    {
      hint: syntaxHint(source, offset),
      details: { ...(file === undefined ? {} : { file }), line, column },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function syntaxHint(source: string, offset: number): string {
  if (source.slice(offset).trimStart().startsWith('\\')) {
    return 'Commands that begin with a backslash belong to psql, not to SQL: remove them.';
  }
  const [line = ''] = source.slice(source.lastIndexOf('\n', offset - 1) + 1).split('\n', 1);
  if (/\{\{.*\}\}|<%.*%>|\$\{.*\}/.test(line)) {
    return (
      'This looks like a template: give its values (--set name=value, or "values" in onward.config.json), or give the ' +
      'finished SQL to this program.'
    );
  }
  return 'Postgres itself would refuse this text: correct it at the caret.';
}

/** Rewrites the offsets of a tree that nobody else holds yet; `-1` stays. */
function convertLocations(tree: unknown, toUtf16: (byteOffset: number) => number): void {
  if (Array.isArray(tree)) {
    for (const item of tree) convertLocations(item, toUtf16);
    return;
  }
  if (typeof tree !== 'object' || tree === null) return;
  const fields = tree as Record<string, unknown>; // parsed JSON: an object that is not an array has string keys
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'number') {
      if (value > 0 && locationFields.has(key)) fields[key] = toUtf16(value);
    } else {
      convertLocations(value, toUtf16);
    }
  }
}

function assertLoaded(): void {
  if (!loaded) throw new MigrateError('INTERNAL', 'The parser was used before loadParser() had finished.');
}
