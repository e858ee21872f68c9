/**
 * `migrate status`: how far every migration is. Needs no lease, changes nothing, and works where the ledger was never
 * installed, on a standby, and while another runner is at work.
 */
import type { Phase } from '../../operations/step-draft.ts';
import { percentOf } from '../backfill/progress.ts';
import { readLeaseHolder } from '../lease.ts';
import { lookForLedger } from '../ledger/install.ts';
import { readBackfills, type BackfillRecord } from '../ledger/backfill-records.ts';
import { readBackfillsOfFormat1 } from '../ledger/upgrade.ts';
import { readMigrationSummaries, readSteps, type MigrationSummary, type StepRecord } from '../ledger/records.ts';
import { defaultLedgerSchema, type MigrationStatus, type RecordedError, type StepStatus } from '../ledger/tables.ts';
import type { LeaseHolder } from '../run-event.ts';
import type { Session } from '../session.ts';

export type StatusReport = {
  /** False when nothing was ever run here: then there are no migrations. */
  readonly installed: boolean;
  /** Schema of the ledger. */
  readonly schema: string;
  /** Who runs at this moment. */
  readonly holder: LeaseHolder | null;
  /** In the order in which they were applied. */
  readonly migrations: readonly MigrationReport[];
};

export type MigrationReport = {
  readonly name: string;
  readonly checksum: string;
  readonly status: MigrationStatus;
  /** What is under way or comes next; null when nothing does. */
  readonly phase: Phase | 'rollback' | null;
  readonly onwardVersion: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly steps: readonly StepReport[];
};

export type StepReport = {
  readonly id: string;
  readonly phase: Phase;
  readonly title: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly lastError: RecordedError | null;
  /** Of a backfill that has begun; the last one, when its undo is a backfill too. */
  readonly backfill: BackfillReport | null;
};

type BackfillReport = {
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
  readonly percent: number;
  /** Null until its first batch. */
  readonly batchSize: number | null;
  readonly status: BackfillRecord['status'];
  readonly updatedAt: Date;
};

export async function readStatus(session: Session, options: { readonly schema?: string } = {}): Promise<StatusReport> {
  const schema = options.schema ?? defaultLedgerSchema;
  const ledger = await lookForLedger(session, schema);
  if (ledger.kind === 'missing') return { installed: false, schema, holder: null, migrations: [] };
  const migrations = await readMigrationSummaries(session, schema);
  const steps = await readSteps(session, schema);
  const backfills =
    ledger.version === 1 ? await readBackfillsOfFormat1(session, schema) : await readBackfills(session, schema);
  return {
    installed: true,
    schema,
    holder: await readLeaseHolder(session, schema),
    migrations: migrations.map((record) => reportOf(record, steps.get(record.name) ?? [], backfills)),
  };
}

function reportOf(
  record: MigrationSummary,
  steps: readonly StepRecord[],
  backfills: readonly BackfillRecord[],
): MigrationReport {
  return {
    name: record.name,
    checksum: record.checksum,
    status: record.status,
    phase: phaseOf[record.status],
    onwardVersion: record.onwardVersion,
    startedAt: record.createdAt,
    finishedAt: record.finishedAt,
    steps: steps.map((step) => {
      const backfill = backfills.findLast((job) => job.migration === record.name && job.step === step.id);
      return {
        id: step.id,
        phase: step.phase,
        title: step.title,
        status: step.status,
        attempts: step.attempts,
        startedAt: step.startedAt,
        finishedAt: step.finishedAt,
        lastError: step.lastError,
        backfill: backfill === undefined ? null : backfillReport(backfill),
      };
    }),
  };
}

function backfillReport(job: BackfillRecord): BackfillReport {
  return {
    rowsDone: job.rowsDone,
    rowsScanned: job.rowsScanned,
    estimate: job.estimate,
    percent: percentOf(job, job.status === 'done'),
    batchSize: job.batchSize,
    status: job.status,
    updatedAt: job.updatedAt,
  };
}

export const phaseOf: { readonly [S in MigrationStatus]: MigrationReport['phase'] } = {
  expanding: 'expand',
  expanded: 'backfill',
  backfilling: 'backfill',
  backfilled: 'contract',
  contracting: 'contract',
  done: null,
  rolling_back: 'rollback',
  rolled_back: null,
};
