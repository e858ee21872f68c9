/**
 * What the runner tells, as lines. Each event is one line or a few, or nothing; how often a line may come, and what is
 * shown in place on a terminal, is for the command line to decide.
 */
import type { BackfillProgress, RunEvent } from '../run/run-event.ts';
import { blockerText, leaseHolderText } from './blocker-text.ts';
import { relationText } from './names.ts';
import type { Look } from './paint.ts';
import { throttleLines } from './signal-text.ts';
import { count, cut, duration, withSeparators, wrap } from './wrap.ts';

/** The lines of an event, without line feeds; none for what only a bar shows. */
export function eventLines(event: RunEvent, look: Look): readonly string[] {
  const { paint, width } = look;
  switch (event.kind) {
    case 'lease_waiting':
      return wrap(
        `Waits for another runner, ${duration(event.waitedMs)} of ${duration(event.waitMs)}: ${leaseHolderText(event.holder)}.`,
        width,
        '  ',
        '',
      ).map((line) => paint.yellow(line));
    case 'lease_taken_over':
      return wrap(`Took over from a runner that is gone: ${leaseHolderText(event.holder)}.`, width, '  ', '');
    case 'migration_started':
      return [`${paint.bold(event.migration)}: ${event.verb}${event.resumed ? ', going on where it stopped' : ''}`];
    case 'migration_applied':
      return [`${paint.green('✓')} ${event.migration} ${paint.dim(`(${event.number} of ${event.count})`)}`];
    case 'step_finished':
      return [doneLine(event, event.undo ? 'taken back' : null, event.durationMs, look)];
    case 'step_already_done':
      return [doneLine(event, 'was done already', null, look)];
    case 'step_failed':
      return [`  ${paint.red('✗')} ${event.step}  ${cut(event.title, width - event.step.length - 6)}`];
    case 'lock_waiting':
    case 'statement_waiting':
      return waitingLines(event, look);
    case 'blocker_terminated':
      return terminatedLines(event, look);
    case 'step_retried':
      return [paint.dim(`    ${event.sqlstate}: tried again in ${duration(event.nextTryInMs)}`)];
    case 'index_progress':
      return [
        paint.dim(`    ${event.phase}${event.percent === null ? '' : `: ${Math.floor(event.percent)} %`}`),
        ...event.blockers.flatMap((blocker) => wrap(`waits for ${blockerText(blocker)}`, width, '        ', '      ')),
      ];
    case 'index_healed':
      return wrap(
        `removed the invalid index ${relationText(event.index)} that an earlier try left`,
        width,
        '      ',
        '    ',
      );
    case 'backfill_progress':
      return [`    ${backfillText(event)}`];
    case 'backfill_swept':
      return [paint.dim(`    ${event.rowsLeft} rows were written meanwhile: pass ${event.sweep + 1}`)];
    case 'backfill_retried':
      return [paint.dim(`    ${event.sqlstate}: batches of ${withSeparators(event.batchSize)} rows from here on`)];
    case 'backfill_throttled':
    case 'backfill_unthrottled':
    case 'backfill_signals':
    case 'backfill_signals_unseen':
      return throttleLines(event, look);
    case 'backfill_paused':
      return wrap('paused; to go on: migrate backfill resume', width, '      ', '    ').map((line) =>
        paint.yellow(line),
      );
    case 'backfill_resumed':
      return [paint.dim('    goes on')];
    case 'backfill_held':
      return wrap(`held: ${event.reason}; tried again in ${duration(event.probeMs)}`, width, '      ', '    ').map(
        (line) => paint.yellow(line),
      );
    case 'backfill_quarantined':
      return wrap(
        `left out the row of ${relationText(event.table)} with ${event.key}: ${event.message}`,
        width,
        '      ',
        '    ',
      ).map((line) => paint.yellow(line));
    case 'backfill_workers':
      return [paint.dim(`    ${count(event.workers, 'worker')}`)];
    case 'reconnecting':
      return wrap(`${event.message} Tries again in ${duration(event.nextTryInMs)}.`, width, '  ', '').map((line) =>
        paint.yellow(line),
      );
    case 'notify_failed':
      return wrap(`${event.host} was not told of ${event.type}: ${event.message}.`, width, '      ', '    ').map(
        (line) => paint.yellow(line),
      );
    case 'backfill_batch':
    case 'migration_status':
    case 'step_started':
    case 'gate_passed':
      return [];
  }
}

type StepEvent = Extract<RunEvent, { readonly step: string }>;

function doneLine(event: StepEvent, remark: string | null, durationMs: number | null, { paint, width }: Look): string {
  const tail = [remark, durationMs === null ? null : duration(durationMs)].filter((part) => part !== null).join(', ');
  const title = cut(event.title, Math.max(20, width - event.step.length - tail.length - 8));
  return `  ${paint.green('✓')} ${event.step}  ${title}  ${paint.dim(tail)}`;
}

type Waiting = Extract<RunEvent, { readonly kind: 'lock_waiting' | 'statement_waiting' }>;

function waitingLines(event: Waiting, { paint, width }: Look): readonly string[] {
  const what =
    event.kind === 'statement_waiting' || event.table === null
      ? 'a lock'
      : `${event.mode ?? 'a lock'} on ${relationText(event.table)}`;
  const spent =
    event.kind === 'lock_waiting'
      ? `try ${event.attempt}, ${duration(event.waitedMs)}${event.budgetMs === null ? '' : ` of ${duration(event.budgetMs)}`}`
      : duration(event.waitedMs);
  const by = event.blockers.length === 0 ? '' : `, held by ${count(event.blockers.length, 'session')}:`;
  return [
    ...wrap(`waits for ${what}, ${spent}${by}`, width, '      ', '    ').map((line) => paint.yellow(line)),
    ...event.blockers.flatMap((blocker) => wrap(blockerText(blocker), width, '        ', '      ')),
  ];
}

const whySpared = {
  prepared_transaction: 'prepared transactions are ended by a person only',
  not_an_ordinary_client: 'it belongs to a superuser, to replication, or to the server itself',
  not_permitted: 'this role may not: it needs membership in that role, or pg_signal_backend',
} as const;

function terminatedLines(
  { blocker, inTheWayForMs, spared }: Extract<RunEvent, { readonly kind: 'blocker_terminated' }>,
  { paint, width }: Look,
): readonly string[] {
  const text =
    spared === null
      ? `ended, after ${duration(inTheWayForMs)} in the way: ${blockerText(blocker)}`
      : `not ended, because ${whySpared[spared]}: ${blockerText(blocker)}`;
  return wrap(text, width, '      ', '    ').map((line) => paint.yellow(line));
}

/** `1,200,000 of about 3,000,000 rows, 40 %, 85,000 rows/s, 21 s left`. */
export function backfillText(progress: BackfillProgress): string {
  return [
    `${withSeparators(progress.rowsScanned)} of about ${count(Math.max(progress.estimate, progress.rowsScanned), 'row')}`,
    `${Math.floor(progress.percent)} %`,
    `${withSeparators(Math.round(progress.rowsPerSecond))} rows/s`,
    ...(progress.etaSeconds === null ? [] : [`${duration(progress.etaSeconds * 1_000)} left`]),
  ].join(', ');
}
