/**
 * `migrate up`: everything that is pending, all phases at once, one migration after the other. For databases that nobody
 * uses meanwhile; there it must be about as fast as sending the files.
 *
 * The schema is read once and then folded forward in memory. It is read again only where the fold is no longer the whole
 * truth: after a statement that nobody understands (a DO block), and where a migration needs an earlier one's contract.
 * If the process dies, the ledger tells which migrations are done; the next run reads the schema and goes on.
 */
import type { Catalog } from '../catalog/model.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { foldMigrations, planMigrations, type PlanOptions } from '../plan/planner.ts';
import { introspect } from './introspect.ts';
import type { Runner } from './runner.ts';
import { readHistory } from './situation.ts';
import { applyDirectly, type DirectMigration } from './verbs/apply-directly.ts';
import type { MigrationResult, VerbResult } from './verbs/result.ts';

export type UpOptions = {
  readonly files: readonly MigrationFile[];
  readonly smallTable: PlanOptions['smallTable'];
};

export async function applyEverything(runner: Runner, { files, smallTable }: UpOptions): Promise<VerbResult> {
  const { schema } = runner.ledger;
  const { pending, problems, records } = await readHistory(runner.session, schema, files);
  const [problem] = problems;
  if (problem !== undefined) throw problem;

  const halfDone = records.filter((record) => record.status !== 'done');
  const finished = await applyDirectly(
    runner,
    halfDone.map(({ name, checksum, plan }) => ({ name, checksum, planned: plan })),
  );
  const results: MigrationResult[] = [...finished.migrations];
  let { error } = finished;

  let left = pending;
  while (left.length > 0 && error === null) {
    const catalog = await introspect(runner.session, { excludeSchemas: [schema] });
    const part = plannable(left, catalog, smallTable);
    const applied = await applyDirectly(runner, part);
    results.push(...applied.migrations);
    error = applied.error;
    left = left.slice(part.length);
  }
  const notRun = left.map(({ name }): MigrationResult => {
    return { name, outcome: 'not_run', status: null, steps: [], waitsFor: null };
  });
  return { verb: 'up', migrations: [...results, ...notRun], error };
}

/** As many of the files as can be planned from this schema: at least one. */
function plannable(
  files: readonly MigrationFile[],
  catalog: Catalog,
  smallTable: PlanOptions['smallTable'],
): readonly DirectMigration[] {
  const migrations = files.slice(0, certainUpTo(files, catalog));
  const { plan } = planMigrations({ migrations, catalog, fingerprint: null, options: { smallTable, unused: true } });
  const waiting = plan.migrations.findIndex((planned) => planned.waitsFor !== null);
  const ready = waiting === -1 ? plan.migrations : plan.migrations.slice(0, waiting);
  return ready.map((planned) => ({ name: planned.name, checksum: planned.checksum, planned }));
}

/** The number of files up to and with the first one after which the schema is uncertain. */
function certainUpTo(files: readonly MigrationFile[], start: Catalog): number {
  let catalog = start;
  for (const [index, file] of files.entries()) {
    catalog = foldMigrations([file], catalog);
    if (catalog.uncertain.length > 0) return index + 1;
  }
  return files.length;
}
