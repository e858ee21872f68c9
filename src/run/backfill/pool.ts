/**
 * The workers of one process on one job. The first one works in the session that it is given; others are added one by
 * one, as long as each makes the work faster by a tenth, up to the number that was asked for. More workers than a server
 * has room for make it slower, so one that did not help is taken away again, and no other is tried.
 *
 * A worker that loses its connection makes a new one. The first one does not: its session may hold the runner's lease.
 */
import { MigrateError } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import type { Session } from '../session.ts';
import { inQuietSession } from './quiet-session.ts';
import { listen } from './wake.ts';
import { runWorker, type WorkEnd } from './worker.ts';
import type { Workplace } from './workplace.ts';

export type OpenSession = (purpose: string) => Promise<Session>;

const trialMs = 10_000; // a worker's gain shows over some dozens of batches
const leastGain = 1.1;
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
  const growing = workers > 1 && growth === 'while_faster' ? grow(shared, signal, extras, add) : Promise.resolve();
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

/** Adds workers while they help. */
async function grow(place: Workplace, ended: AbortSignal, extras: Extra[], add: () => void): Promise<void> {
  const { clock, tally, policy } = place;
  let before = 0;
  for (;;) {
    const from = tally.scanned();
    const since = clock.now();
    await clock.sleep(trialMs / (extras.length === 0 ? 5 : 1), ended);
    if (ended.aborted) return;
    const speed = (tally.scanned() - from) / Math.max(clock.now() - since, 1);
    if (extras.length > 0 && speed < before * leastGain) {
      const last = extras.pop();
      last?.retire.abort();
      await last?.ended;
      place.onEvent({ kind: 'backfill_workers', ...place.name, workers: extras.length + 1 });
      return;
    }
    if (extras.length + 1 >= policy.workers) return;
    before = speed;
    add();
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
