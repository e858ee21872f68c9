/** Every migration with its phase, and the steps of those that are under way: what a page shows, read once a second. */
import { readMigrationSummaries, readSteps } from '../ledger/records.ts';
import type { MigrationStatus } from '../ledger/tables.ts';
import type { Session } from '../session.ts';
import { isOnItsWay } from '../verbs/selection.ts';
import { phaseOf, type MigrationReport } from '../verbs/status.ts';

export type MigrationAtAGlance = {
  readonly name: string;
  readonly status: MigrationStatus;
  /** What is under way or comes next; null when nothing does. */
  readonly phase: MigrationReport['phase'];
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** Of one that is under way. */
  readonly steps: { readonly done: number; readonly total: number } | null;
  readonly running: string | null;
  readonly error: string | null;
};

export async function readMigrationsAtAGlance(
  session: Session,
  schema: string,
): Promise<readonly MigrationAtAGlance[]> {
  const migrations = await readMigrationSummaries(session, schema);
  const open = migrations.filter(({ status }) => isOnItsWay(status)).map(({ name }) => name);
  const steps = open.length === 0 ? new Map<string, never>() : await readSteps(session, schema, open);
  return migrations.map(({ name, status, createdAt, finishedAt }) => {
    const own = steps.get(name) ?? null;
    return {
      name,
      status,
      phase: phaseOf[status],
      startedAt: createdAt,
      finishedAt,
      steps: own === null ? null : { done: own.filter((step) => step.status === 'done').length, total: own.length },
      running: own?.find((step) => step.status === 'running')?.title ?? null,
      error: own?.findLast((step) => step.lastError !== null)?.lastError?.message ?? null,
    };
  });
}
