/**
 * Traces and metrics through the API of OpenTelemetry: spans for migrations, steps and batches, and counts and times of
 * the same. Where the process has no SDK registered, all of it does nothing.
 *
 * It only listens to the runner's events: nothing depends on it, and what it cannot tell it leaves out.
 */
import { context, metrics, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { onwardVersion } from '../../onward-version.ts';
import type { RunEvent, StepName } from '../run-event.ts';

export type Telemetry = {
  readonly onEvent: (event: RunEvent) => void;
  /** Ends the spans that are still open: the verb has ended. */
  readonly end: () => void;
};

/** `time` is the system's: a batch is told of when it is over, and its span begins before that. */
export function makeTelemetry(time: () => Date): Telemetry {
  const tracer = trace.getTracer('onward', onwardVersion);
  const meter = metrics.getMeter('onward', onwardVersion);
  const rows = meter.createCounter('onward.backfill.rows', { description: 'Rows that backfills have changed' });
  const batches = meter.createHistogram('onward.backfill.batch.duration', { unit: 'ms' });
  const steps = meter.createHistogram('onward.step.duration', { unit: 'ms' });
  const failures = meter.createCounter('onward.step.failures');
  const pauses = meter.createCounter('onward.backfill.pauses', {
    description: 'By what made a backfill pause or hold',
  });
  const outer = context.active();
  const migrations = new Map<string, Span>();
  const running = new Map<string, Span>();

  function migrationStarted(migration: string, verb: string): void {
    migrations.get(migration)?.end();
    migrations.set(
      migration,
      tracer.startSpan(`onward ${verb}`, { attributes: { 'onward.migration': migration } }, outer),
    );
  }

  function stepSpan(name: StepName): Span | undefined {
    return running.get(keyOf(name));
  }

  function stepEnded(name: StepName, message: string | null): void {
    const span = stepSpan(name);
    if (message !== null) span?.setStatus({ code: SpanStatusCode.ERROR, message });
    span?.end();
    running.delete(keyOf(name));
  }

  return {
    onEvent(event) {
      switch (event.kind) {
        case 'migration_started':
          migrationStarted(event.migration, event.verb);
          return;
        case 'step_started': {
          const parent = migrations.get(event.migration);
          const within = parent === undefined ? outer : trace.setSpan(outer, parent);
          const attributes = { ...attributesOf(event), 'onward.phase': event.phase, 'onward.undo': event.undo };
          running.set(keyOf(event), tracer.startSpan(`onward step ${event.phase}`, { attributes }, within));
          return;
        }
        case 'step_finished':
          steps.record(event.durationMs, { 'onward.phase': event.phase });
          stepEnded(event, null);
          return;
        case 'step_failed':
          failures.add(1, { 'onward.phase': event.phase });
          stepEnded(event, event.message);
          return;
        case 'backfill_batch': {
          rows.add(event.changed, { 'onward.migration': event.migration });
          batches.record(event.ms, { 'onward.migration': event.migration });
          const span = stepSpan(event);
          const end = time();
          const attributes = { ...attributesOf(event), 'onward.rows': event.rows, 'onward.changed': event.changed };
          const startTime = new Date(end.getTime() - event.ms);
          const within = span === undefined ? outer : trace.setSpan(outer, span);
          tracer.startSpan('onward batch', { startTime, attributes }, within).end(end);
          return;
        }
        case 'backfill_throttled':
          pauses.add(1, { 'onward.signal': event.signal });
          stepSpan(event)?.addEvent('throttled', { 'onward.signal': event.signal, 'onward.rung': event.rung });
          return;
        case 'backfill_held':
          stepSpan(event)?.addEvent('held', { 'onward.reason': event.reason });
          return;
        case 'backfill_retried':
          stepSpan(event)?.addEvent('retried', { 'db.response.status_code': event.sqlstate });
          return;
        case 'lock_waiting':
          if (event.attempt === 1) stepSpan(event)?.addEvent('waits for a lock');
          return;
        default:
          return;
      }
    },
    end() {
      for (const span of [...running.values(), ...migrations.values()]) span.end();
      running.clear();
      migrations.clear();
    },
  };
}

function keyOf({ migration, step }: StepName): string {
  return JSON.stringify([migration, step]);
}

function attributesOf({ migration, step, title }: StepName): Attributes {
  return { 'onward.migration': migration, 'onward.step': step, 'onward.title': title };
}
