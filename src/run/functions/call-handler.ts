/** Calls a person's function with the rows of a batch, for as long as a batch may take, and collects what it leaves out. */
import { createHash } from 'node:crypto';
import { MigrateError } from '../../errors.ts';
import { sqlstate } from '../../postgres/sqlstate.ts';
import type { Held } from '../backfill/chunk-lease.ts';
import type { Stretch } from '../backfill/stretches.ts';
import type { Worker } from '../backfill/workplace.ts';
import type { AnyRow, BackfillContext, BackfillDefinition } from './define-backfill.ts';
import type { HandlerDatabase } from './handler-database.ts';

/** The function threw something that is no error of the database. */
export class HandlerFailure extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super(reason instanceof Error ? reason.message : String(reason));
    this.reason = reason;
  }
}

/** As the server says it of a statement: the next batch is half as large. */
class HandlerTimeout extends Error {
  readonly code = sqlstate.queryCanceled;
}

export type Call = {
  readonly definition: BackfillDefinition;
  readonly attempt: number;
  readonly rows: readonly AnyRow[];
  readonly keys: ReadonlyMap<AnyRow, readonly string[]>;
  readonly database: HandlerDatabase;
};

/** Answers with the rows that were left out, and why. */
export async function callHandler(
  { clock, signal, key }: Pick<Worker, 'clock' | 'signal' | 'key'>,
  { chunk }: Pick<Held, 'chunk'>,
  stretch: Pick<Stretch, 'span' | 'cursor'>,
  { definition, attempt, rows, keys, database }: Call,
): Promise<ReadonlyMap<AnyRow, unknown>> {
  const rejected = new Map<AnyRow, unknown>();
  if (rows.length === 0) return rejected;
  const keyOf = (row: AnyRow): readonly string[] => {
    const found = keys.get(row);
    if (found !== undefined) return found;
    throw new MigrateError(
      'BAD_USAGE',
      `${definition.name}: that is not one of the rows that the function was given.`,
      {
        hint: 'Pass the row itself, and not a copy of it.',
      },
    );
  };
  const { after, upTo } = 'upTo' in stretch.span ? stretch.span : { after: null, upTo: stretch.cursor };
  const tooLong = new AbortController();
  const ended = new AbortController();
  const aborts = AbortSignal.any([signal, tooLong.signal]);
  const context: BackfillContext<AnyRow> = {
    backfill: key.migration,
    chunk: chunk.ordinal,
    span: { after, upTo },
    attempt,
    idempotencyKey: fingerprint([definition.hash, chunk.ordinal, after, upTo]),
    idempotencyKeyOf: (row) => fingerprint([definition.hash, keyOf(row)]),
    keyOf,
    reject: (row, reason) => {
      keyOf(row);
      rejected.set(row, reason);
    },
    signal: aborts,
  };
  const timeout = clock.sleep(definition.timeoutMs, ended.signal).then(() => {
    if (ended.signal.aborted) return;
    const error = new HandlerTimeout(`the function took longer than ${definition.timeoutMs} ms (timeoutMs)`);
    tooLong.abort(error);
    throw error;
  });
  try {
    const work = Promise.resolve(definition.handler(rows, database.db, context));
    await Promise.race([work, timeout]);
  } catch (error) {
    if (error instanceof HandlerTimeout || tooLong.signal.aborted) throw tooLong.signal.reason;
    throw database.isOurs(error) ? error : new HandlerFailure(error);
  } finally {
    ended.abort();
  }
  return rejected;
}

function fingerprint(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
