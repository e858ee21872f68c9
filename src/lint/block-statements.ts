/**
 * The statements inside a block of code (DO) as statements of their own, each where it stands in the file: so that rules
 * about words look at their words, and a finding points into the block and not at all of it.
 *
 * PL/pgSQL gives the text of each statement as it is written. One whose text is not found again, or means something
 * only inside the block, is left out; findings about it point at the block.
 */
import type { Change } from '../operations/change.ts';
import type { BlockPart } from '../sql/code-block.ts';
import { parseStatements, type SqlStatement } from '../sql/parse.ts';
import { statementChanges, type DecodedStatement, type PlacedChange } from './statement-changes.ts';

export type InnerChange = { readonly decoded: DecodedStatement; readonly placed: PlacedChange };

/** Each of the changes that a block may make, with where it stands; null for one of which nobody knows. */
export function placedInside(
  block: SqlStatement,
  parts: readonly BlockPart[],
  source: string,
  changes: readonly Change[],
): readonly (InnerChange | null)[] {
  const candidates = innerStatements(block, parts, source).flatMap((decoded) =>
    decoded.changes.map((placed): InnerChange => ({ decoded, placed })),
  );
  let next = 0;
  return changes.map((change) => {
    // Branches that are not taken are passed over; a change that comes from a function is none of them.
    const at = candidates.findIndex(
      ({ placed }, index) => index >= next && placed.change.kind === change.kind && placed.change.sql === change.sql,
    );
    const found = candidates[at];
    if (found === undefined) return null;
    next = at + 1;
    return found;
  });
}

function innerStatements(
  block: SqlStatement,
  parts: readonly BlockPart[],
  source: string,
): readonly DecodedStatement[] {
  let from = block.start;
  return textsOf(parts).flatMap((text) => {
    const start = source.indexOf(text, from);
    if (start === -1 || start + text.length > block.end) return [];
    from = start + text.length;
    return decodedAt(source, start, text);
  });
}

/** In the order in which they stand. */
function textsOf(parts: readonly BlockPart[]): readonly string[] {
  return parts.flatMap((part) => {
    switch (part.kind) {
      case 'statement':
        return [part.sql];
      case 'if':
        return textsOf([...part.whenTrue, ...part.otherwise]);
      case 'attempt':
        return textsOf([...part.body, ...part.handlers.flatMap(({ actions }) => actions)]);
      case 'loop':
        return textsOf(part.body);
      default:
        return [];
    }
  });
}

/** Parsed behind as many blanks and line ends as stand before it, so that each position is the one in the file. */
function decodedAt(source: string, start: number, text: string): readonly DecodedStatement[] {
  try {
    return parseStatements(source.slice(0, start).replaceAll(/[^\n]/g, ' ') + text).map(statementChanges);
  } catch {
    return [];
  }
}
