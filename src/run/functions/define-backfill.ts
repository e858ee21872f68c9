/**
 * A person's own backfill: a function over rows, and what the engine has to know of it. Pure: it describes, and runs
 * nothing.
 *
 * The function is called with batches of rows of one table, in the order of its key. What it does through the `db` that
 * it is given is committed together with the mark up to where the backfill came: exactly once. What it does elsewhere may
 * happen again when a batch is repeated (a crash, a lost connection, an error): at least once, with keys to tell it by.
 */
import { createHash } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { MigrateError } from '../../errors.ts';

/** A date, a time or a bigint arrives as the text that the server has: nothing of it is lost until you parse it. */
type Exact<T> = T extends Date | bigint ? string : T;

/** The columns of a table; where there is no such table, none. */
type ColumnOf<DB, T> = T extends keyof DB ? keyof DB[T] & string : never;

/** A row as the function gets it: the columns that were asked for, by the types of your database's interface. */
export type BackfillRow<DB, T, C = ColumnOf<DB, T>> = T extends keyof DB
  ? { readonly [K in C & keyof Selectable<DB[T]>]: Exact<Selectable<DB[T]>[K]> }
  : never;

export type BackfillContext<Row> = {
  /** The backfill's name. */
  readonly backfill: string;
  /** From 1; each is a stretch of the table that one worker has at a time. */
  readonly chunk: number;
  /** The keys between which the batch lies, each column as text: after the first (null: from the start), up to the second. */
  readonly span: { readonly after: readonly string[] | null; readonly upTo: readonly string[] };
  /** From 1: how often these rows were given to the function by this worker. */
  readonly attempt: number;
  /** Of exactly these rows: the backfill, its version, the chunk and the span. A batch of another size has another one. */
  readonly idempotencyKey: string;
  /** Of one row, whatever batch it is in: the better one wherever the other side takes one for each row. */
  readonly idempotencyKeyOf: (row: Row) => string;
  /** The row's key, each column as text. */
  readonly keyOf: (row: Row) => readonly string[];
  /** Leaves the row out: noted with the reason, listed by `status`, and given to the function again by `retry`. */
  readonly reject: (row: Row, reason: unknown) => void;
  /** Aborts when somebody stops the backfill, and when the batch has taken `timeoutMs`. */
  readonly signal: AbortSignal;
};

/** Its types follow from the type of the handler's `db` and from the names of the table and its columns. */
export type BackfillInput<DB, T extends string, C extends string> = {
  /** As `migrate backfill status` and the others know it; never that of a migration. */
  readonly name: string;
  /** Change it when the function does something else than before: a run that was begun by another one then says so. */
  readonly version?: string | number;
  /** The table whose rows are walked, with its schema where the search path does not find it: `users`, `app.users`. */
  readonly table: T & keyof DB;
  /** Those that the function reads; all when absent. */
  readonly columns?: readonly (C & ColumnOf<DB, NoInfer<T>>)[];
  /** Only these rows: a condition in SQL. */
  readonly where?: string;
  /** Workers of each process at most, each with a session and a batch of its own: 1 when absent. */
  readonly concurrency?: number;
  /** Rows a second that are given to the function at most, by all processes together. */
  readonly rateLimit?: number;
  /** Rows of a batch at most. By default a batch is as large as what takes a quarter of a second. */
  readonly batchSize?: number;
  /** How long one batch may take, in milliseconds: 30,000 when absent. Then it is cut in half. */
  readonly timeoutMs?: number;
  /** How often a batch is tried that throws, with growing pauses: 4 when absent. */
  readonly attempts?: number;
  /**
   * Whether the rows of the batch are locked against other writers until it is committed, so that what is worked out from
   * them is not out of date: true when absent. False where the function writes nothing of what it has read.
   */
  readonly lockRows?: boolean;
  readonly handler: (
    rows: readonly BackfillRow<DB, T, C>[],
    db: Kysely<DB>,
    context: BackfillContext<BackfillRow<DB, T, C>>,
  ) => Promise<void> | void;
};

