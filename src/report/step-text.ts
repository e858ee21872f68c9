/**
 * What a plan says of itself, as words: the facts that the plan for a terminal, the comment on a pull request and the page
 * for a browser all tell, each in its own form.
 */
import type { LockClaim } from '../operations/effects.ts';
import type { Phase, StepRun, Undo, UndoAction } from '../operations/step-draft.ts';
import type { StepEstimate } from '../plan/estimate.ts';
import type { Plan, Step } from '../plan/plan.ts';
import { whoWaits } from '../postgres/lock-mode.ts';
import { backfillSql } from './backfill-sql.ts';
import { relationText } from './names.ts';
import { count, duration, inBytes, inRows, together } from './wrap.ts';

export const phases = ['expand', 'backfill', 'contract'] as const satisfies readonly Phase[];

export const phaseTitles: { readonly [P in Phase]: string } = {
  expand: 'before the new version is deployed',
  backfill: 'in batches, while both versions run',
  contract: 'when the old version is gone; there is no way back from here',
};

/** How a plan came about, in a line. */
export function planOrigin(plan: Plan): string {
  const source = plan.fingerprint === null ? 'from the files' : 'for the live database';
  return `${count(plan.migrations.length, 'migration')}, ${source}, Postgres ${plan.serverVersion}`;
}

export function isWorrying(step: Step): boolean {
  return (step.duration === 'blocking' && step.locks.length > 0) || step.duration === 'unknown';
}

export function sqlOf(run: StepRun): readonly string[] {
  switch (run.kind) {
    case 'sql':
      return run.statements.map(terminated);
    case 'backfill':
      return [terminated(backfillSql(run))];
    case 'gate':
      return [terminated(run.countSql)];
  }
}

/** A semicolon on a line of its own where the statement ends in a line comment, which would swallow it. */
export function terminated(statement: string): string {
  const lastLine = statement.slice(statement.lastIndexOf('\n') + 1);
  return lastLine.includes('--') ? `${statement}\n;` : `${statement};`;
}

export function lockText(step: Step): string {
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
export function sizeText({ rows, bytes, batches, takes, extraBytes, walBytes }: StepEstimate): string {
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

export function timeText(step: Step): string {
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

export function undoText(undo: Undo): string {
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
export function deployOrder(plan: Plan): readonly { readonly command: string | null; readonly text: string }[] {
  const steps = plan.migrations.flatMap((migration) => migration.steps);
  const has = (phase: Phase): boolean => steps.some((step) => step.phase === phase);
  const fills = has('backfill');
  return [
    ...(has('expand') || fills
      ? [{ command: 'migrate expand', text: fills ? 'adds what is new, then fills it' : 'adds what is new' }]
      : []),
    { command: null, text: 'deploy the new version' },
    ...(has('contract') ? [{ command: 'migrate contract', text: 'when no old version runs any more' }] : []),
  ];
}

/** Postgres does not tell how much of its disk is free: that is for a person to look up. */
export function roomText({ estimate: total }: Plan): string | null {
  if (total === null || total.extraBytes + total.walBytes === 0) return null;
  return (
    `All together at most about ${together(inBytes(total.extraBytes))}, until vacuum has passed over what was filled, and ` +
    `${together(inBytes(total.walBytes))} of WAL, which every standby and every archive gets as well. Postgres does not ` +
    'tell how much of its disk is free: look before you begin.'
  );
}
