/**
 * A plan as text for review beside its case: everything that a change of the planner could change, nothing that the
 * layout of the command line's output could.
 */
import type { LockClaim } from '../../../src/operations/effects.ts';
import type { BackfillRun, Probe, StepRun, Undo, UndoAction } from '../../../src/operations/step-draft.ts';
import type { Plan, Step } from '../../../src/plan/plan.ts';
import { wholeBackfill } from '../../../src/run/verbs/apply-directly.ts';
import { versionText } from '../../../src/report/version-text.ts';
import { qualifiedName } from '../../../src/sql/identifier.ts';

export function planSnapshot(plan: Plan): string {
  const parts = plan.migrations.map((migration) =>
    [
      `${migration.name}${migration.waitsFor === null ? '' : ` (waits for ${migration.waitsFor})`}`,
      ...versionText(migration.versions),
      ...migration.notes.map((note) => `Note: ${note}`),
      ...migration.steps.map((step) => `\n${stepText(step)}`),
    ].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}

function stepText(step: Step): string {
  const settings = Object.entries(step.settings).map(([name, value]) => `${name} = ${value}`);
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['', runText(step.run)],
    ['with', settings],
    ['locks', [...step.locks.map(claimText), ...(step.opaque ? ['unknown'] : [])]],
    ['rewrites', step.rewrites.map(qualifiedName)],
    ['scans', step.scans.map(qualifiedName)],
    ['drops', step.drops],
    ['takes', [`${step.duration}${step.statementTimeoutMs === null ? '' : `, at most ${step.statementTimeoutMs} ms`}`]],
    ['undo', undoText(step.undo)],
    ['note', step.notes],
  ];
  return [
    `${step.id}: ${step.title}`,
    ...lines.flatMap(([label, texts]) =>
      texts.map(
        (text, index) => `  ${(index === 0 ? label : '').padEnd(label === '' ? 0 : 9)}${indented(text, label)}`,
      ),
    ),
  ].join('\n');
}

function indented(text: string, label: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(label === '' ? 2 : 11)}`);
}

function claimText({ table, mode }: LockClaim): string {
  return `${mode} on ${qualifiedName(table)}`;
}

function runText(run: StepRun): readonly string[] {
  switch (run.kind) {
    case 'sql': {
      const probe = run.probe === null ? '' : `, until ${goals[run.probe.kind]}`;
      const outside = run.transaction ? [] : [`(outside a transaction${probe})`];
      return [...run.statements.map((statement) => `${statement};`), ...outside];
    }
    case 'backfill':
      return backfillText(run);
    case 'gate':
      return [`${run.countSql};`, `${run.sampleSql};`, `(goes on when the count is 0, else: ${run.what})`];
  }
}

function backfillText(run: BackfillRun): readonly string[] {
  const size = run.batchSize === null ? '' : ` of ${run.batchSize}`;
  const pause = run.pauseMs === null ? '' : ` with pauses of ${run.pauseMs} ms`;
  const verified = run.verify === null ? '' : `, until no row has ${run.verify}`;
  return [`${wholeBackfill(run).text};`, `(in batches${size}${pause}${verified})`];
}

function undoText(undo: Undo): readonly string[] {
  switch (undo.kind) {
    case 'nothing':
      return [];
    case 'impossible':
      return [`impossible, because ${undo.reason}`];
    case 'actions':
      return undo.actions.flatMap(actionText);
  }
}

function actionText(action: UndoAction): readonly string[] {
  return runText(action);
}

const goals: Readonly<Record<Probe['kind'], string>> = {
  index_valid: 'index is valid',
  index_absent: 'index is absent',
  no_invalid_rest: 'no invalid index is left',
  partition_detached: 'partition is detached',
};
