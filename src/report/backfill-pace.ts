/**
 * How fast a backfill is and when it will be done, from what it tells of itself. Pure: the time of each telling comes in.
 *
 * The speed is measured over three spans: the last seconds, the last minute, and the whole run. Pauses are part of all of
 * them, because there will be others. The slowest and the fastest of the three give the band in which the end lies: narrow
 * when the work goes evenly, wide when nobody can know.
 */
import type { BackfillProgress } from '../run/run-event.ts';

export type Pace = {
  /** 0…100; never goes back, also when a run goes on from an older cursor. */
  readonly percent: number;
  /** Rows looked at a second, over the last minute. */
  readonly rowsPerSecond: number;
  /** Seconds until the end, at best and at worst; null when nothing has been done yet. */
  readonly left: { readonly best: number; readonly worst: number } | null;
  readonly since: number;
  readonly at: number;
  readonly rows: number;
  /** Rows since the beginning of the run. */
  readonly gained: number;
  /** Rows a millisecond over each span; null before the second telling. */
  readonly speeds: readonly number[] | null;
};

const spansMs = [5_000, 60_000] as const;

export function paceAfter(before: Pace | null, progress: BackfillProgress, now: number): Pace {
  const percent = Math.min(100, Math.max(0, progress.percent, before?.percent ?? 0));
  const rows = progress.rowsScanned;
  if (before === null) {
    return { percent, rowsPerSecond: 0, left: null, since: now, at: now, rows, gained: 0, speeds: null };
  }
  const ms = Math.max(now - before.at, 0.1);
  const more = Math.max(0, rows - before.rows);
  const gained = before.gained + more;
  const present = more / ms;
  const speeds = spansMs.map((span, index) => {
    const past = before.speeds?.[index];
    // As long as the run is shorter than the span, the span is the run.
    const weight = past === undefined ? 0 : Math.exp(-ms / Math.min(span, Math.max(ms, before.at - before.since)));
    return (past ?? 0) * weight + present * (1 - weight);
  });
  const whole = gained / Math.max(now - before.since, 0.1);
  const open = Math.max(0, progress.estimate - rows);
  return {
    percent,
    rowsPerSecond: (speeds[1] ?? 0) * 1_000,
    left: percent >= 100 ? { best: 0, worst: 0 } : band(open, [...speeds, whole]),
    since: before.since,
    at: now,
    rows,
    gained,
    speeds,
  };
}

function band(rows: number, speeds: readonly number[]): Pace['left'] {
  const slowest = Math.min(...speeds);
  if (slowest <= 0) return null;
  return { best: rows / Math.max(...speeds) / 1_000, worst: rows / slowest / 1_000 };
}