/** A row as the engine sees it. */
export type AnyRow = Readonly<Record<string, unknown>>;
export type AnyDatabase = Readonly<Record<string, AnyRow>>;
type Handler = (
  rows: readonly AnyRow[],
  db: Kysely<AnyDatabase>,
  context: BackfillContext<AnyRow>,
) => Promise<void> | void;

/** Another copy of the library may have made it. */
const brand = 'onward.backfill';

/** What `defineBackfill` makes: for `runBackfill`, or as the default export of a file for `migrate backfill run`. */
export type BackfillDefinition = {
  readonly kind: typeof brand;
  readonly name: string;
  readonly version: string;
  /** Of what must not change while it runs. */
  readonly hash: string;
  readonly table: string;
  readonly columns: readonly string[] | null;
  readonly where: string | null;
  readonly concurrency: number;
  readonly rateLimit: number | null;
  readonly batchSize: number | null;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly lockRows: boolean;
  readonly handler: Handler;
};

const usualTimeoutMs = 30_000; // as long as its locks may be held at most
const usualAttempts = 4; // with pauses of 1, 2 and 4 s: a service that restarts is back by then
const longestName = 200;

/**
 * Describes a backfill in TypeScript. Throws BAD_USAGE.
 *
 * @example
 * ```ts
 * import { defineBackfill } from 'onward';
 * import type { Kysely } from 'kysely';
 *
 * interface Database {
 *   users: { id: string; email: string; email_hash: string | null };
 * }
 *
 * export default defineBackfill({
 *   name: 'hash-emails',
 *   table: 'users',
 *   columns: ['id', 'email'],
 *   where: 'email_hash is null',
 *   handler: async (rows, db: Kysely<Database>) => {
 *     for (const { id, email } of rows) {
 *       await db.updateTable('users').set({ email_hash: hash(email) }).where('id', '=', id).execute();
 *     }
 *   },
 * });
 *
 * declare function hash(text: string): string;
 * ```
 */
export function defineBackfill<DB, T extends string, C extends string = ColumnOf<DB, T>>(
  input: BackfillInput<DB, T, C>,
): BackfillDefinition {
  const { name, table, columns = null, where = null } = input;
  if (typeof name !== 'string' || name.trim() === '' || name.length > longestName) {
    throw wrong('name', `a text of 1 to ${longestName} characters`);
  }
  if (typeof table !== 'string' || table === '') throw wrong('table', 'the name of a table', name);
  if (columns !== null && columns.length === 0) throw wrong('columns', 'at least one column, or absent for all', name);
  if (typeof input.handler !== 'function') throw wrong('handler', 'a function', name);
  const version = String(input.version ?? '1');
  return {
    kind: brand,
    name,
    version,
    hash: hashOf([name, version, table, columns, where]),
    table,
    columns,
    where,
    concurrency: whole('concurrency', input.concurrency ?? 1, name),
    rateLimit: input.rateLimit === undefined ? null : positive('rateLimit', input.rateLimit, name),
    batchSize: input.batchSize === undefined ? null : whole('batchSize', input.batchSize, name),
    timeoutMs: positive('timeoutMs', input.timeoutMs ?? usualTimeoutMs, name),
    attempts: whole('attempts', input.attempts ?? usualAttempts, name),
    lockRows: input.lockRows ?? true,
    // The engine selects the columns that were named, so the rows are what the function says it takes.
    handler: input.handler as unknown as Handler,
  };
}

export function isBackfillDefinition(value: unknown): value is BackfillDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === brand;
}

function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function whole(option: string, value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw wrong(option, 'a whole number, 1 or more', name);
}

function positive(option: string, value: number, name: string): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw wrong(option, 'a number above 0', name);
}

function wrong(option: string, what: string, name?: string): MigrateError {
  const of = name === undefined ? '' : ` of ${name}`;
  return new MigrateError('BAD_USAGE', `defineBackfill: "${option}"${of} must be ${what}.`);
}
