/** The ledger row of a worker: who it is, what it does, and how fast. Its session says whether it is alive. */
import { literal, qualified, sql } from '../../sql/template.ts';
import { thisProcess, type Clock } from '../clock.ts';
import type { JobKey, WorkerState } from '../ledger/backfill-tables.ts';
import type { Session } from '../session.ts';
import type { ThrottleSnapshot } from './signals/throttle.ts';
import type { ThrottledBy } from '../ledger/backfill-tables.ts';

export type WorkerRow = {
  readonly id: string;
  /** Written once a second at most, unless the state is another one. */
  seen(
    state: WorkerState,
    reason: string | null,
    batch: { readonly rows: number; readonly ms: number } | null,
  ): Promise<void>;
  /** What makes it wait, and since when. */
  waits(throttle: ThrottleSnapshot): Promise<void>;
  remove(): Promise<void>;
};

const writeEveryMs = 1_000;

/** Rows of workers that died are removed on the way. */
export async function enterWorker(session: Session, schema: string, key: JobKey, clock: Clock): Promise<WorkerRow> {
  const workers = qualified({ schema, name: 'backfill_worker' });
  const us = thisProcess();
  const { rows } = await session.query<{ id: string }>(
    sql`with dead as (
        delete from ${workers} as worker where not exists (
          select from pg_stat_activity as backend where backend.pid = worker.backend_pid
             and coalesce(backend.backend_start = worker.backend_start, true))
      )
      insert into ${workers} (id, migration, step, purpose, host, process, backend_pid, backend_start, state)
      select gen_random_uuid(), ${literal(key.migration)}, ${literal(key.step)}, ${literal(key.purpose)}, ${literal(us.host)},
             ${literal(us.process)}, pid, backend_start, 'working' from pg_stat_activity where pid = pg_backend_pid()
      returning id::text`.text,
  );
  const id = rows[0]?.id ?? '';
  let written: { readonly at: number; readonly state: WorkerState } = { at: clock.now(), state: 'working' };
  let done = { rows: 0, ms: 0, since: clock.now() };

  return {
    id,
    async seen(state, reason, batch) {
      done = { ...done, rows: done.rows + (batch?.rows ?? 0), ms: batch?.ms ?? done.ms };
      const at = clock.now();
      if (state === written.state && at - written.at < writeEveryMs) return;
      const perSecond = (done.rows * 1_000) / Math.max(at - done.since, 1);
      await session.query(
        sql`update ${workers} set state = ${literal(state)}, reason = ${literal(reason)},
            rows_per_second = ${literal(perSecond)}, batch_ms = ${literal(done.ms)},
            batch_size = ${literal(batch?.rows ?? null)}, seen_at = clock_timestamp(),
            throttle = null, throttled_since = null
          where id = ${literal(id)}::uuid`.text,
      );
      written = { at, state };
      done = { rows: 0, ms: done.ms, since: at };
    },
    async waits({ rung, worst, forMs }) {
      if (rung === 'running' || worst === null) return;
      const throttle: ThrottledBy = { rung, ...worst };
      const at = clock.now();
      await session.query(
        sql`update ${workers} set state = ${literal(rung === 'held' ? 'held' : 'throttled')}, reason = ${literal(worst.signal)},
            rows_per_second = 0, seen_at = clock_timestamp(), throttle = ${literal(JSON.stringify(throttle))}::jsonb,
            throttled_since = coalesce(throttled_since, clock_timestamp() - ${literal(forMs)} * interval '1 ms')
          where id = ${literal(id)}::uuid`.text,
      );
      written = { at, state: rung === 'held' ? 'held' : 'throttled' };
      done = { rows: 0, ms: done.ms, since: at };
    },
    // Best effort: where it cannot be written, the session is gone, and with it what the row says.
    remove: async () => {
      await session.query(sql`delete from ${workers} where id = ${literal(id)}::uuid`.text).catch(() => undefined);
    },
  };
}
