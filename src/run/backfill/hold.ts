/**
 * When the server has run out of something (disk, memory), the job is held: nobody works on it, and the runner that leads
 * it tries again after a while, with a small batch. The chunk is given back with everything that was done in it.
 */
import { literal, qualified, sql } from '../../sql/template.ts';
import { isJob, type Held } from './chunk-lease.ts';
import { notify } from './wake.ts';
import { noteEvent, type Worker } from './workplace.ts';

/** Where not even that can be written any more, this worker alone waits for as long. */
export async function holdJob(worker: Worker, held: Held, error: unknown): Promise<void> {
  const { session, schema, key, policy, clock, signal } = worker;
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
  worker.onEvent({ kind: 'backfill_held', ...worker.name, reason, probeMs: policy.probeMs });
  try {
    await session.query(
      sql`update ${qualified({ schema, name: 'backfill' })}
          set status = 'held', hold_reason = ${literal(reason)}, updated_at = clock_timestamp(),
              hold_until = clock_timestamp() + ${literal(policy.probeMs)} * interval '1 ms'
        where ${isJob(key)} and status = 'running'
          and exists (select from ${qualified({ schema, name: 'backfill_chunk' })} where ${isJob(key)}
            and ordinal = ${literal(held.chunk.ordinal)} and lease_token = ${literal(held.token)}::uuid)`.text,
    );
    await noteEvent(worker, 'held', held.chunk.ordinal, { reason });
    await notify(session);
  } catch {
    await clock.sleep(policy.probeMs, signal);
  }
}
