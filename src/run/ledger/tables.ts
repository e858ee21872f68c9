/**
 * The ledger: our tables in the database, as types for Kysely and as the statements that make them.
 *
 * What each one answers after a crash: `migration`: which plan was reviewed, and how far is it; `step`: which of its
 * steps are done (written in the step's own transaction wherever Postgres allows); the tables of the backfills
 * (backfill-tables.ts): up to which key are the rows done (written in the rows' transaction); `lease`: who may run;
 * `format`: may this version of onward read it.
 *
 * The two must say the same; test/run/ledger.server.test.ts compares them.
 */
import type { ColumnType, Generated } from 'kysely';
import type { Phase } from '../../operations/step-draft.ts';
import type { PlannedMigration } from '../../plan/plan.ts';
import type { BackfillTables } from './backfill-tables.ts';
import type { BigIntColumn, Json, NullableJson, NullableTimestamp, RecordedError, Timestamp } from './columns.ts';

export type { RecordedError } from './columns.ts';

/** Raised when an older runner would misread the tables. */
export const ledgerFormatVersion = 3;

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

export type LedgerTables = BackfillTables & {
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
};
