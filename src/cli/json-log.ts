/** `--log-format json`: what happens as one JSON object a line on stderr, for whoever collects logs. */
import type { MigrateError } from '../errors.ts';
import type { RunEvent } from '../index.ts';
import type { Call, GlobalFlags } from './call.ts';
import type { Progress } from './progress.ts';
import type { Stream } from './terminal.ts';

const repeatMs = 5_000; // between two lines of what may come many times a second

const frequent: ReadonlySet<RunEvent['kind']> = new Set([
  'lease_waiting',
  'lock_waiting',
  'statement_waiting',
  'index_progress',
  'backfill_progress',
]);

const errors: ReadonlySet<RunEvent['kind']> = new Set(['step_failed']);

const warnings: ReadonlySet<RunEvent['kind']> = new Set([
  'lease_waiting',
  'lock_waiting',
  'statement_waiting',
  'backfill_throttled',
  'backfill_held',
  'backfill_quarantined',
  'reconnecting',
  'notify_failed',
]);

export function isJsonLog(flags: GlobalFlags): boolean {
  return flags.logFormat === 'json';
}

export function logEvents(call: Call): Progress {
  const shownAt = new Map<string, number>();
  return {
    onEvent(event) {
      if (event.kind === 'backfill_batch') return; // ten a second; backfill_progress has the sums
      const key = `${event.kind} ${'step' in event ? event.step : ''}`;
      const before = shownAt.get(key) ?? 0;
      if (frequent.has(event.kind) && Date.now() - before < repeatMs) return;
      shownAt.set(key, Date.now());
      const level = errors.has(event.kind) ? 'error' : warnings.has(event.kind) ? 'warn' : 'info';
      const { kind, ...rest } = event;
      writeLine(call.terminal.err, level, kind, rest);
    },
    stop: () => undefined,
  };
}

export function logError(stream: Stream, error: MigrateError): void {
  writeLine(stream, 'error', 'error', { code: error.code, message: error.message, hint: error.hint });
}

function writeLine(stream: Stream, level: string, event: string, rest: object): void {
  stream.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...rest })}\n`);
}
