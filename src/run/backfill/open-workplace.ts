/** What the workers of one process need on one job: how it is done, what they tell, what slows them down. */
import type { Clock } from '../clock.ts';
import type { Connection } from '../connection/connection.ts';
import type { BackfillRecord } from '../ledger/backfill-records.ts';
import type { BackfillWork } from '../ledger/backfill-tables.ts';
import type { LockPolicy } from '../locks/lock-policy.ts';
import type { OnEvent } from '../run-event.ts';
import type { BackfillPolicy } from './batch-size.ts';
import { makeThrottle, type ThrottleOptions } from './signals/throttle.ts';
import { makeTally } from './tally.ts';
import { makeWake } from './wake.ts';
import type { Perform, Workplace } from './workplace.ts';

export type WorkplaceInput = {
  readonly schema: string;
  readonly record: BackfillRecord;
  readonly work: BackfillWork;
  readonly policy: BackfillPolicy;
  readonly locks: LockPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Another connection to the same server; `purpose` becomes a part of its application_name. */
  readonly connect: (purpose: string) => Promise<Connection>;
  readonly throttle: ThrottleOptions;
  readonly perform: Perform;
};

/** Whoever opens it stops its throttle. */
export function openWorkplace(input: WorkplaceInput): Workplace {
  const { schema, record, work, policy, locks, clock, signal, onEvent, perform } = input;
  const { migration, step, purpose } = record;
  const { run, settings } = work;
  const key = { migration, step, purpose };
  const name = { migration, step, title: work.title };
  const backends = new Set<number>();
  return {
    schema,
    key,
    name,
    run,
    once: record.once,
    settings,
    policy,
    locks,
    clock,
    signal,
    onEvent,
    wake: makeWake(clock),
    tally: makeTally(schema, key, record, clock, (told) => onEvent({ kind: 'backfill_progress', ...name, ...told })),
    throttle: makeThrottle({
      connect: input.connect,
      clock,
      table: run.table,
      backends: () => [...backends],
      onEvent: (event) => onEvent({ ...name, ...event }),
      options: input.throttle,
    }),
    backends,
    perform,
  };
}

/** What the job itself says of its batches counts more than what the runner was told. */
export function policyFor(policy: BackfillPolicy, { run }: Pick<BackfillWork, 'run'>): BackfillPolicy {
  return {
    ...policy,
    ...(run.batchSize === null ? {} : { firstBatchSize: run.batchSize, largestBatchSize: run.batchSize }),
    ...(run.pauseMs === null ? {} : { pauseMs: run.pauseMs }),
  };
}
