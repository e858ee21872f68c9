/**
 * What a migration's next action is. Pure: the ledger's record and the verb in, one action out. A thin loop (advance.ts)
 * performs it, reads the record again, and asks again, until the answer is `finished`. So a run that was killed at any
 * point goes on by asking the same question.
 *
 *   expand:    expanding → expanded (backfills to come) | backfilled (contract to come) | done
 *   backfill:  expanded → backfilling → backfilled | done
 *   contract:  backfilled → contracting → done. Its leading gates run while it still is `backfilled`: when one of them
 *              does not hold, nothing has changed, and a rollback is still possible.
 *   rollback:  any of the above before the first contract step that changes something → rolling_back → rolled_back
 *
 * A gate that was passed is only as good as the moment: as long as the step after it has not run, each run asks again.
 */
import type { ErrorCode } from '../../errors.ts';
import type { Phase, UndoAction } from '../../operations/step-draft.ts';
import type { Step } from '../../plan/plan.ts';
import type { MigrationRecord, StepRecord } from '../ledger/records.ts';
import type { MigrationStatus } from '../ledger/tables.ts';
import type { Verb } from '../run-event.ts';

export type NextAction =
  | {
      readonly kind: 'run_step';
      readonly step: Step;
      /** An earlier run began it and did not live to tell how it ended. */
      readonly resumed: boolean;
    }
  | {
      readonly kind: 'undo';
      readonly step: Step;
      readonly action: UndoAction;
      readonly index: number;
      readonly last: boolean;
    }
  /** Nothing has to be run to take it back. */
  | { readonly kind: 'mark_undone'; readonly step: Step }
  | { readonly kind: 'set_status'; readonly status: MigrationStatus }
  | { readonly kind: 'refuse'; readonly code: ErrorCode; readonly message: string; readonly hint: string }
  | { readonly kind: 'finished' };

/** `passedGates`: ids of the gates that this very run found to hold. */
export function decide(record: MigrationRecord, verb: Verb, passedGates: ReadonlySet<string> = new Set()): NextAction {
  switch (verb) {
    case 'expand':
      return decideExpand(record, passedGates);
    case 'backfill':
      return decideBackfill(record, passedGates);
    case 'contract':
      return decideContract(record, passedGates);
    case 'rollback':
      return decideRollback(record);
    default:
      return verb satisfies never;
  }
}

function decideExpand(record: MigrationRecord, passedGates: ReadonlySet<string>): NextAction {
  if (record.status === 'rolling_back')
    return refuse(record, 'NOT_EXPANDED', 'is being rolled back', 'Finish that first: migrate rollback');
  if (record.status === 'rolled_back')
    return refuse(record, 'NOT_EXPANDED', 'was rolled back', 'Plan it anew: migrate expand');
  if (record.status !== 'expanding') return { kind: 'finished' };
  const next = nextStep(record, 'expand', passedGates);
  if (next !== null) return runStep(record, next);
  return { kind: 'set_status', status: afterExpand(record) };
}

function decideBackfill(record: MigrationRecord, passedGates: ReadonlySet<string>): NextAction {
  const refusal = refuseUnlessExpanded(record);
  if (refusal !== null) return refusal;
  if (record.status !== 'expanded' && record.status !== 'backfilling') return { kind: 'finished' };
  const next = nextStep(record, 'backfill', passedGates);
  if (next === null) return { kind: 'set_status', status: afterBackfill(record) };
  if (record.status === 'expanded') return { kind: 'set_status', status: 'backfilling' };
  return runStep(record, next);
}

function decideContract(record: MigrationRecord, passedGates: ReadonlySet<string>): NextAction {
  const refusal = refuseUnlessExpanded(record);
  if (refusal !== null) return refusal;
  if (record.status === 'done') return { kind: 'finished' };
  const incomplete = unfinishedBackfills(record);
  if (incomplete.length > 0) {
    return refuse(
      record,
      'BACKFILL_INCOMPLETE',
      `is not backfilled yet: ${incomplete.map((step) => step.title).join('; ')}`,
      `Run: migrate backfill ${record.name}`,
    );
  }
  if (record.status === 'expanded' || record.status === 'backfilling')
    return { kind: 'set_status', status: afterBackfill(record) };
  const next = nextStep(record, 'contract', passedGates);
  if (next === null) return { kind: 'set_status', status: 'done' };
  if (record.status === 'backfilled' && next.run.kind !== 'gate') return { kind: 'set_status', status: 'contracting' };
  return runStep(record, next);
}

