/**
 * What a backfill says about itself: at most four times a second, with a percentage that never goes back. Pure, but for
 * the callback.
 */
import type { BackfillProgress } from '../run-event.ts';

const leastIntervalMs = 250; // a terminal shows no more than four updates a second
const memoryMs = 5_000; // the speed is that of the last seconds, waiting included
const almost = 99.9; // 100 is for a job that has verified itself; the estimate may be too small

type Counts = {
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
  readonly batchSize: number;
};

export type ProgressReport = {
  /** After each batch. */
  moved(counts: Counts, now: number): void;
  finished(counts: Counts, now: number): void;
};

export function percentOf(counts: { readonly rowsScanned: number; readonly estimate: number }, done: boolean): number {
  if (done) return 100;
  if (counts.estimate <= 0) return 0;
  return Math.min(almost, (counts.rowsScanned / counts.estimate) * 100);
}

export function reportProgress(
  start: { readonly rowsScanned: number; readonly now: number },
  tell: (progress: BackfillProgress) => void,
): ProgressReport {
  let scanned = start.rowsScanned;
  let at = start.now;
  let speed: number | null = null; // rows per millisecond
  let toldAt = -Infinity;
  let percent = 0;

  function measure(counts: Counts, now: number): void {
    const ms = Math.max(now - at, 0.1);
    const present = (counts.rowsScanned - scanned) / ms;
    const past = Math.exp(-ms / memoryMs);
    speed = speed === null ? present : speed * past + present * (1 - past);
    scanned = counts.rowsScanned;
    at = now;
  }

  function progress(counts: Counts, done: boolean): BackfillProgress {
    percent = Math.max(percent, percentOf(counts, done));
    const perSecond = (speed ?? 0) * 1_000;
    const left = Math.max(counts.estimate - counts.rowsScanned, 0);
    return {
      rowsDone: counts.rowsDone,
      rowsScanned: counts.rowsScanned,
      estimate: counts.estimate,
      batchSize: counts.batchSize,
      percent,
      rowsPerSecond: perSecond,
      etaSeconds: done ? 0 : perSecond > 0 ? left / perSecond : null,
    };
  }

  return {
    moved: (counts, now) => {
      measure(counts, now);
      if (now - toldAt < leastIntervalMs) return;
      toldAt = now;
      tell(progress(counts, false));
    },
    finished: (counts, now) => {
      measure(counts, now);
      tell(progress(counts, true));
    },
  };
}
