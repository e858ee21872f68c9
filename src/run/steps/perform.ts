/**
 * Performs what `decide` decided: one step or one undo action, with its intent before it and its result after it.
 */
import { MigrateError } from '../../errors.ts';
import type { Step } from '../../plan/plan.ts';
import type { UndoAction } from '../../operations/step-draft.ts';
import { runBackfill } from '../backfill/run-backfill.ts';
import type { MigrationRecord } from '../ledger/records.ts';
import { fenced, recordStepFailed, recordStepStarted, writeStepDone, writeUndone } from '../ledger/ledger.ts';
import type { StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { expectCarried, settingsBefore, type CarriedSettings } from './carried-settings.ts';
import { checkGate } from './gate.ts';
import { runInTransaction } from './in-transaction.ts';
import { runOutsideTransaction } from './outside-transaction.ts';
import { expectHelpers, expectNothingNew } from './still-as-planned.ts';
import { recordable } from './step-error.ts';

export async function performStep(
  runner: Runner,
  record: MigrationRecord,
  step: Step,
  resumed: boolean,
): Promise<void> {
  const { ledger } = runner;
  const name = nameOf(record, step);
  let status: Unfinished = 'pending';
  const announcing = { undo: false, resumed, statusOnFailure: () => status };
  await announced(runner, record, step, announcing, async () => {
    await recordStepStarted(ledger, record.name, step.id);
    const write = (): Promise<void> => writeStepDone(ledger, record.name, step.id);
    const { run } = step;
    switch (run.kind) {
      case 'sql':
        if (run.transaction) {
          let before: readonly CarriedSettings[] = [];
          await runInTransaction(runner, {
            ...step,
            name,
            statements: run.statements,
            claims: step.locks,
            expect: async () => {
              if (step.phase !== 'contract') return;
              await expectHelpers(runner.session, record);
              await expectNothingNew(runner.session, record, step);
              before = await settingsBefore(runner.session, step);
            },
            expectBehind: () => expectCarried(runner.session, record, before),
            record: write,
          });
          // An opaque statement may have changed settings for good.
          if (step.opaque) await runner.session.resetSettings();
        } else {
          if (resumed) status = 'running';
          await runOutsideTransaction(runner, {
            ...step,
            name,
            run,
            claims: step.locks,
            mayBeDone: resumed,
            onOutcome: (outcome) => {
              status = outcome === 'there' ? 'running' : 'pending';
            },
            record: write,
          });
        }
        return;
      case 'backfill':
        await runBackfill(runner, { name, run, purpose: 'run', settings: step.settings, record: write });
        return;
      case 'gate':
        await checkGate(runner, name, run, step);
        await fenced(ledger, write);
        runner.onEvent({ kind: 'gate_passed', ...name });
        return;
      default:
        return run satisfies never;
    }
  });
}

/** Of a step that has failed; `running`: it may be done for all that. */
type Unfinished = 'pending' | 'running' | 'undoing';

/** One undo action. Its ledger row counts it in the action's own transaction, so that a crash repeats none. */
export async function performUndo(
  runner: Runner,
  record: MigrationRecord,
  step: Step,
  undo: { readonly action: UndoAction; readonly index: number; readonly last: boolean },
): Promise<void> {
  const { ledger } = runner;
  const name = nameOf(record, step);
  const { action, index, last } = undo;
  const announcing = { undo: true, resumed: index > 0, statusOnFailure: (): Unfinished => 'undoing' };
  await announced(runner, record, step, announcing, async () => {
    const write = (): Promise<void> => writeUndone(ledger, record.name, step.id, index + 1, last);
    if (action.kind === 'backfill') {
      await runBackfill(runner, {
        name,
        run: action,
        purpose: `undo-${index}`,
        settings: step.settings,
        record: write,
      });
    } else if (action.transaction) {
      // The plan claims locks for the step, not for its undo: the statements take them, under the same timeouts.
      await runInTransaction(runner, { ...step, name, statements: action.statements, claims: [], record: write });
    } else {
      await runOutsideTransaction(runner, {
        ...step,
        name,
        run: action,
        claims: [],
        opaque: false,
        mayBeDone: true,
        onOutcome: () => undefined,
        record: write,
      });
    }
  });
}

/** A step that nothing has to be run for to take it back. */
export async function performMarkUndone(runner: Runner, record: MigrationRecord, step: Step): Promise<void> {
  const actions = step.undo.kind === 'actions' ? step.undo.actions.length : 0;
  await fenced(runner.ledger, () => writeUndone(runner.ledger, record.name, step.id, actions, true));
}

async function announced(
  runner: Runner,
  record: MigrationRecord,
  step: Step,
  {
    statusOnFailure,
    ...how
  }: { readonly undo: boolean; readonly resumed: boolean; readonly statusOnFailure: () => Unfinished },
  work: () => Promise<void>,
): Promise<void> {
  const { onEvent, clock } = runner;
  const name = nameOf(record, step);
  const { phase } = step;
  const ofPhase = record.plan.steps.filter((candidate) => candidate.phase === phase);
  const startedAt = clock.now();
  onEvent({
    kind: 'step_started',
    ...name,
    phase,
    ...how,
    number: ofPhase.findIndex((candidate) => candidate.id === step.id) + 1,
    count: ofPhase.length,
  });
  try {
    await work();
  } catch (error) {
    await writeDown(runner, name, statusOnFailure(), error);
    onEvent({ kind: 'step_failed', ...name, phase, undo: how.undo, message: recordable(error).message });
    throw error;
  }
  onEvent({ kind: 'step_finished', ...name, phase, undo: how.undo, durationMs: clock.now() - startedAt });
}

/** The error that ended the step matters more than one that keeps us from writing it down. */
async function writeDown(runner: Runner, name: StepName, status: Unfinished, error: unknown): Promise<void> {
  // Without the connection or the lease nothing can be written: the step stays `running`, which is the truth.
  if (error instanceof MigrateError && (error.code === 'CONNECTION_LOST' || error.code === 'LEASE_LOST')) return;
  await recordStepFailed(runner.ledger, name.migration, name.step, recordable(error), status).catch(() => undefined);
}

function nameOf(record: MigrationRecord, step: Step): StepName {
  return { migration: record.name, step: step.id, title: step.title };
}
