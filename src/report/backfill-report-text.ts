/**
 * The backfills of a database for people: of each a bar, how fast it is and how long it still takes, what holds it up,
 * and the rows that were left out.
 */
import type { QuarantinedKey } from '../run/backfill/quarantine.ts';
import type { BackfillJobStatus, BackfillReport, BackfillWorker } from '../run/backfill-control/read-backfills.ts';
import type { RemainingTime } from '../run/backfill-control/remaining-time.ts';
import { relationText } from './names.ts';
import type { Look } from './paint.ts';
import { signalText } from './signal-text.ts';
import { count, cut, duration, inBytes, withSeparators, wrap } from './wrap.ts';

export type BackfillReportOptions = Look & {
  /** Those that are done, too. */
  readonly all: boolean;
};

const barWidth = 24;
const keysShown = 5;

export function backfillReportText(
  { at, backfills, replicas }: BackfillReport,
  options: BackfillReportOptions,
): string {
  const shown = backfills.filter(({ status }) => options.all || status !== 'done');
  if (shown.length > 0) {
    return [
      ...shown.map((job) => `${jobLines(job, at, options).join('\n')}\n`),
      ...(replicas.length === 0 ? [] : [`Standbys\n${replicas.map((one) => `  ${replicaText(one)}\n`).join('')}`]),
    ].join('\n');
  }
  const done = backfills.length === 0 ? '' : ` ${count(backfills.length, 'backfill')} done (--all shows them).`;
  return `No backfill is under way.${done}\n`;
}

function jobLines(job: BackfillJobStatus, at: Date, { paint, width }: Look): readonly string[] {
  const filled = Math.floor((job.percent / 100) * barWidth);
  const bar = `${'█'.repeat(filled)}${paint.dim('░'.repeat(barWidth - filled))}`;
  const lines = [
    `${paint.bold(cut(job.migration, width - job.step.length - 2))}  ${paint.dim(job.step)}`,
    `  ${cut(job.title, width - 2)}`,
    `  ${bar} ${percentText(job)}  ${statusWord(job, at, paint)}`,
    ...wrap(countsText(job), width, '  '),
  ];
  const speed = speedText(job);
  if (speed !== '') lines.push(...wrap(speed, width, '  '));
  if (job.heldUp !== null) {
    const { since } = job.heldUp;
    const by = heldUpText(job.heldUp);
    const text = since === null ? by : `${by}, for ${duration(Math.max(0, at.getTime() - since.getTime()))}`;
    lines.push(...wrap(text, width, '    ', '  ').map((line) => paint.yellow(line)));
  }
  if (job.lastError !== null && job.status !== 'done') {
    const [first = ''] = job.lastError.message.split('\n');
    lines.push(...wrap(first, width, '    ', '  ').map((line) => paint.red(line)));
  }
  lines.push(...quarantineLines(job, { paint, width }));
  return lines;
}

function statusWord(job: BackfillJobStatus, at: Date, paint: Look['paint']): string {
  const { status, desired } = job;
  if (status === 'done') return paint.green('done');
  if (status === 'failed') return paint.red('failed');
  if (desired === 'cancel') return paint.dim('cancelled');
  if (desired === 'pause') return paint.yellow('paused');
  if (status === 'held') {
    const again =
      job.holdUntil === null ? '' : `, again in ${duration(Math.max(0, job.holdUntil.getTime() - at.getTime()))}`;
    return paint.yellow(`held${again}`);
  }
  if (job.remaining !== null) return remainingText(job.remaining);
  return status === 'running' ? 'running' : paint.dim(status === 'paused' ? 'stopped' : status);
}

/** `12 min left (9 min to 20 min)`; without the span where it says the same. */
function remainingText({ seconds, atBest, atWorst }: RemainingTime): string {
  const text = duration(Math.ceil(seconds) * 1_000);
  const best = duration(Math.ceil(atBest) * 1_000);
  const worst = duration(Math.ceil(atWorst) * 1_000);
  return best === worst ? `${text} left` : `${text} left (${best} to ${worst})`;
}

function percentText({ percent }: BackfillJobStatus): string {
  return `${percent === 100 ? '100' : percent.toFixed(1)} %`;
}

