/**
 * The ledger of the backfills: one row a job, one a chunk (a stretch of one table that one worker has at a time), and
 * what happened to them.
 *
 * The rows of a batch and the cursor of its chunk are committed together, so a chunk says up to where it is done however
 * its worker ended. Progress is spread over the chunks, because one row that every batch updates becomes slow; events
 * are only ever inserted. What a person wants (`desired`, the options) and what is (`status`) are different columns:
 * anybody may write the first, the runner that leads the job writes the second.
 */
import type { ColumnType, Generated } from 'kysely';
import type { BackfillRun } from '../../operations/step-draft.ts';
import type { Rung } from '../backfill/signals/ladder.ts';
import type { SignalState } from '../backfill/signals/throttle.ts';
import type { BigIntColumn, NullableJson, NullableTimestamp, RecordedError, Timestamp } from './columns.ts';

/**
 * `paused`: interrupted or paused by a person, goes on; `held`: waits for the server to recover, by itself; `failed`:
 * needs a person, then goes on too; `cancelled`: ended by a person.
 */
export const backfillStatuses = ['pending', 'running', 'paused', 'held', 'failed', 'cancelled', 'done'] as const;
export type BackfillStatus = (typeof backfillStatuses)[number];

export const backfillWishes = ['run', 'pause', 'cancel'] as const;
/** What a person wants of a job. */
export type BackfillWish = (typeof backfillWishes)[number];

/** `replaced`: its table was written anew, so that its blocks mean other rows; other chunks stand for it. */
export const chunkStatuses = ['pending', 'running', 'done', 'failed', 'replaced'] as const;
export type ChunkStatus = (typeof chunkStatuses)[number];

export const chunkKinds = ['key', 'block'] as const;
export type ChunkKind = (typeof chunkKinds)[number];

export const workerStates = ['working', 'idle', 'throttled', 'paused', 'held', 'reconnecting', 'verifying'] as const;
export type WorkerState = (typeof workerStates)[number];

/** What a job does, so that any process can take part in it. */
export type BackfillWork = {
  readonly title: string;
  readonly run: BackfillRun;
  /** As the person's own SET statements left them. */
  readonly settings: Readonly<Record<string, string>>;
  /** A person's own function does it: only who has the function can take part. */
  readonly function?: FunctionWork;
};

/** Which function, as far as a ledger can hold it. */
type FunctionWork = {
  readonly version: string;
  /** Of its name, its version, and what it reads: another one is another function. */
  readonly hash: string;
};

/** Worked out when the job began: text, cast to its type. */
export type FrozenValue = { readonly column: string; readonly type: string; readonly value: string | null };

/** How a job is run, besides what has a column of its own. */
export type BackfillOptions = {
  /** A row that cannot be changed stops the job, or is noted and left out. `stop` when absent. */
  readonly onError?: 'stop' | 'quarantine';
  /** In how many interleaved passes, where they pay. Never changed: it says which row is in which pass. One when absent. */
  readonly passes?: number;
};

/** What makes a worker wait, as it is told to people on any machine. */
export type ThrottledBy = SignalState & { readonly rung: Exclude<Rung, 'running'> };

/** A bound or a cursor: one text a key column, or the number of a block. Exact values never pass through a number. */
type Key = ColumnType<readonly string[] | null, readonly string[] | null | undefined, readonly string[] | null>;
type Texts = ColumnType<readonly string[], readonly string[], readonly string[]>;
type NullableUuid = ColumnType<string | null, string | null | undefined, string | null>;

/** Which job: a step, and which of its backfills. */
export type JobKey = {
  readonly migration: string;
  readonly step: string;
  /** `run`, or `undo-0`, `undo-1`… for a backfill that takes the step back; `function` for a person's own. */
  readonly purpose: string;
};

/** The purpose of a person's own function: its job has a name in place of a migration, and belongs to no plan. */
export const functionPurpose = 'function';

