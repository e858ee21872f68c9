/** Who holds what we wait for, in one line each: enough to find the session and decide what to do with it. */
import type { Blocker, LeaseHolder } from '../run/run-event.ts';
import { cut, duration } from './wrap.ts';

const queryColumns = 60;

export function blockerText(blocker: Blocker): string {
  if (blocker.preparedTransaction !== null) return `prepared transaction ${blocker.preparedTransaction}`;
  const who = [
    blocker.pid === null ? 'a session' : `pid ${blocker.pid}`,
    blocker.application === null || blocker.application === '' ? null : blocker.application,
    blocker.user === null ? null : `as ${blocker.user}`,
  ].filter((part) => part !== null);
  const state = blocker.state ?? 'in a state that this role may not see';
  const age = blocker.transactionAgeMs === null ? '' : ` for ${duration(blocker.transactionAgeMs)}`;
  const query = blocker.query === null ? '' : `: ${cut(blocker.query.replaceAll(/\s+/g, ' ').trim(), queryColumns)}`;
  return `${who.join(', ')}, ${state}${age}${query}`;
}

export function leaseHolderText(holder: LeaseHolder): string {
  return `${holder.application} on host ${holder.host}, process ${holder.process}, backend ${holder.backendPid}`;
}
