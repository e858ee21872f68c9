/**
 * Makes a plan of files: on the live schema, for what is pending there; or from the files alone, where an empty database
 * is what the first of them begins with.
 */
import { emptyCatalog } from '../catalog/model.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanOptions } from '../plan/plan-options.ts';
import { foldMigrations, planMigrations } from '../plan/planner.ts';
import { newestKnownVersion } from '../postgres/version.ts';
import { positionOf } from './migration-source.ts';
import { reading, type DatabaseOptions } from './reading.ts';
import { readSituation } from './situation.ts';

export async function planForDatabase(
  files: readonly MigrationFile[],
  database: DatabaseOptions,
  options: PlanOptions,
): Promise<Plan> {
  return reading(database, async (session, schema) => {
    const { pending, ...situation } = await readSituation(session, schema, files);
    return planMigrations({ ...situation, migrations: pending, options }).plan;
  });
}

/** The same on a stand-in, of which only the schema counts: not its sizes, and it is not where the plan will run. */
export async function planOnStandIn(
  files: readonly MigrationFile[],
  database: DatabaseOptions,
  options: PlanOptions,
): Promise<Plan> {
  return reading(database, async (session, schema) => {
    const { pending, ...situation } = await readSituation(session, schema, files);
    const onAnySize = { ...options, smallTable: null };
    return planMigrations({ ...situation, migrations: pending, fingerprint: null, options: onAnySize }).plan;
  });
}

export type OfflineOptions = {
  /** Name of the first migration to plan; the ones before it count as done. Undefined: all are planned. */
  readonly from: string | undefined;
  /** Major version of the server; undefined: the newest. */
  readonly version: number | undefined;
};

/** What the ones before left behind is folded, not read: the plan is as good as the files tell. */
export function planFromFiles(files: readonly MigrationFile[], offline: OfflineOptions, options: PlanOptions): Plan {
  const first = offline.from === undefined ? 0 : positionOf(files, offline.from);
  const catalog = foldMigrations(files.slice(0, first), emptyCatalog(offline.version ?? newestKnownVersion));
  return planMigrations({ migrations: files.slice(first), catalog, fingerprint: null, options }).plan;
}
