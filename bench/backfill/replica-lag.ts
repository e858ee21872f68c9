/** (d) How long the backfill still runs once a standby is further behind than it may be (2 s by default). */
import { defaultReplicaLag } from '../../src/run/backfill/signals/replica-lag.ts';
import { isInterruption } from '../../src/run/interruption.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { startOwnServer } from '../../test/support/own-server.ts';
import { startStandby } from '../../test/support/standby.ts';
import { median } from './figures.ts';
import { makeTable, prepareBackfill, runBackfill } from './made-tables.ts';

export type ReplicaLag = {
  readonly limitMs: number;
  /** From the moment that replay stood still to the pause, without the limit. */
  readonly pauseAfterMs: number;
  /** From the moment that replay went on. */
  readonly resumeAfterMs: number;
};

const rows = 300_000;
const gentle = { largestBatchSize: 200, passes: 1 }; // so that it is still at work when the last run ends

export async function replicaLagToPause(runs: number): Promise<ReplicaLag> {
  const primary = await startOwnServer();
  const standby = await startStandby(primary, 'replica-1');
  try {
    const table = await makeTable(primary, 'narrow', rows);
    const url = await table.copy();
    await prepareBackfill(url);
    const stop = new AbortController();
    const waiting = new Map<RunEvent['kind'], () => void>();
    const working = runBackfill(url, {
      signal: stop.signal,
      backfills: { ...gentle, pauseMs: 20 },
      onEvent: ({ kind }) => waiting.get(kind)?.(),
    }).catch((error: unknown) => {
      if (!isInterruption(error)) throw error;
    });
    const until = (kind: RunEvent['kind']): Promise<void> => new Promise((resolve) => waiting.set(kind, resolve));
    const paused: number[] = [];
    const resumed: number[] = [];
    const limitMs = defaultReplicaLag.limitMs ?? 0;
    for (let run = 0; run < runs; run += 1) {
      await until('backfill_signals');
      const stoodAt = await timed(() => standby.pauseReplay(), until('backfill_throttled'));
      paused.push(stoodAt - limitMs);
      resumed.push(await timed(() => standby.resumeReplay(), until('backfill_unthrottled')));
    }
    stop.abort('SIGTERM');
    await working;
    return { limitMs, pauseAfterMs: Math.round(median(paused)), resumeAfterMs: Math.round(median(resumed)) };
  } finally {
    await standby.stop();
    await primary.stop();
  }
}

/** Milliseconds from the end of `cause` to `effect`. */
async function timed(cause: () => Promise<void>, effect: Promise<void>): Promise<number> {
  await cause();
  const since = performance.now();
  await effect;
  return performance.now() - since;
}

export function describeReplicaLag({ limitMs, pauseAfterMs, resumeAfterMs }: ReplicaLag): readonly string[] {
  return [
    'a standby that stands still',
    `  paused ${pauseAfterMs} ms after its lag passed the limit of ${limitMs} ms`,
    `  goes on ${resumeAfterMs} ms after the standby does`,
  ];
}