export type BackfillTables = {
  readonly backfill: JobKey & {
    readonly status: Generated<BackfillStatus>;
    readonly desired: Generated<BackfillWish>;
    /** Null only for a job of ledger format 1 with which no run has gone on yet. */
    readonly work: NullableJson<BackfillWork>;
    readonly once: ColumnType<readonly FrozenValue[], string | undefined, string>;
    readonly options: ColumnType<BackfillOptions, string | undefined, string>;
    /** At most so many workers at a time, in all processes together; null: as many as come. */
    readonly max_workers: number | null;
    /** How long a batch should take; null for the runner's own setting. */
    readonly target_ms: number | null;
    /** After each batch a pause of this many times its duration. */
    readonly nice: Generated<number>;
    /** Rows of the table when the job began, as far as the server knew. */
    readonly estimate: BigIntColumn;
    /** From 1. Another sweep has chunks of its own. */
    readonly sweep: Generated<number>;
    /** While `held`: when the job is tried again. */
    readonly hold_until: NullableTimestamp;
    readonly hold_reason: string | null;
    readonly started_at: Timestamp;
    /** Of its status or its options; each chunk has a time of its own. */
    readonly updated_at: Timestamp;
    readonly finished_at: NullableTimestamp;
    readonly last_error: NullableJson<RecordedError>;
    /** Of a function with a limit of rows a second: when the rows that were admitted by now are paid for. */
    readonly paced_until: NullableTimestamp;
    /** The step that it is of, and goes with; made by the server, null for a person's own function. */
    readonly plan_migration: ColumnType<string | null, never, never>;
    readonly plan_step: ColumnType<string | null, never, never>;
  };
  readonly backfill_chunk: JobKey & {
    /** From 1, over all sweeps; the order in which chunks are claimed. */
    readonly ordinal: number;
    readonly sweep: number;
    readonly table_schema: string;
    readonly table_name: string;
    readonly kind: ChunkKind;
    /** Of the key; empty for blocks. */
    readonly columns: Texts;
    /** Each column's type as format_type spells it. */
    readonly types: Texts;
    /** The last key before the chunk (null: from the table's start), or its first block. */
    readonly lower: Key;
    /** The chunk's last key, or the first block after it. */
    readonly upper: Texts;
    /** Of blocks: a rewrite of the table (VACUUM FULL, CLUSTER) gives it another one. */
    readonly file_node: string | null;
    /** The last key that is done, or the next block, in the present pass; null before the first batch. */
    readonly cursor: Key;
    /** Where the present window of interleaved passes begins and ends; null when there are none. */
    readonly window_from: Key;
    readonly window_to: Key;
    /** The present pass over the window, from 0. */
    readonly pass: Generated<number>;
    readonly status: Generated<ChunkStatus>;
    /** How often a worker gave it up without having finished it. */
    readonly attempts: Generated<number>;
    /** Rows in it, as far as the server knew. */
    readonly estimate: BigIntColumn;
    readonly rows_done: BigIntColumn;
    readonly rows_scanned: BigIntColumn;
    readonly batch_size: number | null;
    /** The worker that has it. */
    readonly lease_owner: NullableUuid;
    /** A batch with another token changes nothing. */
    readonly lease_token: NullableUuid;
    readonly lease_until: NullableTimestamp;
    /** Not to be claimed before this. */
    readonly not_before: NullableTimestamp;
    readonly started_at: NullableTimestamp;
    readonly updated_at: NullableTimestamp;
    readonly finished_at: NullableTimestamp;
    readonly last_error: NullableJson<RecordedError>;
  };
  readonly backfill_event: JobKey & {
    readonly position: BigIntColumn;
    readonly at: Timestamp;
    readonly ordinal: number | null;
    readonly kind: string;
    readonly detail: ColumnType<Readonly<Record<string, unknown>>, string | undefined, never>;
  };
  /** Rows that could not be changed. */
  readonly backfill_quarantine: JobKey & {
    readonly position: BigIntColumn;
    readonly ordinal: number;
    readonly table_schema: string;
    readonly table_name: string;
    readonly columns: Texts;
    readonly key: Texts;
    readonly sqlstate: string;
    readonly message: string;
    readonly at: Timestamp;
    readonly resolved_at: NullableTimestamp;
  };
  /** Who is at work; a row whose session is gone is that of a worker that died. */
  readonly backfill_worker: {
    readonly id: string;
    readonly migration: string | null;
    readonly step: string | null;
    readonly purpose: string | null;
    readonly host: string;
    readonly process: number;
    readonly backend_pid: number;
    /** Text: a JavaScript date has no microseconds. */
    readonly backend_start: ColumnType<Date | null, string | null, string | null>;
    readonly state: WorkerState;
    /** Why it does not work; null while it does. */
    readonly reason: string | null;
    readonly rows_per_second: number | null;
    readonly batch_ms: number | null;
    readonly batch_size: number | null;
    readonly started_at: Timestamp;
    readonly seen_at: Timestamp;
    /** The signal that makes it wait; null while none does. */
    readonly throttle: NullableJson<ThrottledBy>;
    readonly throttled_since: NullableTimestamp;
  };
};
