/** What columns of the ledger are to Kysely: how they are read, inserted and updated. */
import type { ColumnType } from 'kysely';

export type Timestamp = ColumnType<Date, Date | string | undefined, Date | string>;
export type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** The driver gives bigint as text: counts go through BigInt or Number where they are only shown. */
export type BigIntColumn = ColumnType<string, string | number | undefined, string | number>;
/** jsonb goes in as text and comes out parsed. */
export type Json<T> = ColumnType<T, string, string>;
export type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

/** The last failure of a step or a backfill. Texts of the server and ours; never a URL, never a password. */
export type RecordedError = {
  readonly code: string;
  readonly sqlstate: string | null;
  readonly message: string;
  /** ISO date, by the server's clock. */
  readonly at: string;
};
