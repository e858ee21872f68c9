/**
 * A statement with its changes, each with the words that make it: an ALTER TABLE with five commands gives five changes,
 * each with its own place in the file, so that a finding points at the command and not at the statement.
 *
 * Where the commands stand is found by cutting the text at its commas. Should that disagree with the parse tree in how
 * many there are, every change gets the whole statement's place, which is never wrong.
 */
import type { Change } from '../operations/change.ts';
import { decodeStatement } from '../operations/index.ts';
import { statementParts, type StatementPart } from '../operations/decode/statement-parts.ts';
import type { SqlStatement } from '../sql/parse.ts';
import { commaSeparated, withoutSurroundings, type Extent } from './sql-text.ts';

export type PlacedChange = {
  readonly change: Change;
  /** Index of the part it comes from; a column with an inline constraint is one part with two changes. */
  readonly part: number;
  /** True when an earlier change of the same part adds the column it stands behind. */
  readonly isInline: boolean;
};

export type DecodedPart = {
  /** Offsets in the file. */
  readonly extent: Extent;
  /** The part as a statement of its own, in the person's words. */
  readonly written: string;
};

export type DecodedStatement = {
  readonly statement: SqlStatement;
  /** `ALTER TABLE t `, with which every `written` begins; null for a statement that is one part. */
  readonly prefix: string | null;
  /** In the order in which Postgres carries them out. */
  readonly parts: readonly DecodedPart[];
  readonly changes: readonly PlacedChange[];
};

export function statementChanges(statement: SqlStatement): DecodedStatement {
  const parts = statementParts(statement);
  const commands = parts.length === 1 ? null : commandTexts(statement, parts.length);
  return {
    statement,
    prefix: commands?.prefix ?? null,
    parts: parts.map((part) => decodedPart(part, statement, commands)),
    changes: parts.flatMap((part, index) =>
      decodeStatement({ ...statement, node: part.node, text: part.sql }).map((change, position) => ({
        change,
        part: index,
        isInline: position > 0,
      })),
    ),
  };
}

type Commands = { readonly prefix: string; readonly extents: readonly Extent[] };

function decodedPart(part: StatementPart, statement: SqlStatement, commands: Commands | null): DecodedPart {
  const whole = { start: statement.start, end: statement.end };
  if (commands === null) return { extent: whole, written: part.sql };
  const extent = commands.extents[writtenPosition(part, statement)];
  if (extent === undefined) return { extent: whole, written: part.sql };
  const text = statement.text.slice(extent.start - statement.start, extent.end - statement.start);
  return { extent, written: `${commands.prefix}${text}` };
}

/** Parts come in the order in which Postgres works; this is the place of one as written. */
function writtenPosition(part: StatementPart, statement: SqlStatement): number {
  if (!('AlterTableStmt' in part.node) || !('AlterTableStmt' in statement.node)) return -1;
  const [command] = part.node.AlterTableStmt.cmds ?? [];
  return command === undefined ? -1 : (statement.node.AlterTableStmt.cmds ?? []).indexOf(command);
}

/** `ALTER TABLE t ` and the places of the commands behind it; null when the text is not understood. */
function commandTexts(statement: SqlStatement, count: number): Commands | null {
  if (!('AlterTableStmt' in statement.node)) return null;
  const nameStart = (statement.node.AlterTableStmt.relation?.location ?? 0) - statement.start;
  if (nameStart <= 0) return null;
  const name =
    /^(?:[\w$\u0080-\uffff]+|"(?:[^"]|"")*")(?:\s*\.\s*(?:[\w$\u0080-\uffff]+|"(?:[^"]|"")*"))*(?:\s*\*)?/.exec(
      statement.text.slice(nameStart),
    );
  if (name === null) return null;
  const behind = nameStart + name[0].length;
  const pieces = commaSeparated(statement.text.slice(behind));
  if (pieces.length !== count) return null;
  const extents = pieces.map(({ start, end }) => {
    const inner = withoutSurroundings(statement.text, { start: start + behind, end: end + behind });
    return { start: inner.start + statement.start, end: inner.end + statement.start };
  });
  return { prefix: `${statement.text.slice(0, behind)} `, extents };
}
