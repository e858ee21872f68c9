/**
 * One worker: a session that claims chunks of one job and walks them, until nothing is left for it or the job is not to
 * run. Any number of them, in any number of processes, may do so at a time; the ledger is all they share.
 *
 * Whatever ends a worker, its chunk is free again: given back when it can be, and found without its worker otherwise.
 */
import { MigrateError } from '../../errors.ts';
import { literal, qualified, sql } from '../../sql/template.ts';
import { isInterruption, throwIfInterrupted } from '../interruption.ts';
import { recordable } from '../steps/step-error.ts';
import { claimChunk, isJob, releaseChunk, type Held } from './chunk-lease.ts';
import { firstPace, paceFrom } from './pace.ts';
import { patiently } from './patience.ts';
import { walkChunk, type Trouble, type WalkEnd } from './walk-chunk.ts';
import { notify, pollMs } from './wake.ts';
import { enterWorker } from './worker-row.ts';
import { noteEvent, type Worker, type Workplace } from './workplace.ts';
import type { Session } from '../session.ts';

export type WorkEnd = 'finished' | 'stopped' | 'rewritten';

const putOffMs = 2_000;

/** In a session with the settings of batches. `retired`: aborts when this worker is one too many. */
export async function runWorker(place: Workplace, session: Session, retired?: AbortSignal): Promise<WorkEnd> {
  const row = await enterWorker(session, place.schema, place.key, place.clock);
  place.backends.add(session.backendPid);
  try {
    return await claimAndWalk({ ...place, session, row }, retired);
  } finally {
    place.backends.delete(session.backendPid);
    await row.remove();
  }
}

async function claimAndWalk(worker: Worker, retired: AbortSignal | undefined): Promise<WorkEnd> {
  const { session, schema, key, policy, signal } = worker;
  const troubles = new Map<number, Trouble>();
  let pace = firstPace(policy, null);
  let isFirst = true;
  for (;;) {
    throwIfInterrupted(signal);
    if (retired?.aborted === true) return 'stopped';
    const claim = await patiently(worker, worker.name, worker.run, () =>
      claimChunk(session, schema, key, worker.row.id),
    );
    if (claim.kind === 'stopped') return 'stopped';
    if (claim.kind === 'none') {
      if (claim.isFinished) {
        await notify(session);
        return 'finished';
      }
      await worker.row.seen('idle', null, null);
      await worker.wake.sleep(pollMs, signal);
      continue;
    }
    if (isFirst && claim.chunk.batchSize !== null) pace = paceFrom(pace, policy, claim.chunk.batchSize);
    isFirst = false;
    const { ordinal } = claim.chunk;
    let end: WalkEnd;
    try {
      ({ end, pace } = await walkChunk(worker, claim, claim.job, pace, {
        trouble: troubles.get(ordinal) ?? null,
        onTrouble: (trouble) => {
          if (trouble === null) troubles.delete(ordinal);
          else troubles.set(ordinal, trouble);
        },
        mayPutOff: () => hasOtherChunk(worker, ordinal),
        isRetired: () => retired?.aborted === true,
      }));
    } catch (error) {
      await letGo(worker, claim, error);
      throw error;
    }
    if (end === 'finished' || end === 'released') continue;
    if (end === 'lost') {
      await noteEvent(worker, 'lease_lost', ordinal, {});
      continue;
    }
    await releaseChunk(session, schema, key, claim, end === 'put_off' ? { notBeforeMs: putOffMs } : null);
    if (end !== 'put_off') return end;
  }
}

async function hasOtherChunk({ session, schema, key }: Worker, ordinal: number): Promise<boolean> {
  const { rowCount } = await session.query(
    sql`select from ${qualified({ schema, name: 'backfill_chunk' })} where ${isJob(key)} and status = 'pending'
      and ordinal <> ${literal(ordinal)} and (not_before is null or not_before <= clock_timestamp()) limit 1`.text,
  );
  return rowCount > 0;
}

/** The error that ended the walk matters more than one that keeps us from writing it down. */
async function letGo(worker: Worker, held: Held, error: unknown): Promise<void> {
  const { session, schema, key } = worker;
  if (error instanceof MigrateError && error.code === 'CONNECTION_LOST') return;
  const needsPerson = error instanceof MigrateError && !isInterruption(error);
  try {
    if (needsPerson) await failJob(worker, held, error);
    else await releaseChunk(session, schema, key, held);
    await notify(session);
  } catch {
    // The lease ends by itself.
  }
}

/** One chunk that needs a person stops the whole job: nobody works on while somebody is asked. */
async function failJob(worker: Worker, held: Held, error: MigrateError): Promise<void> {
  const { session, schema, key } = worker;
  const failure = sql`${literal(JSON.stringify(recordable(error)))}::jsonb
    || jsonb_build_object('at', to_jsonb(clock_timestamp()))`;
  await session.query(
    sql`with failed as (
        update ${qualified({ schema, name: 'backfill_chunk' })}
           set status = 'failed', lease_owner = null, lease_token = null, lease_until = null, last_error = ${failure},
               attempts = attempts + 1, updated_at = clock_timestamp()
         where ${isJob(key)} and ordinal = ${literal(held.chunk.ordinal)}
           and lease_token = ${literal(held.token)}::uuid and status = 'running' returning 1
      )
      update ${qualified({ schema, name: 'backfill' })}
         set status = 'failed', last_error = ${failure}, updated_at = clock_timestamp()
       where ${isJob(key)} and status = 'running' and exists (select from failed)`.text,
  );
  await noteEvent(worker, 'failed', held.chunk.ordinal, { message: error.message });
}
