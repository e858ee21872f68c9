/** The history of a database for people: one line a migration, the latest first, and the steps of those asked for. */
import type { MigrationReport, StepReport } from '../run/verbs/status.ts';
import type { Look } from './paint.ts';
import { count, cut, duration } from './wrap.ts';

export type LogTextOptions = Look & {
  /** The steps too. */
  readonly verbose: boolean;
  /** How many migrations are not among them. */
  readonly hidden: number;
};

const momentWidth = '2026-11-21 19:20 UTC'.length;

export function logText(migrations: readonly MigrationReport[], options: LogTextOptions): string {
  const { hidden, paint } = options;
  if (migrations.length === 0) return 'Nothing was ever run on this database.\n';
  const lines = migrations.flatMap((migration) => [
    migrationLine(migration, options),
    ...stepLines(migration, options),
  ]);
  if (hidden > 0) lines.push(paint.dim(`${count(hidden, 'migration')} before these (--number shows more)`));
  return `${lines.join('\n')}\n`;
}

function migrationLine({ name, status, startedAt, finishedAt, steps }: MigrationReport, look: Look): string {
  const { paint, width } = look;
  const worked = steps.reduce((sum, step) => sum + (tookMs(step) ?? 0), 0);
  const took = steps.length === 0 ? 'no steps' : `${duration(worked)} of work`;
  const word =
    status === 'done'
      ? paint.green('done')
      : status === 'rolled_back'
        ? paint.dim('rolled back')
        : paint.yellow(status.replace('_', ' '));
  const place = Math.max(20, width - momentWidth - 34);
  return `${moment(finishedAt ?? startedAt)}  ${cut(name, place).padEnd(place)}  ${word}, ${took}`;
}

function stepLines({ steps }: MigrationReport, { verbose, width }: LogTextOptions): readonly string[] {
  if (!verbose) return [];
  return steps.map((step) => {
    const took = tookMs(step);
    const tries = step.attempts > 1 ? `, ${step.attempts} tries` : '';
    const end = `${step.status}${took === null ? '' : ` in ${duration(took)}`}${tries}`;
    const when = step.startedAt === null ? ' '.repeat(momentWidth) : moment(step.startedAt);
    const place = Math.max(20, width - momentWidth - end.length - 4);
    return `${when}    ${cut(`${step.id}  ${step.title}`, place - 2).padEnd(place - 2)}  ${end}`;
  });
}

function tookMs({ startedAt, finishedAt }: StepReport): number | null {
  return startedAt === null || finishedAt === null ? null : finishedAt.getTime() - startedAt.getTime();
}

/** To the minute, and the same on every machine. */
function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
