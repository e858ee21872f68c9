/** What can go wrong, and at which effects. */
import type { Effect, Fault } from '../../support/fault-proxy.ts';

/** Raised by a statement, as a server raises them whatever the statement is. */
const raised = ['55P03', '40P01', '40001', '57014', '53100', '53200', '25006', '42501', '58030', 'XX000', 'P0001'];
/** Said to somebody who comes. */
const turningAway = ['53300', '57P03'];
/** Said to everybody who is there. */
const closing = ['57P01', '57P02'];

export const faults: readonly Fault[] = [
  ...(['die', 'cut', 'reset'] as const).flatMap((kind) =>
    (['before', 'executed', 'during', 'after'] as const).map((at) => ({ kind, at })),
  ),
  ...(['terminate', 'cancel'] as const).flatMap((kind) => (['before', 'during'] as const).map((at) => ({ kind, at }))),
  ...(['before', 'after'] as const).map((at) => ({ kind: 'delay', at }) as const),
  ...raised.map((sqlstate) => ({ kind: 'error', sqlstate }) as const),
  ...[...turningAway, ...closing].map((sqlstate) => ({ kind: 'goodbye', sqlstate }) as const),
];

export function nameOf(fault: Fault): string {
  return `${fault.kind}-${'at' in fault ? fault.at : fault.sqlstate}`;
}

export function isPossible(fault: Fault, { kind, text }: Effect): boolean {
  if (kind === 'connect') {
    if (fault.kind === 'goodbye') return turningAway.includes(fault.sqlstate);
    return (fault.kind === 'die' || fault.kind === 'cut' || fault.kind === 'reset') && fault.at === 'before';
  }
  if (fault.kind === 'goodbye') return closing.includes(fault.sqlstate);
  if ('at' in fault && fault.at === 'executed') return kind === 'extended';
  if ('at' in fault && fault.at === 'during') return mayWait(text);
  // A ROLLBACK does not fail.
  return !((fault.kind === 'error' || fault.kind === 'cancel') && /^\s*rollback\b/i.test(text));
}

/** For a lock on a table or on its rows. */
function mayWait(text: string): boolean {
  return /^\s*(with onward_own|(create|drop|reindex)\b.*\bconcurrently|alter table\b.*\bvalidate)\b/is.test(text);
}
