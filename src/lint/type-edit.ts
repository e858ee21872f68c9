/**
 * The types that a statement writes behind its columns: where they stand, and the statement with others in their place.
 * The rest keeps the person's own wording, so that a suggestion reads like what was written.
 */
import { visit } from '../sql/walk.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { Extent } from './sql-text.ts';

/** A type of one or several words, with its length; the brackets of an array stay behind it. */
const typeText =
  /^(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$\u0080-\uffff]+))*(?:\s+(?:character|char))?(?:\s+(?:varying|precision))?(?:\s*\([^)]*\))?(?:\s+with(?:out)?\s+time\s+zone)?/i;

export type TypeEdit = {
  readonly sql: string;
  /** The first type that was replaced. */
  readonly at: Extent;
};

/** The statement with another type behind each column for which `replace` gives one; null when it gives none. */
export function withTypes(
  statement: SqlStatement,
  replace: (column: string, type: string) => string | null,
): TypeEdit | null {
  const edits = typePlaces(statement).flatMap(({ column, start, end }) => {
    const text = replace(column, statement.text.slice(start - statement.start, end - statement.start));
    return text === null ? [] : [{ start, end, text }];
  });
  const [first] = edits;
  return first === undefined ? null : { sql: editedText(statement, edits), at: { start: first.start, end: first.end } };
}

type Edit = Extent & { readonly text: string };

/** The statement's text with pieces of it replaced; offsets are those of the file. */
export function editedText({ text, start: from }: SqlStatement, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start - from) + edit.text;
    at = edit.end - from;
  }
  return result + text.slice(at);
}

function typePlaces({ node, text, start: from }: SqlStatement): readonly (Extent & { readonly column: string })[] {
  const places: (Extent & { readonly column: string })[] = [];
  visit(node, (tag, _, tagged) => {
    if (tag !== 'ColumnDef' || !('ColumnDef' in tagged)) return;
    const { colname = '', typeName } = tagged.ColumnDef;
    const start = typeName?.location;
    const [written] = (start === undefined ? null : typeText.exec(text.slice(start - from))) ?? [];
    if (start !== undefined && written !== undefined)
      places.push({ column: colname, start, end: start + written.length });
  });
  return places;
}

/** Where the first column or constraint of a CREATE TABLE stands in the file; null when it has none. */
export function firstElement({ node }: SqlStatement): number | null {
  const [first] = 'CreateStmt' in node ? (node.CreateStmt.tableElts ?? []) : [];
  if (first === undefined) return null;
  if ('ColumnDef' in first) return first.ColumnDef.location ?? null;
  return 'Constraint' in first ? (first.Constraint.location ?? null) : null;
}
