/**
 * The state of a database for people: one line per migration, the steps of what is under way, and what to do now. What
 * is done long ago is only counted, so that a project with hundreds of migrations still fits on a screen.
 */
import type { Status } from '../run/folder-status.ts';
import type { MigrationReport, StepReport } from '../run/verbs/status.ts';
import { leaseHolderText } from './blocker-text.ts';
import { nextActions } from './next-action.ts';
import type { Look } from './paint.ts';
import { count, cut, withSeparators, wrap } from './wrap.ts';

export type StatusTextOptions = Look & {
  /** Every migration, and the steps of each. */
  readonly verbose?: boolean;
};

const doneShown = 3; // the last ones: enough to see where the database is

const words: { readonly [S in MigrationReport['status']]: string } = {
  expanding: 'expand stopped half way',
  expanded: 'expanded, rows to fill',
  backfilling: 'filling rows',
  backfilled: 'ready for contract',
  contracting: 'contract stopped half way',
  done: 'done',
  rolling_back: 'rollback stopped half way',
  rolled_back: 'rolled back',
};

export function statusText(status: Status, options: StatusTextOptions): string {
  const { paint } = options;
  const pending = new Set(status.pending);
  // What was rolled back and can run again is shown as pending.
  const known = status.migrations.filter((migration) => !pending.has(migration.name));
  const rows = known.map((migration) => ({ name: migration.name, migration }));
  const done = rows.filter(({ migration }) => migration.status === 'done');
  const hidden = options.verbose === true ? 0 : Math.max(0, done.length - doneShown);
  const left = new Set(done.slice(0, hidden));
  const shown = rows.filter((row) => !left.has(row));
  const nameWidth = Math.min(
    44,
    Math.max(9, ...shown.map(({ name }) => name.length), ...status.pending.map((n) => n.length)),
  );
  const line = (name: string, text: string): string => `  ${cut(name, nameWidth).padEnd(nameWidth)}  ${text}`;

  const lines: string[] = [];
  if (hidden > 0)
    lines.push(paint.dim(`  ${count(hidden, 'migration')} before these, all done (--verbose shows them)`));
  for (const { name, migration } of shown) {
    lines.push(line(name, statusWord(migration, options)), ...stepLines(migration, options));
  }
  for (const name of status.pending) lines.push(line(name, paint.cyan('pending')));
  if (lines.length === 0) lines.push('  No migrations, neither in the folder nor in the database.');
  if (status.holder !== null)
    lines.push('', ...wrap(`At work: ${leaseHolderText(status.holder)}.`, options.width, '  '));
  for (const problem of status.problems.slice(1)) lines.push('', ...wrap(problem.message, options.width, '  '));
  return `${[...lines, ''].join('\n')}\n${nextText(status, options)}`;
}

function statusWord({ status }: MigrationReport, { paint }: Look): string {
  const text = words[status];
  if (status === 'done') return paint.green(text);
  return status === 'rolled_back' ? paint.dim(text) : paint.yellow(text);
}

/** The steps of a migration that is under way: what is done is counted, what is next and what failed is named. */
function stepLines(migration: MigrationReport, options: StatusTextOptions): readonly string[] {
  const { paint, width, verbose = false } = options;
  const settled = migration.status === 'done' || migration.status === 'rolled_back';
  if (settled && !verbose) return [];
  return migration.steps.flatMap((step) => {
    const isOpen = step.status === 'running' || step.status === 'undoing' || step.lastError !== null;
    const isBackfill = step.backfill !== null && step.status !== 'done';
    const isNext = migration.phase === step.phase && step.status === 'pending';
    if (!verbose && !isOpen && !isBackfill && !isNext) return [];
    const mark = step.status === 'done' ? paint.green('✓') : step.lastError === null ? '·' : paint.red('✗');
    const lines = [`    ${mark} ${step.id}  ${cut(step.title, width - step.id.length - 9)}`];
    if (step.backfill !== null && step.status !== 'done') lines.push(`        ${backfillText(step.backfill)}`);
    if (step.lastError !== null) {
      const [first = ''] = step.lastError.message.split('\n');
      lines.push(...wrap(first, width, '        ').map((text) => paint.red(text)));
    }
    return lines;
  });
}

function backfillText(job: NonNullable<StepReport['backfill']>): string {
  const of = withSeparators(Math.max(job.estimate, job.rowsScanned));
  return `${Math.floor(job.percent)} %: ${withSeparators(job.rowsScanned)} of about ${of} rows looked at`;
}

/** What to do now, as the end of a report. */
export function nextText(status: Status, look: Look): string {
  return `${nextLines(status, look).join('\n')}\n`;
}

function nextLines(status: Status, { paint, width }: Look): readonly string[] {
  const actions = nextActions(status);
  if (actions.length === 0) return [`${paint.bold('Now:')} nothing. Everything has run.`];
  const commandWidth = Math.max(0, ...actions.map(({ command }) => command?.length ?? 0));
  return [
    paint.bold('Now:'),
    ...actions.flatMap(({ command, text }) => {
      if (command === null) return wrap(text, width, '  ');
      const gutter = `  ${command.padEnd(commandWidth)}  `;
      const [first = '', ...rest] = wrap(text, width, ' '.repeat(gutter.length), gutter);
      return [`${paint.bold(first.slice(0, gutter.length))}${first.slice(gutter.length)}`, ...rest];
    }),
  ];
}
