/**
 * Fixes: text that takes the place of a whole statement, and putting them into a file.
 *
 * Guarantee: a fix parses. What the rule does not speak of (the other commands of an ALTER TABLE) stays, in the order in
 * which Postgres would have carried it out. Whether it lints clean is for the rule's tests.
 */
import { parseStatements } from '../sql/parse.ts';
import type { Finding, Fix } from './finding.ts';
import type { DecodedPart, DecodedStatement, PlacedChange } from './statement-changes.ts';

/** Statements without semicolons, and what they take the place of. */
export type Replacement = {
  readonly statements: readonly string[];
  /** `command`: also of the constraints written behind the column, which are changes of their own; `statement`: of all. */
  readonly replaces: 'change' | 'command' | 'statement';
};

/** The fix of a statement in which one change is replaced; null when the result does not parse. */
export function composeFix(
  decoded: DecodedStatement,
  placed: PlacedChange,
  replacement: Replacement,
  source: string,
): Fix | null {
  const { start, end } = decoded.statement;
  const before = source.slice(source.lastIndexOf('\n', start - 1) + 1, start);
  const indent = before.trim() === '' ? before : '';
  const statements =
    replacement.replaces === 'statement'
      ? replacement.statements
      : (inPlace(decoded, placed, replacement) ?? apart(decoded, placed, replacement));
  const sql = statements.join(`;\n${indent}`);
  return parses(statements, decoded.statement.text) ? { start, end, sql } : null;
}

/** One command in the place of the command, and what else it takes behind: the statement stays laid out as it is. */
function inPlace(decoded: DecodedStatement, placed: PlacedChange, replacement: Replacement): readonly string[] | null {
  const { statement, parts, prefix } = decoded;
  const [first, ...rest] = replacement.statements;
  const part = parts[placed.part];
  if (part === undefined || prefix === null || first === undefined || !first.startsWith(prefix)) return null;
  if (keptBeside(decoded, placed, replacement).length > 1) return null;
  const { start, end } = part.extent;
  const { text } = statement;
  const before = text.slice(0, start - statement.start);
  return [before + first.slice(prefix.length) + text.slice(end - statement.start), ...rest];
}

/** What comes before, the replacement, and what comes after, each as statements of their own. */
function apart(decoded: DecodedStatement, placed: PlacedChange, replacement: Replacement): readonly string[] {
  const { parts } = decoded;
  return [
    ...together(decoded, parts.slice(0, placed.part)),
    ...keptBeside(decoded, placed, replacement).flatMap((each) =>
      each === placed ? replacement.statements : [each.change.sql],
    ),
    ...together(decoded, parts.slice(placed.part + 1)),
  ];
}

/** The changes of the same command that stay, this one among them. */
function keptBeside(
  { changes }: DecodedStatement,
  placed: PlacedChange,
  { replaces }: Replacement,
): readonly PlacedChange[] {
  if (replaces === 'command') return [placed];
  return changes.filter((other) => other.part === placed.part);
}

function together({ prefix }: DecodedStatement, parts: readonly DecodedPart[]): readonly string[] {
  if (parts.length <= 1 || prefix === null) return parts.map(({ written }) => written);
  return [prefix + parts.map(({ written }) => written.slice(prefix.length)).join(', ')];
}

const mostParsed = 200; // texts of a line or so: what fixes put before a statement is the same for many

const parsed = new Set<string>();

/** Whether they parse one behind the other. The statement that is being fixed has been parsed. */
function parses(statements: readonly string[], own: string): boolean {
  // Behind a comment the next statement might not be one any more.
  const areApart = statements.every((text) => text === own || !/--|\/\*/.test(text));
  const texts = areApart ? statements.filter((text) => text !== own) : [statements.join(';\n')];
  return texts.every((text) => {
    if (parsed.has(text)) return true;
    if (!isParsed(text)) return false;
    if (parsed.size >= mostParsed) parsed.clear();
    parsed.add(text);
    return true;
  });
}

function isParsed(sql: string): boolean {
  try {
    return parseStatements(sql).length > 0;
  } catch {
    return false;
  }
}

/**
 * The source with the fixes of these findings in it. A statement with several fixes gets the first one: linting the
 * result again tells whether the others are still needed.
 */
export function applyFixes(
  source: string,
  findings: readonly Finding[],
): { readonly source: string; readonly fixed: readonly Finding[] } {
  const fixed = fixedTogether(findings);
  let result = '';
  let at = 0;
  for (const { fix } of fixed) {
    result += source.slice(at, fix.start) + fix.sql;
    at = fix.end;
  }
  return { source: result + source.slice(at), fixed };
}

type FixableFinding = Finding & { readonly fix: Fix };

/** The findings whose fixes can be made at once, by position: of those of one statement the first. */
export function fixedTogether(findings: readonly Finding[]): readonly FixableFinding[] {
  const fixable = findings.filter((finding): finding is FixableFinding => finding.fix !== null);
  let at = 0;
  return fixable
    .toSorted((a, b) => a.fix.start - b.fix.start)
    .filter(({ fix }) => {
      const isFree = fix.start >= at;
      if (isFree) at = fix.end;
      return isFree;
    });
}
