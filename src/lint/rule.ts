/**
 * What a rule is, and what it is given. A rule looks at one change at a time; it never reads files, never queries, never
 * knows another rule. If it needs to know more, the context learns it.
 */
import type { Catalog, Column, Table } from '../catalog/model.ts';
import type { Change, ChangeKind, RelationName } from '../operations/change.ts';
import type { Effects } from '../operations/effects.ts';
import type { SqlStatement } from '../sql/parse.ts';
import type { Severity, Suggestion } from './finding.ts';
import type { HeldLock } from './held-locks.ts';
import type { TimeoutSource } from './lint-file.ts';
import type { Extent } from './sql-text.ts';

export type RuleContext<C extends Change = Change> = {
  readonly change: C;
  /** Of the change as written. A table that no file mentions before is taken to exist, to be large and to be in use. */
  readonly effects: Effects;
  /** The schema before the change. */
  readonly catalog: Catalog;
  readonly statement: SqlStatement;
  /**
   * The change's command alone, in the person's own words: of `ALTER TABLE t ADD a int, ADD b int` for instance
   * `ALTER TABLE t ADD b int`. Constraints written behind a column are part of it (`change.sql` leaves them out).
   */
  readonly written: string;
  /** True when the change is a constraint written behind a column that the same command adds. */
  readonly isInline: boolean;
  /** Major version of the server the file is for. */
  readonly version: number;
  /** True when the statement shares a transaction with others, or with the tool's own bookkeeping. */
  readonly inTransaction: boolean;
  /** Who sets timeouts. Nothing need be set in the file where the runner does. */
  readonly timeouts: TimeoutSource;
  /** What SET has set in the file so far; null when nothing did, and the server's own setting holds. */
  readonly setting: (name: string) => string | null;
  /** True for a table that this file creates, or an earlier file that has not shipped: nobody uses it yet. */
  readonly isNew: (table: RelationName) => boolean;
  /** True for a column that this file adds, or an earlier file that has not shipped. */
  readonly isNewColumn: (table: RelationName, column: string) => boolean;
  /** What is known of the table; null when no file and no database has told. */
  readonly table: (name: RelationName) => Table | null;
  /** What is known of the column; null when no file and no database has told. */
  readonly column: (table: RelationName, name: string) => Column | null;
  /** The name under which the running application knows the table: it differs after a rename in the files under review. */
  readonly shippedName: (table: RelationName) => RelationName;
  /** What the transaction, or the statement, has locked before: tables in use that others cannot write, or even read. */
  readonly held: readonly HeldLock[];
  /** The first such lock that what comes after this in the same transaction takes; null when nothing does. */
  readonly nextLock: () => HeldLock | null;
  /** The changes that come before this one in the same file. */
  readonly preceding: () => readonly Change[];
  /** The changes that come after it. */
  readonly following: () => readonly Change[];
  /** The changes before it in the same transaction; outside of one, those before it in the same statement. */
  readonly sharing: () => readonly Change[];
  /** The changes after it in the same transaction; outside of one, those after it in the same statement. */
  readonly sharingAfter: () => readonly Change[];
};

/** What a rule that looks at the text of a whole statement is given. */
export type StatementContext = {
  readonly statement: SqlStatement;
  /** The schema before the statement. */
  readonly catalog: Catalog;
  /** Major version of the server the file is for. */
  readonly version: number;
};

/** A statement that does not parse. */
export type BrokenStatement = {
  /** As written, without its semicolon. */
  readonly text: string;
  /** What Postgres' parser says of it. */
  readonly complaint: string;
};

/** What a rule found; where it stands in the file is the engine's affair, unless the rule knows better. */
export type Report = {
  /** One or two full sentences that name the table. */
  readonly message: string;
  readonly instead?: Suggestion;
  /** Statements without semicolons that take the place of this change and lint clean. */
  readonly fix?: readonly string[];
  /**
   * `command` when the fix is the whole command rewritten, with the constraints that are written behind its column; they
   * are changes of their own and would else be added once more. `statement`: the whole statement, with all its commands.
   */
  readonly fixReplaces?: 'change' | 'command' | 'statement';
  /** Told only once in a file for each such text: the first one stands for what comes after it. */
  readonly once?: string;
  /** Cases that are told as one, the first one for all that have this key, with what is said of so many. */
  readonly together?: {
    readonly key: string;
    readonly ofMany: (count: number) => Pick<Report, 'message' | 'instead'>;
  };
  /** When this case is less (or more) harmful than the rule usually is. */
  readonly severity?: Severity;
  /** Offsets in the file of what it is about, when that is less than the whole command. */
  readonly at?: Extent;
};

export type RuleSet = 'recommended' | 'strict';

/** What a rule protects from. */
export type RuleGroup =
  /** Waiting: a lock that blocks reads or writes while work is done. */
  | 'locks'
  /** The application version that is still running would fail. Such rules are silent about the phase contract. */
  | 'old version'
  /** Rows that are lost or locked for long. */
  | 'data'
  /** The migration itself fails, or does not do what it says. */
  | 'correctness'
  /** A matter of taste, with reasons. */
  | 'choices';

export type Rule = {
  /** Same as the folder; `no-…` forbids, `require-…` demands, `prefer-…` advises. Never renamed. */
  readonly id: string;
  readonly severity: Severity;
  /** Strict rules are off until somebody turns them on. */
  readonly set: RuleSet;
  readonly group: RuleGroup;
  /** One sentence for tables and `--help`. */
  readonly summary: string;
  readonly kinds: readonly ChangeKind[];
  /** The severity on a table that a live database says is small; null when the size changes nothing. */
  readonly severityOnSmallTable: Severity | null;
  readonly check: (context: RuleContext) => Report | null;
  /** For a rule about the words of a statement and not about what it changes: asked once for each statement. */
  readonly checkStatement?: (context: StatementContext) => readonly Report[];
  /** For a rule that knows more of a statement that does not parse than that it does not; the first to answer counts. */
  readonly checkBroken?: (broken: BrokenStatement) => Report | null;
};
