/** The last look at the database as Prometheus reads it. Done backfills are left out but the last ones: labels are not free. */
import { Gauge, Registry } from 'prom-client';
import type { DatabaseReport } from '../index.ts';

export type Metrics = { readonly contentType: string; readonly text: () => Promise<string> };

const doneShown = 20;
const job = ['migration', 'step', 'purpose'] as const;

/** `report` is null as long as nothing was seen, and `isUp` false when the last look failed. */
export async function metricsOf(report: DatabaseReport | null, isUp: boolean): Promise<Metrics> {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new Gauge({ name: `onward_${name}`, help, labelNames, registers: [registry] });
  gauge('up', 'Whether the last look at the database succeeded.').set(isUp ? 1 : 0);
  if (report !== null) {
    const migrations = gauge('migrations', 'Migrations in the ledger by status.', ['status']);
    for (const { status } of report.migrations) migrations.inc({ status });
    fillBackfills(report, gauge);
    const lag = gauge('replica_lag_seconds', 'How far a standby is behind in replaying.', ['replica']);
    const bytes = gauge('replica_lag_bytes', 'WAL that a standby has not replayed.', ['replica']);
    for (const { name, lagMs, lagBytes } of report.replicas) {
      if (lagMs !== null) lag.set({ replica: name }, lagMs / 1_000);
      bytes.set({ replica: name }, lagBytes);
    }
  }
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

type MakeGauge = <L extends string>(name: string, help: string, labelNames?: readonly L[]) => Gauge<L>;

function fillBackfills({ at, backfills }: DatabaseReport, gauge: MakeGauge): void {
  const percent = gauge('backfill_percent', 'How far the backfill is, 0 to 100.', job);
  const changed = gauge('backfill_rows_changed', 'Rows that the backfill has changed.', job);
  const scanned = gauge('backfill_rows_scanned', 'Rows that the backfill has looked at.', job);
  const estimate = gauge('backfill_rows_estimate', 'Rows of the table when the backfill began.', job);
  const speed = gauge('backfill_rows_per_second', 'Rows looked at per second, over the last seconds.', job);
  const left = gauge('backfill_remaining_seconds', 'Time that is left; absent while it stands still.', job);
  const batch = gauge('backfill_batch_seconds', 'Duration of a batch, of the slowest worker.', job);
  const size = gauge('backfill_batch_rows', 'Rows of a batch.', job);
  const workers = gauge('backfill_workers', 'Workers on the backfill, on all machines.', job);
  const chunks = gauge('backfill_chunks', 'Chunks of the present sweep by state.', [...job, 'state']);
  const state = gauge('backfill_state', 'The status of the backfill, as a label.', [...job, 'state', 'desired']);
  const heldUp = gauge('backfill_held_up_seconds', 'For how long something holds it up; 0 when nothing does.', job);
  const waits = gauge('backfill_worker_throttled_seconds', 'For how long the worker has waited for the signal.', [
    ...job,
    'worker',
    'signal',
  ]);
  const value = gauge('backfill_throttle_value', 'What the signal says that makes a worker wait, in its own unit.', [
    ...job,
    'worker',
    'signal',
    'unit',
  ]);
  const limit = gauge('backfill_throttle_limit', 'The limit of that signal.', [...job, 'worker', 'signal', 'unit']);
  const leftOut = gauge('backfill_quarantined_rows', 'Rows that were left out and not yet corrected.', job);
  const done = backfills.filter(({ status }) => status === 'done').slice(-doneShown);
  for (const one of [...done, ...backfills.filter(({ status }) => status !== 'done')]) {
    const labels = { migration: one.migration, step: one.step, purpose: one.purpose };
    percent.set(labels, one.percent);
    changed.set(labels, one.rowsDone);
    scanned.set(labels, one.rowsScanned);
    estimate.set(labels, one.estimate);
    speed.set(labels, one.rowsPerSecond);
    if (one.remaining !== null) left.set(labels, one.remaining.seconds);
    if (one.batchMs !== null) batch.set(labels, one.batchMs / 1_000);
    if (one.batchSize !== null) size.set(labels, one.batchSize);
    workers.set(labels, one.workers.length);
    chunks.set({ ...labels, state: 'done' }, one.chunks.done);
    chunks.set({ ...labels, state: 'running' }, one.chunks.running);
    chunks.set({ ...labels, state: 'failed' }, one.chunks.failed);
    chunks.set({ ...labels, state: 'all' }, one.chunks.total);
    state.set({ ...labels, state: one.status, desired: one.desired }, 1);
    const since = one.heldUp?.since ?? null;
    heldUp.set(labels, since === null ? 0 : Math.max(0, (at.getTime() - since.getTime()) / 1_000));
    leftOut.set(labels, one.quarantine.count);
    for (const of of one.workers) {
      const { throttle } = of;
      if (throttle === null) continue;
      const which = { ...labels, worker: `${of.host}/${of.process}/${of.backendPid}`, signal: throttle.signal };
      waits.set(which, Math.max(0, (at.getTime() - throttle.since.getTime()) / 1_000));
      if (throttle.value !== null) value.set({ ...which, unit: throttle.unit }, throttle.value);
      if (throttle.limit !== null) limit.set({ ...which, unit: throttle.unit }, throttle.limit);
    }
  }
}
