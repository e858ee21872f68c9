/**
 * What the runner tells while it works. Nothing in `run/` prints: a reporter turns these into lines, bars or JSON.
 *
 * Events are for people and logs. Nothing may depend on receiving one: the truth is in the ledger.
 */
import type { QualifiedName } from '../catalog/model.ts';
import type { LockMode } from '../postgres/lock-mode.ts';
import type { Phase } from '../operations/step-draft.ts';
import type { ThrottleEvent } from './backfill/signals/throttle.ts';
import type { MigrationStatus } from './ledger/tables.ts';

export type Verb = 'expand' | 'backfill' | 'contract' | 'rollback';

/** A session that holds what we wait for. */
export type Blocker = {
  /** Null for a prepared transaction, which no session holds. */
  readonly pid: number | null;
  readonly user: string | null;
  readonly application: string | null;
  /** `active`, `idle in transaction`, … as pg_stat_activity tells; null when our role may not see it. */
  readonly state: string | null;
  readonly transactionAgeMs: number | null;
  readonly queryAgeMs: number | null;
  /** Shortened; the last query of a session that is idle in its transaction. */
  readonly query: string | null;
  /** Name of the prepared transaction. */
  readonly preparedTransaction: string | null;
};

/** Who runs migrations on this database at present. */
export type LeaseHolder = {
  readonly host: string;
  readonly process: number;
  readonly application: string;
  readonly backendPid: number;
  readonly acquiredAt: Date;
  readonly heartbeatAt: Date;
};

export type StepName = { readonly migration: string; readonly step: string; readonly title: string };

export type RunEvent =
  | { readonly kind: 'lease_waiting'; readonly holder: LeaseHolder; readonly waitedMs: number; readonly waitMs: number }
  | { readonly kind: 'lease_taken_over'; readonly holder: LeaseHolder }
  | { readonly kind: 'migration_started'; readonly migration: string; readonly verb: Verb; readonly resumed: boolean }
  | { readonly kind: 'migration_status'; readonly migration: string; readonly status: MigrationStatus }
  | { readonly kind: 'migration_applied'; readonly migration: string; readonly number: number; readonly count: number }
  | (StepName & {
      readonly kind: 'step_started';
      readonly phase: Phase;
      readonly undo: boolean;
      readonly resumed: boolean;
      /** Position among the steps of its phase, from 1, and their number. */
      readonly number: number;
      readonly count: number;
    })
  | (StepName & {
      readonly kind: 'step_finished';
      readonly phase: Phase;
      readonly undo: boolean;
      readonly durationMs: number;
    })
  | (StepName & {
      readonly kind: 'step_failed';
      readonly phase: Phase;
      readonly undo: boolean;
      readonly message: string;
    })
  /** An earlier run had done it, but did not live to write that down. */
  | (StepName & { readonly kind: 'step_already_done' })
  | (StepName & {
      readonly kind: 'lock_waiting';
      /** Null when a statement waited for something that the plan did not foresee. */
      readonly table: QualifiedName | null;
      readonly mode: LockMode | null;
      readonly attempt: number;
      /** For how long the try stood in the queue; 0 for a try that did not queue at all. */
      readonly lockTimeoutMs: number;
      readonly waitedMs: number;
      /** Null: it goes on waiting for as long as it takes. */
      readonly budgetMs: number | null;
      readonly nextTryInMs: number;
      readonly blockers: readonly Blocker[];
    })
  /** A session that was in the way for too long was ended, because that was asked for; or why it was not. */
  | (StepName & {
      readonly kind: 'blocker_terminated';
      readonly blocker: Blocker;
      readonly inTheWayForMs: number;
      readonly spared: 'prepared_transaction' | 'not_an_ordinary_client' | 'not_permitted' | null;
    })
  /** A deadlock or a serialization failure ended the try; the transaction is tried again. */
  | (StepName & {
      readonly kind: 'step_retried';
      readonly sqlstate: string;
      readonly attempt: number;
      readonly nextTryInMs: number;
    })
  | (StepName & {
      readonly kind: 'statement_waiting';
      readonly waitedMs: number;
      readonly blockers: readonly Blocker[];
    })
  | (StepName & {
      readonly kind: 'index_progress';
      /** As pg_stat_progress_create_index names it: `building index`, `waiting for old snapshots`, … */
      readonly phase: string;
      /** Of the present phase, 0…100; null when the phase has no measure. */
      readonly percent: number | null;
      readonly blockers: readonly Blocker[];
    })
  | (StepName & { readonly kind: 'index_healed'; readonly index: QualifiedName })
  | (StepName & { readonly kind: 'gate_passed' })
  | (StepName & { readonly kind: 'backfill_progress' } & BackfillProgress)
  | (StepName & { readonly kind: 'backfill_retried'; readonly sqlstate: string; readonly batchSize: number })
  /** It pauses because of a signal, goes on again, or cannot see one. */
  | (StepName & ThrottleEvent)
  /** Somebody paused it; nothing runs until somebody resumes it. */
  | (StepName & { readonly kind: 'backfill_paused' })
  | (StepName & { readonly kind: 'backfill_resumed' })
  /** The server has run out of something: it is tried again after `probeMs`. */
  | (StepName & { readonly kind: 'backfill_held'; readonly reason: string; readonly probeMs: number })
  /** A row could not be changed; it was noted, and the job goes on. */
  | (StepName & {
      readonly kind: 'backfill_quarantined';
      readonly table: QualifiedName;
      /** `id = 7`. */
      readonly key: string;
      readonly message: string;
    })
  /** How many sessions of this process are at work on it. */
  | (StepName & { readonly kind: 'backfill_workers'; readonly workers: number })
  /** Of every batch: for traces and metrics, not for people. */
  | (StepName & {
      readonly kind: 'backfill_batch';
      readonly rows: number;
      readonly changed: number;
      readonly ms: number;
    })
  /** A webhook was given up. */
  | { readonly kind: 'notify_failed'; readonly host: string; readonly type: string; readonly message: string }
  /** The connection was lost; it is made anew. */
  | { readonly kind: 'reconnecting'; readonly message: string; readonly nextTryInMs: number }
  | (StepName & { readonly kind: 'backfill_swept'; readonly sweep: number; readonly rowsLeft: string });

export type BackfillProgress = {
  /** Rows changed so far. */
  readonly rowsDone: number;
  /** Rows looked at so far (the table's rows up to the cursor), of which only those that need it are changed. */
  readonly rowsScanned: number;
  /** Rows of the table when the backfill started, as far as the server knew. */
  readonly estimate: number;
  /** 0…100; never goes back, and is 100 only at the end. */
  readonly percent: number;
  /** Rows looked at per second, over the last seconds. */
  readonly rowsPerSecond: number;
  readonly etaSeconds: number | null;
  readonly batchSize: number;
};

export type OnEvent = (event: RunEvent) => void;
