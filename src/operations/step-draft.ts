/**
 * What an operation hands to the planner: the steps of one change, without ids, locks and timeouts, which the planner
 * derives from the statements themselves (so that a claim about locks has one source, `effects`).
 */
import type { QualifiedName } from '../catalog/model.ts';

export type Phase = 'expand' | 'backfill' | 'contract';

/** How a step that cannot share a transaction with its ledger row finds out what an earlier try left behind. */
export type Probe =
  /** Done when the index exists and is valid; an invalid leftover is dropped concurrently and built anew. */
  | { readonly kind: 'index_valid'; readonly table: QualifiedName; readonly index: string }
  /** Done when no such index exists. */
  | { readonly kind: 'index_absent'; readonly index: QualifiedName }
  /** REINDEX CONCURRENTLY: a try that was cut off left invalid indexes on these tables; it is done when there are none. */
  | { readonly kind: 'no_invalid_rest'; readonly tables: readonly QualifiedName[] }
  /** DETACH PARTITION CONCURRENTLY: a try that was cut off left the partition half detached, to be finalized. */
  | { readonly kind: 'partition_detached'; readonly parent: QualifiedName; readonly partition: QualifiedName };

export type SqlRun = {
  readonly kind: 'sql';
  /** Statements without semicolons. */
  readonly statements: readonly string[];
  /** False for CREATE INDEX CONCURRENTLY and the like: exactly one statement, and a probe where one is possible. */
  readonly transaction: boolean;
  readonly probe: Probe | null;
};

/**
 * A batched UPDATE, DELETE or INSERT … SELECT. Expressions are SQL text over the table's own columns (alias: `alias`,
 * else the table's name). Exactly once per row: the cursor moves in the transaction of the rows.
 */
export type BackfillRun = {
  readonly kind: 'backfill';
  /** Whose rows are walked: those that change, or those that an INSERT reads. */
  readonly table: QualifiedName;
  readonly alias: string | null;
  readonly command: 'update' | 'delete' | 'insert';
  readonly set: readonly { readonly column: string; readonly expression: string }[];
  /** Which rows the person's statement means; null for all. */
  readonly where: string | null;
  /** Only rows that are not yet right (idempotence): `b IS DISTINCT FROM a`; null when each row must be updated exactly once. */
  readonly guard: string | null;
  /** Rows matching this must be zero before the job says done; null when the expression cannot be checked afterwards. */
  readonly verify: string | null;
  /** From `migrate:batch`. */
  readonly batchSize: number | null;
  readonly pauseMs: number | null;
  /** What an UPDATE or DELETE reads beside its table; left out where it reads nothing else. */
  readonly beside?: {
    /** The items of FROM or USING. */
    readonly from: readonly string[];
    /** The queries of WITH: `name AS (SELECT …)`. */
    readonly with: readonly string[];
  };
  /** Worked out when the job begins, and read as columns of `onward_once`; left out where there is nothing of the kind. */
  readonly once?: readonly { readonly column: string; readonly query: string }[];
  /** Of an INSERT only. */
  readonly insert?: {
    readonly into: QualifiedName;
    /** The statement as the person wrote it. */
    readonly statement: string;
    /** The same, reading `onward_rows` in place of the table: the rows of a batch. */
    readonly ofBatch: string;
    /** The columns of `onward_rows`. */
    readonly columns: readonly string[];
  };
};

/** Rows that must not exist before the phase goes on. */
export type GateRun = {
  readonly kind: 'gate';
  /** The rows in words, with a plural verb: `rows of users have no email`. */
  readonly what: string;
  /** `SELECT count(*) …` of the rows that must not exist. */
  readonly countSql: string;
  /** Selects up to five sample keys, one column per key column. */
  readonly sampleSql: string;
  /** What the person can do about it. */
  readonly hint: string;
};

export type StepRun = SqlRun | BackfillRun | GateRun;

export type UndoAction = SqlRun | BackfillRun;

export type Undo =
  /** Nothing to take back (a gate, a backfill of a column that an earlier step's undo drops). */
  | { readonly kind: 'nothing' }
  /** Run in this order. Each is idempotent or transactional. */
  | { readonly kind: 'actions'; readonly actions: readonly UndoAction[] }
  | { readonly kind: 'impossible'; readonly reason: string };

export type StepDraft = {
  readonly phase: Phase;
  /** Imperative, with the user's names: `Add column users.phone`. */
  readonly title: string;
  readonly run: StepRun;
  readonly undo: Undo;
  readonly notes: readonly string[];
  /**
   * Why the step may do more than the planner allows itself. `inherent`: the statement means just this to the old version,
   * and nothing would do less; `small table`: what waits for it waits for milliseconds.
   */
  readonly exemption?: 'inherent' | 'small table';
  /** It puts columns that were prepared in the places of others, or makes way for that in the same transaction. */
  readonly swaps?: 'columns' | 'makes way';
};

export function transactional(...statements: readonly string[]): SqlRun {
  return { kind: 'sql', statements, transaction: true, probe: null };
}

export function outsideTransaction(statement: string, probe: Probe | null): SqlRun {
  return { kind: 'sql', statements: [statement], transaction: false, probe };
}

export const nothingToUndo: Undo = { kind: 'nothing' };

export function undoBy(...actions: readonly UndoAction[]): Undo {
  return { kind: 'actions', actions };
}

export function cannotUndo(reason: string): Undo {
  return { kind: 'impossible', reason };
}