function countsText(job: BackfillJobStatus): string {
  const of = withSeparators(Math.max(job.estimate, job.rowsScanned));
  return [
    `${withSeparators(job.rowsScanned)} of about ${of} rows looked at`,
    `${withSeparators(job.rowsDone)} changed`,
    ...(job.chunks.total > 1 ? [`${job.chunks.done} of ${job.chunks.total} chunks`] : []),
    ...(job.sweep > 1 ? [`sweep ${job.sweep}`] : []),
  ].join(', ');
}

function speedText(job: BackfillJobStatus): string {
  if (job.status === 'done') return '';
  return [
    ...(job.rowsPerSecond > 0 ? [`${withSeparators(Math.round(job.rowsPerSecond))} rows/s`] : []),
    ...(job.batchSize === null ? [] : [`batches of ${withSeparators(job.batchSize)}`]),
    ...(job.batchMs === null ? [] : [duration(job.batchMs)]),
    ...(job.workers.length === 0 ? [] : [count(job.workers.length, 'worker')]),
    ...(job.nice === 0 ? [] : [`nice ${job.nice}`]),
    ...(job.maxWorkers === null ? [] : [`at most ${count(job.maxWorkers, 'worker')}`]),
  ].join(', ');
}

function quarantineLines(job: BackfillJobStatus, { paint, width }: Look): readonly string[] {
  const { quarantine } = job;
  if (quarantine.count === 0) return [];
  const more = quarantine.count - Math.min(quarantine.first.length, keysShown);
  return [
    `  ${paint.red(`${count(quarantine.count, 'row')} left out:`)}`,
    ...quarantine.first.slice(0, keysShown).flatMap((row) => wrap(keyText(row), width, '      ', '    ')),
    ...(more === 0 ? [] : [paint.dim(`    and ${more} more`)]),
  ];
}

function keyText({ table, columns, key, message }: QuarantinedKey): string {
  const where = columns.map((column, index) => `${column} = ${key[index] ?? ''}`).join(', ');
  const [first = ''] = message.split('\n');
  return `${relationText(table)} ${where}: ${first}`;
}

function replicaText({ name, lagMs, lagBytes }: BackfillReport['replicas'][number]): string {
  if (lagBytes === 0) return `${name}  not behind`;
  return `${name}  ${lagMs === null ? '' : `${duration(lagMs)}, `}${inBytes(lagBytes)} behind`;
}

function heldUpText({ by, throttle }: NonNullable<BackfillJobStatus['heldUp']>): string {
  return throttle === null ? by : `throttled by ${signalText(throttle)}`;
}

/** One line for a pipe: `0007_phone/backfill-1 41.2 % 85,000 rows/s 12 min left`. */
export function backfillLine(job: BackfillJobStatus): string {
  const what = job.heldUp === null ? job.status : heldUpText(job.heldUp);
  return [
    `${job.migration}/${job.step}`,
    percentText(job),
    `${withSeparators(Math.round(job.rowsPerSecond))} rows/s`,
    job.remaining === null ? what : remainingText(job.remaining),
  ].join('  ');
}

function waitsText(throttle: NonNullable<BackfillWorker['throttle']>): string {
  return `${throttle.rung} by ${signalText(throttle)}, since ${throttle.since.toISOString()}`;
}

export function workersText(workers: readonly BackfillWorker[], { paint, width }: Look): string {
  if (workers.length === 0) return 'No worker is at work.\n';
  const lines = workers.flatMap((worker) => {
    const speed = worker.rowsPerSecond === null ? '' : `, ${withSeparators(Math.round(worker.rowsPerSecond))} rows/s`;
    const batch =
      worker.batchMs === null || worker.batchSize === null
        ? ''
        : `, batches of ${withSeparators(worker.batchSize)} in ${duration(worker.batchMs)}`;
    const job = worker.job === null ? 'no job' : `${worker.job.migration}/${worker.job.step}`;
    return [
      `${paint.bold(cut(job, width - 20))}  ${worker.state}`,
      ...wrap(`process ${worker.process} on ${worker.host}, database session ${worker.backendPid}`, width, '  '),
      ...(speed + batch === '' ? [] : wrap(`${speed}${batch}`.replace(/^, /, ''), width, '  ')),
      ...(worker.throttle === null
        ? []
        : wrap(waitsText(worker.throttle), width, '  ').map((line) => paint.yellow(line))),
    ];
  });
  return `${lines.join('\n')}\n`;
}
