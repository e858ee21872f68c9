/**
 * The lease of a chunk: taken by a worker, renewed by each of its batches, given back or ended with the chunk.
 *
 * A chunk is free when nobody has it, when its lease has ended, or when its worker's session is gone; and in any case only
 * when its row is not locked, because as long as it is, a batch of the last worker is still running on the server. Each
 * claim makes a new token, and a batch with an older one changes nothing. So it does not matter for the rows whether a
 * worker was declared dead too early: only the session's clock and the server's own list of sessions are asked, never
 * the clock of a machine that runs a worker.
 */
import { literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { chunkFrom, type ChunkRecord, type ChunkRow } from '../ledger/backfill-records.ts';
import type { JobKey } from '../ledger/backfill-tables.ts';
import type { Session } from '../session.ts';
import type { JobState } from './batch-statements.ts';
import { leaseSeconds } from './position.ts';

export type Held = { readonly chunk: ChunkRecord; readonly token: string };

export type Claim =
  | ({ readonly kind: 'claimed'; readonly job: JobState } & Held)
  /** Others have what is left; or nothing is left. */
  | { readonly kind: 'none'; readonly isFinished: boolean }
  /** The job is not to run at present. */
  | { readonly kind: 'stopped' };

type JobRow = JobState & {
  readonly sweep: number;
  readonly max_workers: number | null;
};

/** In two statements, because the second one must see what whoever held the job's row has done. */
export async function claimChunk(session: Session, schema: string, key: JobKey, owner: string): Promise<Claim> {
  const jobs = qualified({ schema, name: 'backfill' });
  return session.transaction(async () => {
    const { rows } = await session.query<JobRow>(
      sql`select status, desired, target_ms, nice, options, sweep, max_workers from ${jobs}
        where ${isJob(key)} for no key update`.text,
    );
    const job = rows[0];
    if (job === undefined || job.status !== 'running' || job.desired !== 'run') return { kind: 'stopped' };
    const claimed = await session.query<ChunkRow & { token: string }>(claimSql(schema, key, job, owner));
    const [row] = claimed.rows;
    if (row !== undefined) return { kind: 'claimed', job, chunk: chunkFrom(row), token: row.token };
    const left = await session.query(
      sql`select from ${qualified({ schema, name: 'backfill_chunk' })} as chunk
        where ${isJob(key)} and sweep = ${literal(job.sweep)} and status in ('pending', 'running') limit 1`.text,
    );
    return { kind: 'none', isFinished: left.rowCount === 0 };
  });
}

function claimSql(schema: string, key: JobKey, job: JobRow, owner: string): string {
  const chunks = qualified({ schema, name: 'backfill_chunk' });
  const room =
    job.max_workers === null
      ? raw('')
      : sql` and (select count(*) from ${chunks} as busy where ${isJob(key)} and status = 'running'
            and not ${isAbandoned(schema, 'busy')}) < ${literal(job.max_workers)}`;
  return sql`with free as (
      select ordinal from ${chunks} as chunk
       where ${isJob(key)} and sweep = ${literal(job.sweep)}${room}
         and (status = 'pending' and (not_before is null or not_before <= clock_timestamp())
              or status = 'running' and ${isAbandoned(schema, 'chunk')})
       order by ordinal limit 1 for no key update skip locked
    )
    update ${chunks} as chunk
       set status = 'running', lease_owner = ${literal(owner)}::uuid, lease_token = gen_random_uuid(),
           lease_until = clock_timestamp() + interval '${raw(String(leaseSeconds))} s', not_before = null,
           started_at = coalesce(started_at, clock_timestamp()), updated_at = clock_timestamp()
      from free where ${isJob(key)} and chunk.ordinal = free.ordinal
    returning chunk.*, chunk.lease_token::text as token`.text;
}

/** Where a role may not see another's backend_start, the session counts as there as long as its pid is. */
function isAbandoned(schema: string, chunk: 'chunk' | 'busy'): SqlFragment {
  const workers = qualified({ schema, name: 'backfill_worker' });
  return sql`(${raw(chunk)}.lease_until is null or ${raw(chunk)}.lease_until <= clock_timestamp() or not exists (
      select from ${workers} as worker join pg_stat_activity as backend on backend.pid = worker.backend_pid
         and coalesce(backend.backend_start = worker.backend_start, true)
       where worker.id = ${raw(chunk)}.lease_owner))`;
}

/** Gives it back where it stands. Does nothing when it is not ours any more. */
export async function releaseChunk(
  session: Session,
  schema: string,
  key: JobKey,
  held: Held,
  trouble: { readonly notBeforeMs: number } | null = null,
): Promise<void> {
  const later =
    trouble === null
      ? raw('')
      : sql`, attempts = attempts + 1, not_before = clock_timestamp() + ${literal(trouble.notBeforeMs)} * interval '1 ms'`;
  await session.query(
    sql`update ${qualified({ schema, name: 'backfill_chunk' })}
        set status = 'pending', lease_owner = null, lease_token = null, lease_until = null${later}
      where ${isJob(key)} and ordinal = ${literal(held.chunk.ordinal)} and lease_token = ${literal(held.token)}::uuid`
      .text,
  );
}

/** Whether the chunk is still ours, and so its blocks are not what they were. */
export async function isStillOurs(session: Session, schema: string, key: JobKey, held: Held): Promise<boolean> {
  const { rowCount } = await session.query(
    sql`select from ${qualified({ schema, name: 'backfill_chunk' })}
      where ${isJob(key)} and ordinal = ${literal(held.chunk.ordinal)} and lease_token = ${literal(held.token)}::uuid
        and status = 'running'`.text,
  );
  return rowCount > 0;
}

export function isJob(key: JobKey): SqlFragment {
  return sql`migration = ${literal(key.migration)} and step = ${literal(key.step)} and purpose = ${literal(key.purpose)}`;
}
