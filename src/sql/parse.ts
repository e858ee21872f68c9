/**
 * From a migration's text to its statements, each with exact text, position and directives.
 *
 * Guarantee: `source.slice(statement.start, statement.end) === statement.text`; the text begins with the statement's
 * first word and ends with its last, without semicolon and without comments around it; nothing but blanks, comments
 * and semicolons lies between two statements. A directive belongs to the statement that it stands above or inside of.
 */

import { badDirective, readDirective } from './directives.ts';
import type { Directive, PlacedDirective, SectionMarker } from './directives.ts';
import { readComments, readStatements } from './grammar.ts';
import type { Comment, SourceOptions, StatementNode } from './grammar.ts';
import { linePositions } from './offsets.ts';
import { checkSections } from './sections.ts';

export { parseExpression } from './expression.ts';
export { loadParser } from './grammar.ts';
export type { StatementNode } from './grammar.ts';

export interface SqlStatement {
  /** The tree, tagged: `{ AlterTableStmt: { … } }`. Every `location` in it is a UTF-16 offset in the source. */
  readonly node: StatementNode;
  readonly text: string;
  /** UTF-16 offsets of `text` in the source. */
  readonly start: number;
  readonly end: number;
  /** 1-based position of `start`. */
  readonly line: number;
  readonly column: number;
  readonly directives: readonly Directive[];
  /** 0-based place in the file. */
  readonly index: number;
}

export interface ParsedFile {
  readonly source: string;
  readonly file: string;
  readonly statements: readonly SqlStatement[];
  readonly sections: readonly SectionMarker[];
  /** Directives that no statement follows (or none before the next section marker). */
  readonly danglingDirectives: readonly PlacedDirective[];
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** The statements of a text. A text of blanks and comments has none. */
export function parseStatements(source: string, options: SourceOptions = {}): readonly SqlStatement[] {
  return parseSource(source, options).statements;
}

/** The statements of a migration file with its section markers. */
export function parseFile(source: string, options: { readonly file: string }): ParsedFile {
  const parsed = parseSource(source, options);
  checkSections(parsed, source, options);
  return { source, file: options.file, ...parsed };
}

function parseSource(source: string, options: SourceOptions): Omit<ParsedFile, 'source' | 'file'> {
  const raw = readStatements(source, options);
  const comments = readComments(source);
  const extents = raw.map((statement) => trim(source, statement, comments));
  const { sections, directives } = readAll(source, comments, extents, options);
  const { owned, dangling } = assign(directives, extents, sections);
  const positionOf = linePositions(source);
  const statements = raw.map(({ node }, index): SqlStatement => {
    const { start, end } = extents[index] ?? { start: 0, end: 0 };
    const text = source.slice(start, end);
    return { node, text, start, end, ...positionOf(start), directives: owned.get(index) ?? [], index };
  });
  return { statements, sections, danglingDirectives: dangling };
}

/** A statement's extent without the blanks and comments around it. */
function trim(source: string, raw: Extent, comments: readonly Comment[]): Extent {
  let { start, end } = raw;
  for (;;) {
    const from = start;
    while (start < end && isBlank(source, start)) start += 1;
    const comment = commentAt(comments, (c) => c.start - start);
    if (comment !== undefined && comment.end <= end) start = comment.end;
    if (start === from) break;
  }
  for (;;) {
    const from = end;
    while (end > start && isBlank(source, end - 1)) end -= 1;
    const comment = commentAt(comments, (c) => c.end - end);
    if (comment !== undefined && comment.start >= start) end = comment.start;
    if (end === from) break;
  }
  return { start, end };
}

/** What the server's scanner skips (and a byte order mark, which only the start of a file can have). */
function isBlank(source: string, at: number): boolean {
  return ' \t\n\r\f\v\uFEFF'.includes(source.charAt(at));
}

/** Binary search: files with thousands of comments are real. */
function commentAt(comments: readonly Comment[], compare: (comment: Comment) => number): Comment | undefined {
  let low = 0;
  let high = comments.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const comment = comments[middle];
    if (comment === undefined) return undefined;
    const order = compare(comment);
    if (order === 0) return comment;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function readAll(source: string, comments: readonly Comment[], extents: readonly Extent[], options: SourceOptions) {
  const sections: SectionMarker[] = [];
  const directives: PlacedDirective[] = [];
  for (const { kind, start, end } of comments) {
    if (kind === 'block') continue;
    const place = { ...options, source, start, end };
    const read = readDirective(place);
    if (read.kind === 'none') continue;
    const inside = extents.some((extent) => extent.start < start && start < extent.end);
    if (!inside && !/^[\s\uFEFF]*$/.test(source.slice(source.lastIndexOf('\n', start) + 1, start))) {
      // It would silently belong to the next statement, while the person means the one it stands beside.
      throw badDirective(
        place,
        'a directive stands on its own line',
        'Move it to the line above the statement it is meant for.',
      );
    }
    if (read.kind === 'directive') {
      directives.push({ directive: read.directive, start, end });
    } else if (inside) {
      throw badDirective(
        place,
        `the marker "migrate:${read.section}" stands inside a statement`,
        'Move it between two statements.',
      );
    } else {
      sections.push({ section: read.section, options: read.options, start, end, line: read.line });
    }
  }
  return { sections, directives };
}

/** Gives each directive to the statement around it or after it, unless a section marker stands between the two. */
function assign(
  directives: readonly PlacedDirective[],
  extents: readonly Extent[],
  sections: readonly SectionMarker[],
) {
  const owned = new Map<number, Directive[]>();
  const dangling: PlacedDirective[] = [];
  for (const placed of directives) {
    const index = extents.findIndex((extent) => extent.end > placed.start);
    const start = extents[index]?.start;
    if (start === undefined || sections.some((marker) => marker.start > placed.start && marker.start < start)) {
      dangling.push(placed);
    } else {
      owned.set(index, [...(owned.get(index) ?? []), placed.directive]);
    }
  }
  return { owned, dangling };
}
