/**
 * Asks the throttle before a batch. While it makes us wait, what a person wants of the job is still seen within a second,
 * and the chunk is given back when the wait becomes a hold.
 */
import { interruption } from '../interruption.ts';
import { releaseChunk, type Held } from './chunk-lease.ts';
import type { Throttle } from './signals/throttle.ts';
import { pollMs } from './wake.ts';
import { mayRun, readJobState, type Worker } from './workplace.ts';

type Admission = Awaited<ReturnType<Throttle['admit']>>;

/** `stopped`: the job is not to run at present. */
export async function admit(worker: Worker, held: Held, nice: number): Promise<Admission | 'stopped'> {
  const { session, schema, key, signal, wake } = worker;
  const gaveUp = new AbortController();
  const waiting = worker.throttle
    .admit(AbortSignal.any([signal, gaveUp.signal]), {
      nice,
      onHold: () => releaseChunk(session, schema, key, held),
    })
    .then(
      (admission) => ({ admission }),
      (error: unknown) => ({ error }),
    );
  for (;;) {
    const awake = new AbortController();
    const slept = wake.sleep(pollMs, AbortSignal.any([signal, awake.signal])).then(() => null);
    const first = await Promise.race([waiting, slept]);
    awake.abort();
    if (first !== null) {
      if ('admission' in first) return first.admission;
      throw first.error;
    }
    if (signal.aborted) continue;
    const throttle = worker.throttle.snapshot();
    if (throttle.rung !== 'running') await worker.row.waits(throttle);
    if (mayRun(await readJobState(worker))) continue;
    gaveUp.abort(interruption(signal));
    await waiting;
    return 'stopped';
  }
}
