/** What the workers of one process have in common on one job, and what each of them has besides. */
import { literal, qualified, sql } from '../../sql/template.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import type { Clock } from '../clock.ts';
import type { FrozenValue, JobKey } from '../ledger/backfill-tables.ts';
import type { LockPolicy } from '../locks/lock-policy.ts';
import type { OnEvent, StepName } from '../run-event.ts';
import type { Session } from '../session.ts';
import type { BackfillPolicy } from './batch-size.ts';
import type { BatchReply, Checkpoint, JobState } from './batch-statements.ts';
import { isJob, type Held } from './chunk-lease.ts';
import type { Throttle } from './signals/throttle.ts';
import type { Stretch } from './stretches.ts';
import type { Tally } from './tally.ts';
import type { Wake } from './wake.ts';
import type { WorkerRow } from './worker-row.ts';

export type Workplace = {
  readonly schema: string;
  readonly key: JobKey;
  readonly name: StepName;
  readonly run: BackfillRun;
  readonly once: readonly FrozenValue[];
  readonly settings: Readonly<Record<string, string>>;
  readonly policy: BackfillPolicy;
  readonly locks: LockPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  readonly wake: Wake;
  readonly tally: Tally;
  readonly throttle: Throttle;
  /** Of the sessions that are at work. */
  readonly backends: Set<number>;
  readonly perform: Perform;
};

/**
 * One batch: what the job does to the rows of a stretch, and the checkpoint, in one transaction that finds the chunk by
 * its token. Null where the job is not to run any more, and nothing was done.
 */
export type Perform = (
  worker: Worker,
  held: Held,
  stretch: Stretch,
  checkpoint: Checkpoint,
) => Promise<Performed | null>;

type Performed = BatchReply & {
  /** How long it took, without any waiting before it. */
  readonly ms: number;
};

export type Worker = Workplace & { readonly session: Session; readonly row: WorkerRow };

export function mayRun(job: JobState): boolean {
  return job.status === 'running' && job.desired === 'run';
}

export async function readJobState({
  session,
  schema,
  key,
}: Pick<Worker, 'session' | 'schema' | 'key'>): Promise<JobState> {
  const { rows } = await session.query<JobState>(
    sql`select status, desired, target_ms, nice, options from ${qualified({ schema, name: 'backfill' })}
      where ${isJob(key)}`.text,
  );
  // A job that is gone (its migration was rolled back) is one that nobody may work on.
  return rows[0] ?? { status: 'cancelled', desired: 'cancel', target_ms: null, nice: 0, options: {} };
}

/** For people who look back. What happened does not depend on its being written. */
export async function noteEvent(
  { session, schema, key }: Pick<Worker, 'session' | 'schema' | 'key'>,
  kind: string,
  ordinal: number | null,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await session
    .query(
      sql`insert into ${qualified({ schema, name: 'backfill_event' })} (migration, step, purpose, ordinal, kind, detail)
        values (${literal(key.migration)}, ${literal(key.step)}, ${literal(key.purpose)}, ${literal(ordinal)},
                ${literal(kind)}, ${literal(JSON.stringify(detail))}::jsonb)`.text,
    )
    .catch(() => undefined);
}
