import type { BackfillRun } from '../../operations/step-draft.ts';
import type { StepName } from '../run-event.ts';
import type { Runner } from '../runner.ts';

export type BackfillJob = {
  readonly name: StepName;
  readonly run: BackfillRun;
  /** `run`, or `undo-0`, `undo-1`…: which of the step's backfills it is. */
  readonly purpose: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Writes the step's ledger row; called inside the fenced transaction that ends the job. */
  readonly record: () => Promise<void>;
};

export async function runBackfill(_runner: Runner, _job: BackfillJob): Promise<void> {
  throw new Error('to come');
}
