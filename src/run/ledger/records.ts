/**
 * Reads the ledger into plain records: what `decide` and `status` work on. Nothing here writes.
 */
import type { Selectable } from 'kysely';
import type { Phase } from '../../operations/step-draft.ts';
import type { PlannedMigration } from '../../plan/plan.ts';
import type { Session } from '../session.ts';
import type { LedgerTables, MigrationStatus, RecordedError, StepStatus } from './tables.ts';

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

/** What is read of a migration whose plan does not matter any more: a history of hundreds has megabytes of plans. */
export type MigrationSummary = {
  readonly name: string;
  readonly checksum: string;
  readonly position: number;
  readonly status: MigrationStatus;
  readonly onwardVersion: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};

export type MigrationRecord = MigrationSummary & {
  readonly plan: PlannedMigration;
  /** In the order of the plan. */
  readonly steps: readonly StepRecord[];
};

const summaryColumns = [
  'name',
  'checksum',
  'position',
  'status',
  'onward_version',
  'created_at',
  'finished_at',
] as const;

/** All migrations in the order in which they were applied. */
export async function readMigrationSummaries(session: Session, schema: string): Promise<readonly MigrationSummary[]> {
  const db = session.kysely.withSchema(schema);
  const rows = await db.selectFrom('migration').select(summaryColumns).orderBy('position').execute();
  return rows.map(summaryFrom);
}

/** The named ones, in the order in which they were applied. */
export async function readMigrations(
  session: Session,
  schema: string,
  names: readonly string[],
): Promise<readonly MigrationRecord[]> {
  if (names.length === 0) return [];
  const db = session.kysely.withSchema(schema);
  const migrations = db
    .selectFrom('migration')
    .select([...summaryColumns, 'plan'])
    .orderBy('position');
  const rows = await migrations.where('name', 'in', names).execute();
  const steps = await readSteps(session, schema, names);
  return rows.map((row) => ({ ...summaryFrom(row), plan: row.plan, steps: steps.get(row.name) ?? [] }));
}

/** The steps of each migration, or only of the named ones, in the order of its plan. */
export async function readSteps(
  session: Session,
  schema: string,
  names?: readonly string[],
): Promise<ReadonlyMap<string, readonly StepRecord[]>> {
  const db = session.kysely.withSchema(schema);
  let query = db.selectFrom('step').selectAll().orderBy('migration').orderBy('position');
  if (names !== undefined) query = query.where('migration', 'in', names);
  const stepsOf = new Map<string, StepRecord[]>();
  for (const row of await query.execute()) {
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
  return stepsOf;
}

function summaryFrom(
  row: Pick<Selectable<LedgerTables['migration']>, (typeof summaryColumns)[number]>,
): MigrationSummary {
  return {
    name: row.name,
    checksum: row.checksum,
    position: Number(row.position),
    status: row.status,
    onwardVersion: row.onward_version,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
