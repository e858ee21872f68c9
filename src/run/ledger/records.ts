/**
 * Reads the ledger into plain records: what `decide` and `status` work on. Nothing here writes.
 */
import type { Phase } from '../../operations/step-draft.ts';
import type { PlannedMigration } from '../../plan/plan.ts';
import type { Session } from '../session.ts';
import type { BackfillRange, BackfillStatus, MigrationStatus, RecordedError, StepStatus } from './tables.ts';

export type StepRecord = {
  readonly id: string;
  readonly phase: Phase;
  readonly title: string;
  readonly status: StepStatus;
  readonly attempts: number;
  readonly undoneActions: number;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly lastError: RecordedError | null;
};

export type MigrationRecord = {
  readonly name: string;
  readonly checksum: string;
  readonly position: number;
  readonly status: MigrationStatus;
  readonly plan: PlannedMigration;
  readonly onwardVersion: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** In the order of the plan. */
  readonly steps: readonly StepRecord[];
};

export type BackfillRecord = {
  readonly migration: string;
  readonly step: string;
  readonly purpose: string;
  readonly status: BackfillStatus;
  readonly ranges: readonly BackfillRange[];
  readonly range: number;
  readonly cursor: readonly string[] | null;
  readonly sweep: number;
  readonly rowsDone: number;
  readonly rowsScanned: number;
  readonly estimate: number;
  readonly batchSize: number;
  readonly lastError: RecordedError | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
};

/** All migrations in the order in which they were applied, or only the named ones. */
export async function readMigrations(
  session: Session,
  schema: string,
  names?: readonly string[],
): Promise<readonly MigrationRecord[]> {
  if (names?.length === 0) return [];
  const db = session.kysely.withSchema(schema);
  let migrations = db.selectFrom('migration').selectAll().orderBy('position');
  let steps = db.selectFrom('step').selectAll().orderBy('migration').orderBy('position');
  if (names !== undefined) {
    migrations = migrations.where('name', 'in', names);
    steps = steps.where('migration', 'in', names);
  }
  const stepsOf = new Map<string, StepRecord[]>();
  const migrationRows = await migrations.execute();
  for (const row of await steps.execute()) {
    const list = stepsOf.get(row.migration) ?? [];
    list.push({
      id: row.id,
      phase: row.phase,
      title: row.title,
      status: row.status,
      attempts: row.attempts,
      undoneActions: row.undone_actions,
      startedAt: row.started_at,
      finishedAt: row.finished_at,
      lastError: row.last_error,
    });
    stepsOf.set(row.migration, list);
  }
  return migrationRows.map((row) => ({
    name: row.name,
    checksum: row.checksum,
    position: Number(row.position),
    status: row.status,
    plan: row.plan,
    onwardVersion: row.onward_version,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    steps: stepsOf.get(row.name) ?? [],
  }));
}

export async function readBackfills(
  session: Session,
  schema: string,
  migration?: string,
): Promise<readonly BackfillRecord[]> {
  let query = session.kysely.withSchema(schema).selectFrom('backfill').selectAll().orderBy('started_at');
  if (migration !== undefined) query = query.where('migration', '=', migration);
  const rows = await query.execute();
  return rows.map((row) => ({
    migration: row.migration,
    step: row.step,
    purpose: row.purpose,
    status: row.status,
    ranges: row.ranges,
    range: row.range,
    cursor: row.cursor,
    sweep: row.sweep,
    // Counts of rows stay far below 2^53: 9 × 10^15 rows do not fit on any server.
    rowsDone: Number(row.rows_done),
    rowsScanned: Number(row.rows_scanned),
    estimate: Number(row.estimate),
    batchSize: row.batch_size,
    lastError: row.last_error,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  }));
}
