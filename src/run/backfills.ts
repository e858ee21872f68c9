/** The library's functions that work on backfills, besides `backfill` itself. */
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
