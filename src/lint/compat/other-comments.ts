/**
 * Comments by which another linter is told to be silent, each in that linter's own form and with its own reach:
 *
 * - squawk: `-- squawk-ignore a, b` for what begins on its line or the next one, `-- squawk-ignore-file` for all of the
 *   file; also as block comments. Above a statement, it counts for all of the statement here, whose findings may begin
 *   on another line than squawk's. Names nothing, silences nothing, unless it is for the file.
 * - eugene: `-- eugene: ignore` or `-- eugene: ignore E1, E2`, above or inside a statement.
 * - pgfence: `-- pgfence-ignore`, `-- pgfence-ignore: a, b` or `-- pgfence: ignore a`, above or inside a statement; above
 *   the first one, what pgfence finds once a file is silent in all of it.
 * - strong_migrations reads Ruby; SQL has nothing of the kind.
 *
 * A name that the linter does not have never makes a comment mean more than it says.
 */
import { readComments, type Comment } from '../../sql/grammar.ts';
import { lineAndColumn } from '../../sql/offsets.ts';
import type { SqlStatement } from '../../sql/parse.ts';
import type { Finding } from '../finding.ts';
import type { TransactionMode } from '../lint-file.ts';
import type { Extent } from '../sql-text.ts';
import { ownRules } from './counterparts.ts';
import type { OtherLinter } from './rule-names.ts';

export type OtherComments = {
  readonly silences: (finding: Finding) => boolean;
  /** What a comment says that nobody understands. */
  readonly problems: readonly CommentProblem[];
  /** From a comment that says whether the file runs in a transaction. */
  readonly transactionMode: TransactionMode | null;
};

type CommentProblem = {
  readonly at: Extent;
  /** A name that the linter does not have; null when the comment as a whole says nothing. */
  readonly name: string | null;
};

type Names = readonly string[] | 'all';
/** What a comment says: whom it silences, and where; or for the transaction. */
type Said =
  | { readonly kind: 'ignore'; readonly names: Names; readonly isForFile: boolean }
  | { readonly kind: 'transaction'; readonly mode: TransactionMode };

type Silence = {
  /** Our rules. */
  readonly rules: ReadonlySet<string> | 'all';
  /** Null: the whole file. */
  readonly where: Reach | null;
};

type Point = { readonly line: number; readonly column: number };
type Reach = { readonly from: Point; readonly to: Point };

const nothing: OtherComments = { silences: () => false, problems: [], transactionMode: null };

/** Those of a file; `statements` are all of it, in order. */
export function otherComments(linter: OtherLinter, source: string, statements: readonly SqlStatement[]): OtherComments {
  const read = readers[linter];
  if (read === null || !source.toLowerCase().includes(linter)) return nothing;
  const said = commentsOf(source).flatMap((comment) => {
    const found = read(source.slice(comment.start, comment.end), comment.kind);
    return found === null ? [] : [{ comment, said: found }];
  });
  const silences: Silence[] = [];
  const problems: CommentProblem[] = [];
  let transactionMode: TransactionMode | null = null;
  for (const { comment, said: one } of said) {
    if (one.kind === 'transaction') {
      transactionMode ??= one.mode;
      continue;
    }
    if (one.names.length === 0) problems.push({ at: comment, name: null });
    for (const name of one.names === 'all' ? [] : one.names) {
      if (ownRules(linter, name) === null) problems.push({ at: comment, name });
    }
    silences.push(...silencesOf(linter, one.names, one.isForFile, comment, source, statements));
  }
  return { silences: (finding) => silences.some((silence) => covers(silence, finding)), problems, transactionMode };
}

function commentsOf(source: string): readonly Comment[] {
  try {
    return readComments(source);
  } catch {
    return []; // a text that the scanner refuses has a finding of its own
  }
}