function decideRollback(record: MigrationRecord): NextAction {
  if (record.status === 'rolled_back') return { kind: 'finished' };
  const refusal = refuseRollback(record);
  if (refusal !== null) return refusal;
  if (record.status !== 'rolling_back') return { kind: 'set_status', status: 'rolling_back' };
  const step = record.plan.steps.findLast((candidate) => isTouched(candidate, recordOf(record, candidate)));
  if (step === undefined) return { kind: 'set_status', status: 'rolled_back' };
  const actions = step.undo.kind === 'actions' ? step.undo.actions : [];
  const index = recordOf(record, step)?.undoneActions ?? 0;
  const action = actions[index];
  if (action === undefined) return { kind: 'mark_undone', step };
  return { kind: 'undo', step, action, index, last: index === actions.length - 1 };
}

/** Why this migration cannot be rolled back; null when it can. */
export function refuseRollback(record: MigrationRecord): NextAction | null {
  const contracted = record.plan.steps.filter(
    (step) => step.phase === 'contract' && isTouched(step, recordOf(record, step)),
  );
  const first = contracted[0];
  if (first !== undefined) {
    return refuse(
      record,
      'ALREADY_CONTRACTED',
      `cannot be rolled back: contract has begun (done: ${first.title}), and the old shape is gone`,
      record.status === 'done'
        ? 'Write a new migration that changes it back.'
        : `Go forward instead: migrate contract ${record.name}. Then write a new migration that changes it back.`,
    );
  }
  for (const step of record.plan.steps.toReversed()) {
    if (step.undo.kind !== 'impossible' || !isTouched(step, recordOf(record, step))) continue;
    return refuse(
      record,
      'CANNOT_UNDO',
      `cannot be rolled back: the step “${step.title}” cannot be undone: ${step.undo.reason}`,
      'Nothing was changed. Go forward instead, or write a new migration that changes it back.',
    );
  }
  return null;
}

/** True for a migration that some of its steps have changed something for. */
export function hasBegun(record: MigrationRecord): boolean {
  return record.plan.steps.some((step) => isTouched(step, recordOf(record, step)));
}

/** Backfill-phase steps that are not done. */
function unfinishedBackfills(record: MigrationRecord): readonly StepRecord[] {
  return record.steps.filter((step) => step.phase === 'backfill' && step.status !== 'done');
}

function afterExpand(record: MigrationRecord): MigrationStatus {
  return record.plan.steps.some((step) => step.phase === 'backfill') ? 'expanded' : afterBackfill(record);
}

function afterBackfill(record: MigrationRecord): MigrationStatus {
  return record.plan.steps.some((step) => step.phase === 'contract') ? 'backfilled' : 'done';
}

/**
 * Whether something of the step may be in the database. A transactional step is there when its ledger row says so, and
 * only then. Outside a transaction a step that is `running` was cut off somewhere, and a failed index build may have
 * left an invalid index. A backfill leaves what its batches did.
 */
function isTouched(step: Step, record: StepRecord | null): boolean {
  if (record === null || record.status === 'undone' || step.run.kind === 'gate') return false;
  if (record.status === 'done' || record.status === 'undoing') return true;
  if (step.run.kind === 'backfill') return record.attempts > 0;
  if (step.run.transaction) return false;
  return record.status === 'running' || (record.attempts > 0 && step.run.probe !== null);
}

function nextStep(record: MigrationRecord, phase: Phase, passedGates: ReadonlySet<string>): Step | null {
  const steps = record.plan.steps.filter((step) => step.phase === phase);
  const isDone = (step: Step): boolean => recordOf(record, step)?.status === 'done';
  const lastChange = steps.findLastIndex((step) => step.run.kind !== 'gate' && isDone(step));
  for (const [index, step] of steps.entries()) {
    if (!isDone(step)) return step;
    const asksAgain = step.run.kind === 'gate' && index > lastChange && index < steps.length - 1;
    if (asksAgain && !passedGates.has(step.id)) return step;
  }
  return null;
}

function runStep(record: MigrationRecord, step: Step): NextAction {
  return { kind: 'run_step', step, resumed: recordOf(record, step)?.status === 'running' };
}

function recordOf(record: MigrationRecord, step: Step): StepRecord | null {
  return record.steps.find((candidate) => candidate.id === step.id) ?? null;
}

function refuseUnlessExpanded(record: MigrationRecord): NextAction | null {
  switch (record.status) {
    case 'expanding':
      return refuse(record, 'NOT_EXPANDED', 'is not expanded yet', 'Run: migrate expand');
    case 'rolling_back':
      return refuse(record, 'NOT_EXPANDED', 'is being rolled back', 'Finish that first: migrate rollback');
    case 'rolled_back':
      return refuse(record, 'NOT_EXPANDED', 'was rolled back', 'Run: migrate expand');
    default:
      return null;
  }
}

function refuse(record: MigrationRecord, code: ErrorCode, what: string, hint: string): NextAction {
  return { kind: 'refuse', code, message: `Migration ${record.name} ${what}.`, hint };
}
