/**
 * A running backfill in one line: how far it is, how fast, how long it will take, how large its batches are, how late the
 * standbys are; and while it waits, what for and since when. What does not fit is left out from the end.
 */
import type { SignalState, ThrottleSnapshot } from '../run/backfill/signals/throttle.ts';
import type { BackfillProgress } from '../run/run-event.ts';
import type { Pace } from './backfill-pace.ts';
import { signalText } from './signal-text.ts';
import { cut, duration, withSeparators } from './wrap.ts';

const barCells = 20;

export function backfillLine(
  step: string,
  pace: Pace,
  progress: BackfillProgress,
  throttle: ThrottleSnapshot | null,
  width: number,
): string {
  const percent = `${Math.floor(pace.percent)} %`;
  if (throttle !== null && throttle.rung !== 'running') {
    const why = throttle.worst === null ? '' : `: ${signalText(throttle.worst)}`;
    const since = duration(Math.floor(throttle.forMs / 1_000) * 1_000);
    return cut(`  … ${step} ${percent}  ${throttle.rung} for ${since}${why}`, width);
  }
  const parts = [
    `${withSeparators(Math.round(pace.rowsPerSecond))} rows/s`,
    ...(pace.left === null ? [] : [`${bandText(pace.left)} left`]),
    `batches of ${withSeparators(progress.batchSize)}`,
    ...lag(throttle?.signals ?? []),
  ];
  let line = `  … ${step} ${bar(pace.percent)} ${percent}`;
  for (const part of parts) {
    if (line.length + part.length + 2 > width) break;
    line += `  ${part}`;
  }
  return cut(line, width);
}

function bar(percent: number): string {
  const full = Math.round((percent / 100) * barCells);
  return '█'.repeat(full) + '░'.repeat(barCells - full);
}

/** `16 s`, or `16 s–24 s` where the two differ by more than a tenth. */
function bandText({ best, worst }: NonNullable<Pace['left']>): string {
  const [from, to] = [duration(Math.ceil(best) * 1_000), duration(Math.ceil(worst) * 1_000)];
  return worst <= best * 1.1 || from === to ? to : `${from}–${to}`;
}

function lag(signals: readonly SignalState[]): readonly string[] {
  const state = signals.find(({ signal }) => signal === 'replicaLag');
  if (state === undefined || state.value === null || state.unit !== 'ms') return [];
  return [`lag ${duration(state.value)}`];
}
