/**
 * A plan for people: phase by phase, what runs, who waits for it and for how long, how it is taken back, and what each
 * version of the application may rely on. It is what a reviewer reads before anything happens, so it leaves nothing out
 * but the middle of long SQL, and says so where it does.
 */
import type { LockClaim } from '../operations/effects.ts';
import type { Phase, StepRun, Undo, UndoAction } from '../operations/step-draft.ts';
import type { StepEstimate } from '../plan/estimate.ts';
import type { Plan, PlannedMigration, Step } from '../plan/plan.ts';
import { whoWaits } from '../postgres/lock-mode.ts';
import { backfillSql } from './backfill-sql.ts';
import { relationText } from './names.ts';
import type { Look } from './paint.ts';
import { versionText } from './version-text.ts';
import { count, cut, duration, inBytes, inRows, together, wrap } from './wrap.ts';

export type PlanTextOptions = Look & {
  /** All lines of all SQL. */
  readonly verbose?: boolean;
};

const phases = ['expand', 'backfill', 'contract'] as const satisfies readonly Phase[];

const phaseTitles: { readonly [P in Phase]: string } = {
  expand: 'before the new version is deployed',
  backfill: 'in batches, while both versions run',
  contract: 'when the old version is gone; there is no way back from here',
};

const sqlLinesShown = 4; // a usual ALTER TABLE fits; of a trigger function one sees what it is

export function planText(plan: Plan, options: PlanTextOptions): string {
  const { paint } = options;
  if (plan.migrations.length === 0) return 'Nothing to plan: no migration is pending.\n';
  const source = plan.fingerprint === null ? 'from the files' : 'for the live database';
  const lines = [
    `${paint.bold('Plan')} of ${count(plan.migrations.length, 'migration')}, ${source}, Postgres ${plan.serverVersion}`,
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

function isWorrying(step: Step): boolean {
  return (step.duration === 'blocking' && step.locks.length > 0) || step.duration === 'unknown';
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

function sqlOf(run: StepRun): readonly string[] {
  switch (run.kind) {
    case 'sql':
      return run.statements.map((statement) => `${statement};`);
    case 'backfill':
      return [`${backfillSql(run)};`];
    case 'gate':
      return [`${run.countSql};`];
  }
}

function labelled(label: string, text: string, { width, paint }: PlanTextOptions): readonly string[] {
  if (text === '') return [];
  const gutter = `      ${label.padEnd(5)} `;
  const [first = '', ...rest] = wrap(text, width, ' '.repeat(gutter.length), gutter);
  return [`${paint.bold(first.slice(0, gutter.length))}${first.slice(gutter.length)}`, ...rest];
}

function lockText(step: Step): string {
  if (step.opaque) return [...step.locks.map(claimText), notKnown(step)].join('\n');
  if (step.run.kind === 'gate') return 'none: it only counts';
  if (step.run.kind === 'backfill') return 'the rows of one batch at a time';
  if (step.locks.length === 0) return 'none on a table that is in use';
  return step.locks.map(claimText).join('\n');
}

function notKnown({ locks }: Step): string {
  return locks.length === 0 ? 'not known: the statement runs as it is written' : 'and what else it does is not known';
}

function claimText(claim: LockClaim): string {
  return `${claim.mode} on ${relationText(claim.table)}: ${whoWaits(claim.mode)}`;
}

/** `about 41 million rows, 18 GB; minutes in 20,500 batches; 18 GB of disk and 27 GB of WAL` */
function sizeText({ rows, bytes, batches, takes, extraBytes, walBytes }: StepEstimate): string {
  const work = batches === null ? '' : ` in ${together(count(batches, 'batch', 'batches'))}`;
  const needs = [
    ...(extraBytes === 0 ? [] : [`${together(inBytes(extraBytes))} of disk`]),
    ...(walBytes === 0 ? [] : [`${together(inBytes(walBytes))} of WAL`]),
  ];
  return [
    `about ${together(`${inRows(rows)} ${rows === 1 ? 'row' : 'rows'}`)}, ${together(inBytes(bytes))}`,
    `${takes}${work}`,
    ...(needs.length === 0 ? [] : [needs.join(' and ')]),
  ].join('; ');
}

function timeText(step: Step): string {
  const limit =
    step.statementTimeoutMs === null ? '' : `; cut off after ${together(duration(step.statementTimeoutMs))}`;
  // Nobody waits for a table that nobody uses yet.
  const harmless = step.duration === 'blocking' && step.locks.length === 0 && !step.opaque;
  return `${harmless ? 'grows with the number of rows' : durationTexts[step.duration]}${limit}`;
}

const durationTexts: { readonly [D in Step['duration']]: string } = {
  instant: 'milliseconds, however large the table is',
  scan: 'reads the whole table, while reads and writes go on',
  build: 'builds the index while reads and writes go on',
  batches: 'grows with the number of rows; pauses and resumes at any batch',
  blocking: 'grows with the table, and everybody named above waits that long',
  unknown: 'not known',
};

function undoText(undo: Undo): string {
  switch (undo.kind) {
    case 'nothing':
      return 'nothing to take back';
    case 'impossible':
      return `not possible: ${undo.reason}`;
    case 'actions':
      return undo.actions.flatMap(undoActionText).join('\n');
  }
}

function undoActionText(action: UndoAction): readonly string[] {
  if (action.kind === 'backfill') return [`${backfillSql(action)} (in batches)`];
  return action.statements.map((statement) => {
    const [first = '', ...rest] = statement.split('\n');
    return rest.length === 0 ? first : `${first} …`;
  });
}

/** What to run, in the order in which the deploy needs it. */
function summaryLines(plan: Plan, look: PlanTextOptions): readonly string[] {
  const { paint } = look;
  const steps = plan.migrations.flatMap((migration) => migration.steps);
  const has = (phase: Phase): boolean => steps.some((step) => step.phase === phase);
  const commands: (readonly [string, string])[] = [];
  if (has('expand') || has('backfill')) {
    commands.push(['migrate expand', has('backfill') ? 'adds what is new, then fills it' : 'adds what is new']);
  }
  commands.push(['', 'deploy the new version']);
  if (has('contract')) commands.push(['migrate contract', 'when no old version runs any more']);
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    ...roomLines(plan, look),
    paint.bold('The order of things'),
    ...commands.map(
      ([command, text], index) => `  ${index + 1}. ${command === '' ? text : `${command.padEnd(width)}   ${text}`}`,
    ),
  ];
}

/** Postgres does not tell how much of its disk is free: that is for a person to look up. */
function roomLines({ estimate: total }: Plan, { paint, width }: PlanTextOptions): readonly string[] {
  if (total === null || total.extraBytes + total.walBytes === 0) return [];
  const text =
    `All together at most about ${together(inBytes(total.extraBytes))}, until vacuum has passed over what was filled, and ` +
    `${together(inBytes(total.walBytes))} of WAL, which every standby and every archive gets as well. Postgres does not ` +
    'tell how much of its disk is free: look before you begin.';
  return [paint.bold('Room on disk'), ...wrap(text, width, '  '), ''];
}
