/**
 * A plan for people: phase by phase, what runs, who waits for it and for how long, how it is taken back, and what each
 * version of the application may rely on. It is what a reviewer reads before anything happens, so it leaves nothing out
 * but the middle of long SQL, and says so where it does.
 */
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import type { Look } from './paint.ts';
import {
  deployOrder,
  isWorrying,
  lockText,
  phases,
  phaseTitles,
  planOrigin,
  roomText,
  sizeText,
  sqlOf,
  timeText,
  undoText,
} from './step-text.ts';
import { versionText } from './version-text.ts';
import { cut, wrap } from './wrap.ts';

export type PlanTextOptions = Look & {
  /** All lines of all SQL. */
  readonly verbose?: boolean;
};

const sqlLinesShown = 4; // a usual ALTER TABLE fits; of a trigger function one sees what it is

export function planText(plan: Plan, options: PlanTextOptions): string {
  const { paint } = options;
  if (plan.migrations.length === 0) return 'Nothing to plan: no migration is pending.\n';
  const lines = [
    `${paint.bold('Plan')} of ${planOrigin(plan)}`,
    ...plan.migrations.flatMap((migration) => ['', ...migrationLines(migration, options)]),
    '',
    ...summaryLines(plan, options),
  ];
  return `${lines.join('\n')}\n`;
}

function migrationLines(migration: PlannedMigration, options: PlanTextOptions): readonly string[] {
  const { paint, width } = options;
  const lines: string[] = [paint.bold.underline(migration.name)];
  if (migration.waitsFor !== null) {
    const text = `Waits: it needs what ${migration.waitsFor} leaves. Plan it again when that one is done.`;
    lines.push(...wrap(text, width, '  ').map((line) => paint.yellow(line)));
  }
  for (const note of migration.notes) lines.push(...wrap(note, width, '    ', '  · '));
  if (migration.steps.length === 0 && migration.waitsFor === null) lines.push('  Nothing to do.');
  for (const phase of phases) {
    const steps = migration.steps.filter((step) => step.phase === phase);
    if (steps.length === 0) continue;
    lines.push('', `  ${paint.cyan.bold(phase.toUpperCase())}  ${paint.dim(phaseTitles[phase])}`);
    for (const step of steps) lines.push('', ...stepLines(step, options));
  }
  const versions = versionText(migration.versions);
  if (versions.length > 0) {
    lines.push('', `  ${paint.bold('What each version may rely on')}`);
    for (const sentence of versions) lines.push(...wrap(sentence, width, '    ', '  · '));
  }
  return lines;
}

function stepLines(step: Step, options: PlanTextOptions): readonly string[] {
  const { width, paint } = options;
  const lines: string[] = [
    `    ${paint.bold(step.id)}  ${cut(step.title, width - step.id.length - 6)}`,
    ...sqlLines(step, options),
    ...labelled('lock', lockText(step), options),
    ...labelled('time', timeText(step), options),
    ...labelled('size', step.estimate === null ? '' : sizeText(step.estimate), options),
    ...labelled('loses', step.drops.join(', '), options),
    // After contract nothing is rolled back, whatever the step by itself would allow.
    ...labelled('undo', step.phase === 'contract' ? '' : undoText(step.undo), options),
  ];
  for (const note of step.notes) lines.push(...labelled('note', note, options));
  return lines.map((line) => (isWorrying(step) && line.startsWith(`      time `) ? paint.yellow(line) : line));
}

function sqlLines(step: Step, options: PlanTextOptions): readonly string[] {
  const { paint, verbose = false } = options;
  const shown = sqlOf(step.run).flatMap((statement) => {
    if (statement === `${step.title};`) return [];
    const lines = statement.split('\n');
    if (verbose || lines.length <= sqlLinesShown) return lines;
    const left = lines.length - sqlLinesShown + 1;
    return [...lines.slice(0, sqlLinesShown - 1), `… ${left} more lines (--verbose shows them)`];
  });
  return shown.flatMap((line) => wrapSql(line, options.width)).map((line) => paint.dim(line));
}

/** SQL is broken at blanks only, with the continuation set in, and never inside its own indentation. */
function wrapSql(line: string, width: number): readonly string[] {
  const own = /^\s*/.exec(line)?.[0] ?? '';
  return wrap(line.trimStart(), width, `        ${own}`, `      ${own}`);
}

function labelled(label: string, text: string, { width, paint }: PlanTextOptions): readonly string[] {
  if (text === '') return [];
  const gutter = `      ${label.padEnd(5)} `;
  const [first = '', ...rest] = wrap(text, width, ' '.repeat(gutter.length), gutter);
  return [`${paint.bold(first.slice(0, gutter.length))}${first.slice(gutter.length)}`, ...rest];
}

function summaryLines(plan: Plan, look: PlanTextOptions): readonly string[] {
  const { paint } = look;
  const order = deployOrder(plan);
  const width = Math.max(...order.map(({ command }) => command?.length ?? 0));
  return [
    ...roomLines(plan, look),
    paint.bold('The order of things'),
    ...order.map(
      ({ command, text }, index) => `  ${index + 1}. ${command === null ? text : `${command.padEnd(width)}   ${text}`}`,
    ),
  ];
}

function roomLines(plan: Plan, { paint, width }: PlanTextOptions): readonly string[] {
  const text = roomText(plan);
  return text === null ? [] : [paint.bold('Room on disk'), ...wrap(text, width, '  '), ''];
}
