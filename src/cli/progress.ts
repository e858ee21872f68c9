/**
 * Shows what the runner tells while it works. On a terminal: one line per finished step, the running step below it with
 * its time, and a bar for a backfill. In a pipe: plain lines, and for what takes long a line every few seconds, so that
 * a CI log shows life and stays readable.
 */
import type { BackfillProgress, RunEvent, ThrottleSnapshot } from '../index.ts';
import { backfillLine } from '../report/backfill-line.ts';
import { paceAfter, type Pace } from '../report/backfill-pace.ts';
import { eventLines } from '../report/event-text.ts';
import { cut, duration } from '../report/wrap.ts';
import type { Call } from './call.ts';

export type Progress = {
  readonly onEvent: (event: RunEvent) => void;
  /** Removes what is shown in place. Must be called, also after an error. */
  stop(): void;
};

const repeatMs = 5_000; // between two lines of one step in a pipe
const patienceMs = 1_000; // a lock that comes within this is not worth a line
const tickMs = 1_000;
const heartbeatMs = 10_000; // silence in a pipe after which the running step is named again

type Running = {
  readonly step: string;
  readonly title: string;
  readonly since: number;
  /** How far an index build is, shown in place. */
  readonly detail?: string;
};

/** Events that may come many times a second. */
const frequent: ReadonlySet<RunEvent['kind']> = new Set([
  'lease_waiting',
  'lock_waiting',
  'statement_waiting',
  'index_progress',
  'backfill_progress',
  'backfill_signals',
]);

/** What is known of the backfill that runs. */
type Filling = {
  readonly step: string;
  readonly progress: BackfillProgress;
  readonly pace: Pace;
  readonly throttle: ThrottleSnapshot | null;
};

export function showProgress(call: Call): Progress {
  const { look, progress: stream } = call;
  const { screen } = stream;
  const quiet = call.flags.quiet === true;
  const verbose = call.flags.verbose === true;
  let running: Running | null = null;
  let inPlace = false;
  let filling: Filling | null = null;
  let heading: readonly string[] = [];
  let lastLineAt = Date.now();
  const shownAt = new Map<string, number>();

  function clear(): void {
    if (inPlace) stream.write('\r\u001b[2K');
    inPlace = false;
  }

  function lines(texts: readonly string[]): void {
    if (texts.length === 0) return;
    clear();
    for (const text of texts) stream.write(`${text}\n`);
    lastLineAt = Date.now();
  }

  function tick(): void {
    if (running === null) return;
    if (filling !== null && screen !== null) {
      showFilling(filling);
      return;
    }
    const elapsed = Date.now() - running.since;
    if (screen !== null) {
      clear();
      const time = elapsed < tickMs ? '' : `  ${duration(Math.floor(elapsed / tickMs) * tickMs)}`;
      const tail = running.detail === undefined ? time : `${time}  ${running.detail}`;
      stream.write(
        look.paint.dim(cut(`  … ${running.step}  ${running.title}`, stream.columns - tail.length - 1) + tail),
      );
      inPlace = true;
    } else if (Date.now() - lastLineAt >= heartbeatMs) {
      lines([`  … ${running.step}  ${running.title}, for ${duration(elapsed)}`]);
    }
  }

  function showFilling({ step, pace, progress, throttle }: Filling): void {
    const line = backfillLine(step, pace, progress, throttle, stream.columns - 1);
    stream.write(`\r\u001b[2K${look.paint.dim(line)}`);
    inPlace = true;
  }

  function follow(event: RunEvent): void {
    if (event.kind === 'backfill_progress') {
      const before = filling?.step === event.step ? filling : null;
      const pace = paceAfter(before?.pace ?? null, event, Date.now());
      filling = { step: event.step, progress: event, pace, throttle: before?.throttle ?? null };
    }
    if (event.kind === 'backfill_signals' && filling !== null) filling = { ...filling, throttle: event };
    if (filling !== null) showFilling(filling);
  }

  /** Whether this event's turn to be shown has come. */
  function isDue(event: RunEvent): boolean {
    if (!frequent.has(event.kind)) return true;
    if ('waitedMs' in event && event.waitedMs < patienceMs && event.kind !== 'lease_waiting') return false;
    const key = `${event.kind} ${'step' in event ? event.step : ''}`;
    const before = shownAt.get(key);
    if (before !== undefined && Date.now() - before < repeatMs) return false;
    // The first progress says nothing yet; what is short is shown by its last line alone.
    shownAt.set(key, Date.now());
    return before !== undefined || (event.kind !== 'backfill_progress' && event.kind !== 'index_progress');
  }

  /** For a program that follows us, what a backfill tells is a line of JSON. */
  function shown(event: RunEvent): readonly string[] {
    const asData = call.flags.json === true && screen === null && event.kind.startsWith('backfill_');
    return asData ? [JSON.stringify(event)] : eventLines(event, look);
  }

  function onEvent(event: RunEvent): void {
    if (event.kind === 'step_started') running = { step: event.step, title: event.title, since: Date.now() };
    if (event.kind === 'step_finished' || event.kind === 'step_failed' || event.kind === 'step_already_done') {
      running = null;
      filling = null;
    }
    if (screen !== null && (event.kind === 'backfill_progress' || event.kind === 'backfill_signals')) {
      follow(event);
      return;
    }
    if (event.kind === 'index_progress' && screen !== null && running !== null) {
      const percent = event.percent === null ? '' : ` ${Math.floor(event.percent)} %`;
      running = { ...running, detail: `${event.phase}${percent}` };
      tick();
      if (event.blockers.length === 0) return; // the line that is shown in place says it all
    }
    if (isNoise(event) && !verbose) return;
    if (event.kind === 'step_started') {
      // A migration is named when something of it happens: most have nothing to do in most phases.
      lines(heading);
      heading = [];
      tick();
    }
    if (event.kind === 'migration_started') heading = shown(event);
    else if (isDue(event)) lines(shown(event));
  }

  if (quiet) return { onEvent: () => undefined, stop: () => undefined };
  const timer = setInterval(tick, tickMs);
  timer.unref();
  return {
    onEvent,
    stop() {
      clearInterval(timer);
      running = null;
      clear();
    },
  };
}

/** What only somebody who looks for a fault wants to see. */
function isNoise(event: RunEvent): boolean {
  return event.kind === 'step_retried' || event.kind === 'backfill_retried' || event.kind === 'backfill_swept';
}
