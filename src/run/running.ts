/** What every verb that changes a database takes, and the runner that is made of it. */
import type { ThrottleOptions } from './backfill/signals/throttle.ts';
import type { DatabaseOptions } from './reading.ts';
import type { OnEvent } from './run-event.ts';
import type { Runner, RunnerOptions } from './runner.ts';
import type { ReconnectBudget } from './reconnect.ts';
import type { NotifyOptions } from './telling/webhooks.ts';
import type { VerbResult } from './verbs/result.ts';

export type RunOptions = DatabaseOptions & {
  readonly onEvent?: OnEvent;
  /** Aborting it finishes or cancels the running statement, records, and throws INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** How long to wait for another runner that is at work. */
  readonly waitForRunnerMs?: number;
  /** How hard a step tries to get its locks. */
  readonly locks?: NonNullable<RunnerOptions['locks']>;
  readonly backfills?: NonNullable<RunnerOptions['backfill']>;
  /** What makes a backfill slow down, pause and hold. */
  readonly throttle?: ThrottleOptions;
  /** Webhooks on what happens to migrations and backfills. */
  readonly notify?: NotifyOptions;
};

export async function running<T>(options: RunOptions, work: (runner: Runner) => Promise<T>): Promise<T> {
  const { withRunner } = await import('./runner.ts');
  const { tellingOutside } = await import('./telling/tell-outside.ts');
  return tellingOutside(options, (told) => withRunner(runnerOptions(told), work));
}

/** A verb that goes on by itself when its connection is lost, for so long. */
export async function runningVerb(
  options: RunOptions,
  work: (runner: Runner) => Promise<VerbResult>,
  budget: ReconnectBudget = 'verb',
): Promise<VerbResult> {
  const { reconnecting } = await import('./reconnect.ts');
  const { tellingOutside } = await import('./telling/tell-outside.ts');
  return tellingOutside(options, (told) => reconnecting(runnerOptions(told), budget, work));
}

export function runnerOptions(options: RunOptions): RunnerOptions {
  const { databaseUrl, schema, applicationName, onEvent, signal, waitForRunnerMs, locks, backfills, throttle } =
    options;
  const given = {
    schema,
    applicationName,
    onEvent,
    signal,
    waitForLeaseMs: waitForRunnerMs,
    locks,
    backfill: backfills,
    throttle,
  };
  return { url: databaseUrl, ...withoutUndefined(given) };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** An option that is undefined is one that was not given. */
export function withoutUndefined<T extends object>(options: T): Defined<T> {
  // Every entry that is left has its own key and type, without undefined.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
}
