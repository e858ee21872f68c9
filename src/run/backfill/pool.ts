/**
 * The workers of one process on one job. The first one works in the session that it is given; others are added and taken
 * away one by one (worker-count.ts), up to the number that was asked for.
 *
 * A worker that loses its connection makes a new one. The first one does not: its session may hold the runner's lease.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { Session } from '../session.ts';
import { inQuietSession } from './quiet-session.ts';
import { listen } from './wake.ts';
import { firstWorkerCount, nextWorkerCount } from './worker-count.ts';
import { runWorker, type WorkEnd } from './worker.ts';
import type { Workplace } from './workplace.ts';

export type OpenSession = (purpose: string) => Promise<Session>;

const lookEveryMs = 250; // as often as the signals are measured
const firstBackoffMs = 100;
const longestBackoffMs = 30_000;

type Extra = { readonly retire: AbortController; readonly ended: Promise<void> };

export async function runPool(place: Workplace, first: Session, open: OpenSession): Promise<WorkEnd> {
  const ended = new AbortController();
  const failures: unknown[] = [];
  const extras: Extra[] = [];
  const { signal } = ended;
  const shared: Workplace = { ...place, signal: AbortSignal.any([place.signal, signal]) };

  function add(): void {
    const retire = new AbortController();
    const worker = extraWorker(shared, open, retire.signal).catch((error: unknown) => {
      if (!signal.aborted && !place.signal.aborted) {
        failures.push(error);
        ended.abort(error);
      }
    });
    extras.push({ retire, ended: worker });
    place.onEvent({ kind: 'backfill_workers', ...place.name, workers: extras.length + 1 });
  }

  const { workers, growth } = place.policy;
  if (growth === 'at_once') for (let number = 2; number <= workers; number += 1) add();
  const growing = workers > 1 && growth === 'while_faster' ? adjust(shared, signal, extras, add) : Promise.resolve();
  try {
    return await runWorker(shared, first);
  } catch (error) {
    throw failures[0] ?? error;
  } finally {
    ended.abort(new MigrateError('INTERRUPTED', 'The work on this job has ended.'));
    await growing;
    await Promise.all(extras.map((extra) => extra.ended));
  }
}

/** As many as worker-count.ts says. */
async function adjust(place: Workplace, ended: AbortSignal, extras: Extra[], add: () => void): Promise<void> {
  const { clock, tally, policy, throttle } = place;
  let state = firstWorkerCount(clock.now());
  for (;;) {
    await clock.sleep(lookEveryMs, ended);
    if (ended.aborted) return;
    const { rung, worst } = throttle.snapshot();
    const isGreen = worst === null || worst.state === 'easy';
    const moment = { now: clock.now(), rows: tally.scanned(), isGreen, isThrottled: rung !== 'running' };
    const next = nextWorkerCount(state, moment, policy.workers);
    if (next.count > state.count) add();
    if (next.count < state.count) {
      const last = extras.pop();
      last?.retire.abort();
      await last?.ended;
      place.onEvent({ kind: 'backfill_workers', ...place.name, workers: extras.length + 1 });
    }
    state = next;
  }
}

async function extraWorker(place: Workplace, open: OpenSession, retired: AbortSignal): Promise<void> {
  const { clock, signal } = place;
  for (let failures = 0; !signal.aborted && !retired.aborted;) {
    let session: Session | null = null;
    try {
      session = await open('worker');
      failures = 0;
      await workQuietly(place, session, retired);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isConnectionTrouble(error)) throw error;
      failures += 1;
      await clock.sleep(backoffMs(failures, clock.random()), signal);
    } finally {
      await session?.close();
    }
  }
}

/** In a session that is this worker's own. */
async function workQuietly(place: Workplace, session: Session, retired: AbortSignal): Promise<void> {
  await inQuietSession(session, place.policy, place.settings, place.key.migration, async () => {
    await listen(session, place.wake);
    await runWorker(place, session, retired);
  });
}

export function isConnectionTrouble(error: unknown): boolean {
  if (!(error instanceof MigrateError)) return sqlstateOf(error) === sqlstate.readOnlyTransaction;
  const { code, details } = error;
  if (code === 'SERVER_ERROR') return details['sqlstate'] === sqlstate.readOnlyTransaction;
  return code === 'CONNECTION_LOST' || code === 'CONNECTION_FAILED' || code === 'READ_ONLY_SERVER';
}

/** After the n-th failure in a row, from 1. */
export function backoffMs(failures: number, random: number): number {
  return Math.min(firstBackoffMs * 2 ** Math.min(failures - 1, 20), longestBackoffMs) * (0.5 + random);
}
