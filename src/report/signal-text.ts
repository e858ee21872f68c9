/** What a backfill's signals say, in words: `replica lag 3.2 s of 2 s (standby-1)`. */
import type { SignalState, ThrottleEvent } from '../run/backfill/signals/throttle.ts';
import type { Look } from './paint.ts';
import { duration, inBytes, withSeparators, wrap } from './wrap.ts';

/** As a person would say them; a query or a check of the user's own has the name that it was given. */
export const signalNames: Readonly<Record<string, string>> = {
  replicaLag: 'replica lag',
  replicationSlots: 'WAL kept for a slot',
  unarchivedWal: 'WAL not yet archived',
  walRate: 'WAL written',
  forcedCheckpoints: 'forced checkpoints',
  blockedSessions: 'sessions that wait for us',
  connections: 'connections',
  activeBackends: 'active sessions',
  oldestTransaction: 'oldest transaction',
  deadRows: 'dead rows',
  tableSize: 'size of the table',
};

export function signalText(state: SignalState): string {
  const name = signalNames[state.signal] ?? state.signal;
  if (state.state === 'failed' || state.state === 'unavailable') return `${name}: ${state.about ?? 'not known'}`;
  const value =
    state.value === null ? (state.state === 'over' ? 'beyond any limit' : 'none') : amount(state.value, state);
  const limit = state.limit === null || state.value === null ? '' : ` of ${amount(state.limit, state)}`;
  return `${name} ${value}${limit}${state.about === null ? '' : ` (${state.about})`}`;
}

export function throttleLines(event: ThrottleEvent, { paint, width }: Look): readonly string[] {
  switch (event.kind) {
    case 'backfill_throttled':
      return wrap(`${rungText(event.rung)}: ${signalText(event)}`, width, '      ', '    ').map((line) =>
        paint.yellow(line),
      );
    case 'backfill_unthrottled':
      return [paint.dim(`    goes on after ${duration(event.forMs)}`)];
    case 'backfill_signals':
      return [];
    case 'backfill_signals_unseen':
      return event.signals
        .flatMap((signal) => wrap(`not watched: ${signalText(signal)}`, width, '      ', '    '))
        .map((line) => paint.dim(line));
  }
}

function rungText(rung: Extract<ThrottleEvent, { readonly kind: 'backfill_throttled' }>['rung']): string {
  if (rung === 'paused') return 'paused';
  return rung === 'held' ? 'held, asked again in 5 minutes' : 'stopped';
}

function amount(value: number, { unit }: SignalState): string {
  switch (unit) {
    case 'ms':
      return duration(value);
    case 'bytes':
      return inBytes(value);
    case 'bytes/s':
      return `${inBytes(value)}/s`;
    case '%':
      return `${Math.round(value)} %`;
    case 'segments':
    case 'sessions':
    case 'transactions':
    case 'checkpoints':
    case '':
      return Number.isInteger(value) ? withSeparators(value) : String(Number(value.toPrecision(4)));
  }
}
