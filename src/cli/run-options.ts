/** The settings of one call as options of the library. What was not set is left out: the engine has its own defaults. */
import type { PlanningOptions, RunOptions } from '../index.ts';
import type { Call } from './call.ts';
import { lockFlags } from './lock-options.ts';
import type { Progress } from './progress.ts';

const smallTableBytes = 1_048_576; // a table of few rows may still be large; a megabyte is read in a few milliseconds

export function runOptions(call: Call, databaseUrl: string, progress: Progress): RunOptions {
  const { schema, waitForRunnerMs, lockTimeoutMs, lockBudgetMs, batchTargetMs, backfill } = call.config;
  return {
    databaseUrl,
    schema,
    onEvent: progress.onEvent,
    signal: call.signal,
    ...notifyOptions(call),
    ...(waitForRunnerMs === null ? {} : { waitForRunnerMs }),
    locks: {
      ...(lockTimeoutMs === null ? {} : { lastTimeoutMs: lockTimeoutMs }),
      ...(lockBudgetMs === null ? {} : { budgetMs: lockBudgetMs }),
      ...lockFlags(call),
    },
    backfills: batchTargetMs === null ? {} : { targetMs: batchTargetMs },
    throttle: {
      ...(backfill.signals === undefined ? {} : { signals: backfill.signals }),
      ...(backfill.nice === undefined ? {} : { ladder: { nice: backfill.nice } }),
    },
  };
}

function notifyOptions({ config, flags, terminal }: Call): Pick<RunOptions, 'notify'> {
  const urls = flags.notify === undefined ? config.notify : [flags.notify];
  if (urls.length === 0) return {};
  return { notify: { urls, secret: terminal.env['ONWARD_NOTIFY_SECRET'] ?? config.notifySecret ?? '' } };
}

export function planningOptions(call: Call): PlanningOptions {
  const { smallTableRows } = call.config;
  if (smallTableRows === null) return {};
  return { smallTable: smallTableRows === 0 ? null : { rows: smallTableRows, bytes: smallTableBytes } };
}
