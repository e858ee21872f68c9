/** The library's functions that work on backfills, besides `backfill` itself. */
import { MigrateError } from '../errors.ts';
import { isBackfillDefinition, type BackfillDefinition } from './functions/define-backfill.ts';
import type { BackfillResult, FunctionRun } from './functions/run-function.ts';
import { runnerOptions, runningVerb, type RunOptions } from './running.ts';
import type { WorkersOptions } from './verbs/backfill-workers.ts';
import type { VerbResult } from './verbs/result.ts';
import type { Names } from './verbs/selection.ts';

/**
 * Tries the rows that could not be changed again, once a person has corrected them, and finishes the backfill.
 *
 * @example
 * ```ts
 * import { retryBackfill } from 'onward';
 *
 * const { error } = await retryBackfill({ databaseUrl: 'postgres://localhost/shop' });
 * if (error !== null) throw error;
 * ```
 */
export async function retryBackfill(options: RunOptions & Names): Promise<VerbResult> {
  const { backfillMigrations } = await import('./verbs/backfill.ts');
  const backfills = { ...options.backfills, retry: true };
  return runningVerb({ ...options, backfills }, (runner) => backfillMigrations(runner, options), 'backfill');
}

/**
 * Takes part in the backfills that another process leads, until there is nothing left to do or the signal aborts.
 *
 * @example
 * ```ts
 * import { workOnBackfills } from 'onward';
 *
 * await workOnBackfills({ databaseUrl: 'postgres://localhost/shop', backfills: { workers: 2 } });
 * ```
 */
export async function workOnBackfills(
  options: RunOptions & Names & Partial<Pick<WorkersOptions, 'until'>>,
): Promise<void> {
  const workers = await import('./verbs/backfill-workers.ts');
  const { names, until = 'idle' } = options;
  const { tellingOutside } = await import('./telling/tell-outside.ts');
  await tellingOutside(options, (told) =>
    workers.workOnBackfills({ ...runnerOptions(told), until, ...(names === undefined ? {} : { names }) }),
  );
}

/**
 * Runs a backfill of your own in TypeScript, and takes part in it where another process has begun it: in batches, with
 * everything else that a backfill of a migration has. Nothing is printed; what stopped it is in the result.
 *
 * Throws BAD_USAGE, PLAN_STALE when another version of the function has begun it, and what an interruption throws.
 *
 * @example
 * ```ts
 * import { defineBackfill, runBackfill } from 'onward';
 * import type { Kysely } from 'kysely';
 *
 * interface Database {
 *   orders: { id: string; placed_at: Date; total: string };
 * }
 *
 * const totals = defineBackfill({
 *   name: 'order-totals',
 *   table: 'orders',
 *   columns: ['id'],
 *   concurrency: 4,
 *   rateLimit: 50,
 *   handler: async (rows, db: Kysely<Database>, context) => {
 *     for (const row of rows) {
 *       const response = await fetch(`https://shop.example.com/orders/${row.id}`, { signal: context.signal });
 *       if (!response.ok) {
 *         context.reject(row, `the shop says ${response.status}`);
 *         continue;
 *       }
 *       await db.updateTable('orders').set({ total: await response.text() }).where('id', '=', row.id).execute();
 *     }
 *   },
 * });
 *
 * const { error, rowsDone } = await runBackfill(totals, { databaseUrl: 'postgres://localhost/shop' });
 * if (error !== null) throw error;
 * console.log(rowsDone);
 * ```
 */
export async function runBackfill(
  definition: BackfillDefinition,
  options: RunOptions & FunctionRun,
): Promise<BackfillResult> {
  if (!isBackfillDefinition(definition)) {
    throw new MigrateError('BAD_USAGE', 'runBackfill takes what defineBackfill makes.', {
      hint: "Write: runBackfill(defineBackfill({ name: '…', table: '…', handler: async (rows, db) => {} }), { databaseUrl })",
    });
  }
  const { runFunction } = await import('./functions/run-function.ts');
  const { tellingOutside } = await import('./telling/tell-outside.ts');
  const { newVersion = 'refuse', join = false } = options;
  return tellingOutside(options, (told) => runFunction(definition, { ...runnerOptions(told), newVersion, join }));
}
