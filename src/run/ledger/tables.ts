/**
 * The ledger: our tables in the database, as types for Kysely and as the statements that make them.
 *
 * What each one answers after a crash: `migration`: which plan was reviewed, and how far is it; `step`: which of its
 * steps are done (written in the step's own transaction wherever Postgres allows); `backfill`: up to which key are the
 * rows done (written in the rows' transaction); `lease`: who may run; `format`: may this version of onward read it.
 *
 * The two must say the same; test/run/ledger.server.test.ts compares them.
 */
import type { ColumnType, Generated } from 'kysely';
import type { QualifiedName } from '../../catalog/model.ts';
import type { Phase } from '../../operations/step-draft.ts';
import type { PlannedMigration } from '../../plan/plan.ts';

/** Raised when an older runner would misread the tables. */
export const ledgerFormatVersion = 1;

export const defaultLedgerSchema = 'onward';

export const migrationStatuses = [
  'expanding',
  /** Everything of expand is done, backfills are to come. */
  'expanded',
  'backfilling',
  /** Ready for contract. */
  'backfilled',
  'contracting',
  'done',
  'rolling_back',
  'rolled_back',
] as const;
export type MigrationStatus = (typeof migrationStatuses)[number];

export const stepStatuses = ['pending', 'running', 'done', 'undoing', 'undone'] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** `paused`: interrupted, goes on with the next run; `failed`: needs a person, then goes on too. */
export const backfillStatuses = ['running', 'paused', 'failed', 'done'] as const;
export type BackfillStatus = (typeof backfillStatuses)[number];

/** The last failure of a step or a backfill. Texts of the server and ours; never a URL, never a password. */
export type RecordedError = {
  readonly code: string;
  readonly sqlstate: string | null;
  readonly message: string;
  /** ISO date, by the server's clock. */
  readonly at: string;
};

/** One stretch of a backfill: a table, or one leaf of a partitioned table, with the bound frozen when it started. */
export type BackfillRange = { readonly table: QualifiedName } & (
  | {
      readonly kind: 'key';
      readonly columns: readonly string[];
      /** Each column's type as format_type spells it: keys are text, cast to these. */
      readonly types: readonly string[];
      /** The greatest key at the start; null for an empty table. */
      readonly upper: readonly string[] | null;
      /** What the job worked out once, at the start: text, cast to these types. */
      readonly once?: readonly FrozenValue[];
    }
  | {
      readonly kind: 'block';
      readonly blocks: number;
      /** A rewrite of the table (VACUUM FULL, CLUSTER) gives it another one: the range starts again. */
      readonly fileNode: string;
    }
);

export type FrozenValue = { readonly column: string; readonly type: string; readonly value: string | null };

type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** The driver gives bigint as text: counts go through BigInt or Number where they are only shown. */
type BigIntColumn = ColumnType<string, string | number | undefined, string | number>;
/** jsonb goes in as text and comes out parsed. */
type Json<T> = ColumnType<T, string, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

export type LedgerTables = {
  readonly format: {
    readonly version: number;
    readonly onward_version: string;
    readonly installed_at: Timestamp;
  };
  readonly lease: {
    readonly id: number;
    readonly token: ColumnType<string | null, string | null, string | null>;
    readonly host: string | null;
    readonly process: number | null;
    readonly application: string | null;
    readonly backend_pid: number | null;
    /** Text: a JavaScript date has no microseconds. */
    readonly backend_start: ColumnType<Date | null, string | null, string | null>;
    readonly acquired_at: NullableTimestamp;
    readonly heartbeat_at: NullableTimestamp;
  };
  readonly migration: {
    readonly name: string;
    readonly checksum: string;
    /** The order in which migrations were applied. */
    readonly position: BigIntColumn;
    readonly status: MigrationStatus;
    /** The plan as it was reviewed: contract and rollback run from it, whatever the files say by then. */
    readonly plan: Json<PlannedMigration>;
    readonly onward_version: string;
    readonly created_at: Timestamp;
    readonly expanded_at: NullableTimestamp;
    readonly backfilled_at: NullableTimestamp;
    /** When it was done, or rolled back. */
    readonly finished_at: NullableTimestamp;
  };
  readonly step: {
    readonly migration: string;
    readonly id: string;
    readonly position: number;
    readonly phase: Phase;
    readonly title: string;
    readonly status: Generated<StepStatus>;
    readonly attempts: Generated<number>;
    /** How many of its undo actions are done. */
    readonly undone_actions: Generated<number>;
    readonly started_at: NullableTimestamp;
    readonly finished_at: NullableTimestamp;
    readonly last_error: NullableJson<RecordedError>;
  };
  readonly backfill: {
    readonly migration: string;
    readonly step: string;
    /** `run`, or `undo-0`, `undo-1`… for a backfill that takes the step back. */
    readonly purpose: string;
    readonly status: BackfillStatus;
    readonly ranges: Json<readonly BackfillRange[]>;
    /** Index of the present range. */
    readonly range: Generated<number>;
    /** Last key that is done in the present range (text, one per key column), or the next block; null at its start. */
    readonly cursor: ColumnType<
      readonly string[] | null,
      readonly string[] | null | undefined,
      readonly string[] | null
    >;
    readonly sweep: Generated<number>;
    readonly rows_done: BigIntColumn;
    readonly rows_scanned: BigIntColumn;
    readonly estimate: BigIntColumn;
    readonly batch_size: number;
    /** Token of the lease under which it runs: a batch of an older runner changes nothing. */
    readonly token: ColumnType<string | null, string | null, string | null>;
    readonly started_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly finished_at: NullableTimestamp;
    readonly last_error: NullableJson<RecordedError>;
  };
};