const readers: Readonly<Record<OtherLinter, ((text: string, kind: Comment['kind']) => Said | null) | null>> = {
  squawk(text, kind) {
    const body = (kind === 'line' ? text.slice(2) : text.slice(2, -2)).trim().split('--', 1)[0]?.trimEnd() ?? '';
    if (body === 'squawk-disable-assume-in-transaction') return { kind: 'transaction', mode: 'none' };
    if (body === 'squawk-enable-assume-in-transaction') return { kind: 'transaction', mode: 'per-file' };
    const found = /^squawk-ignore(-file)?(.*)$/s.exec(body);
    if (found === null) return null;
    const [, file, rest = ''] = found;
    const isForFile = file !== undefined;
    return { kind: 'ignore', names: isForFile && rest.trim() === '' ? 'all' : listed(rest), isForFile };
  },
  eugene(text) {
    const rest = /^-- eugene: (.*)$/s.exec(text)?.[1];
    if (rest === undefined) return null;
    const [, names] = /^ignore(?:\s+(.*))?$/s.exec(rest.trim()) ?? [null, null];
    if (names === null) return { kind: 'ignore', names: [], isForFile: false };
    return { kind: 'ignore', names: names === undefined ? 'all' : listed(names), isForFile: false };
  },
  pgfence(text) {
    const found = /^--\s*(?:pgfence-ignore(?:\s*:)?|pgfence:\s*ignore(?=\s))(.*)$/is.exec(text);
    if (found === null) return null;
    const names = listed(found[1] ?? '');
    return { kind: 'ignore', names: names.length === 0 ? 'all' : names, isForFile: false };
  },
  strong_migrations: null,
};

/** Names between commas; a reason may follow. */
function listed(text: string): readonly string[] {
  const names = text.split('--', 1)[0] ?? '';
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** What pgfence looks for once in a file. */
const pgfenceOncePerFile: ReadonlySet<string> = new Set([
  'missing-lock-timeout',
  'missing-statement-timeout',
  'lock-timeout-after-dangerous-statement',
  'unclosed-transaction',
]);

function silencesOf(
  linter: OtherLinter,
  names: Names,
  isForFile: boolean,
  comment: Comment,
  source: string,
  statements: readonly SqlStatement[],
): readonly Silence[] {
  const rulesOf = (some: readonly string[]): ReadonlySet<string> =>
    new Set(some.flatMap((name) => ownRules(linter, name) ?? []));
  const rules = names === 'all' ? names : rulesOf(names);
  if (isForFile) return [{ rules, where: null }];
  const index = statements.findIndex(({ end }) => end > comment.start);
  const statement = statements[index];
  const isInside = statement !== undefined && statement.start < comment.start;
  const whole: readonly Silence[] =
    statement === undefined ? [] : [{ rules, where: reachOf(source, statement.start, statement.end) }];
  if (linter === 'squawk') {
    const { line } = lineAndColumn(source, comment.start);
    const nearby = { rules, where: { from: { line, column: 1 }, to: { line: line + 2, column: 1 } } };
    const beginsLine = /^\s*$/.test(source.slice(source.lastIndexOf('\n', comment.start - 1) + 1, comment.start));
    return !isInside && beginsLine ? [...whole, nearby] : [nearby];
  }
  const once = names === 'all' ? [] : names.filter((name) => pgfenceOncePerFile.has(name));
  return linter === 'pgfence' && index === 0 && once.length > 0
    ? [...whole, { rules: rulesOf(once), where: null }]
    : whole;
}

function reachOf(source: string, start: number, end: number): Reach {
  return { from: lineAndColumn(source, start), to: lineAndColumn(source, end) };
}

function covers({ rules, where }: Silence, { rule, line, column, endLine, endColumn }: Finding): boolean {
  // What does not parse was not looked at, by them as little as by us.
  if (rule === 'no-syntax-error' || (rules !== 'all' && !rules.has(rule))) return false;
  if (where === null) return true;
  return isBefore({ line, column }, where.to) && isBefore(where.from, { line: endLine, column: endColumn });
}

function isBefore(one: Point, other: Point): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}
