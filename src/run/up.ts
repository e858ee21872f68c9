/**
 * `migrate up`: everything that is pending, all phases at once, one migration after the other. For databases that nobody
 * uses meanwhile; there it must be about as fast as sending the files.
 *
 * On a database without tables the files are sent as they are. Otherwise the schema is read once and then folded forward
 * in memory. It is read again only where the fold is no longer the whole truth: after a statement that nobody understands
 * (a DO block). The next migration is planned while the server works on the present one. If the process dies, the
 * ledger tells which migrations are done; the next run reads the schema and goes on.
 */
import type { Catalog, Table } from '../catalog/model.ts';
import { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import type { PlannedMigration } from '../plan/plan.ts';
import type { PlanOptions } from '../plan/plan-options.ts';
import { planMigrations } from '../plan/planner.ts';
import { asWritten } from './as-written.ts';
import { throwIfInterrupted } from './interruption.ts';
import { introspect } from './introspect.ts';
import { hasRelations } from './introspect/has-relations.ts';
import { refuseWithoutRights } from './rights/missing-rights.ts';
import type { Runner } from './runner.ts';
import { readHistory } from './situation.ts';
import { applyOne, type Applied, type DirectMigration } from './verbs/apply-directly.ts';
import type { MigrationResult, VerbResult } from './verbs/result.ts';

export type UpOptions = {
  readonly files: readonly MigrationFile[];
  readonly smallTable: PlanOptions['smallTable'];
};

export async function applyEverything(runner: Runner, { files, smallTable }: UpOptions): Promise<VerbResult> {
  const { schema } = runner.ledger;
  const { pending, problems, records, halfDone, traceless } = await readHistory(runner.session, schema, files);
  const [problem] = problems;
  if (problem !== undefined) throw problem;

  const count = halfDone.length + pending.length;
  const results: MigrationResult[] = [];
  let error: MigrateError | null = null;

  const settle = ({ result, failure }: Applied): void => {
    results.push(result);
    error = failure;
    if (failure !== null) return;
    runner.onEvent({ kind: 'migration_applied', migration: result.name, number: results.length, count });
  };

  for (const record of halfDone) {
    if (error !== null) break;
    throwIfInterrupted(runner.signal);
    settle(await applyOne(runner, { ...record, planned: record.plan }, record));
  }

  const options: PlanOptions = { smallTable, unused: true };
  const read = (): Promise<Catalog> => introspect(runner.session, { excludeSchemas: [schema] });
  let catalog: Catalog | null = null;
  const wasEmpty = pending.length > 0 && records.length === 0 && !(await hasRelations(runner.session, [schema]));
  let underWay: Promise<Applied> | null = null;
  const settleUnderWay = async (): Promise<void> => {
    if (underWay !== null) settle(await underWay);
    underWay = null;
  };

  for (const file of pending) {
    if (error !== null) break;
    let next = wasEmpty ? written(file) : null;
    if (next === null && (catalog === null || catalog.uncertain.length > 0)) {
      await settleUnderWay();
      if (error !== null) break;
      catalog = await read();
    }
    next ??= planned(file, catalog, options);
    await settleUnderWay();
    if (error !== null) break;
    if (!wasEmpty && !(next instanceof MigrateError)) next = await withRights(runner, next);
    if (next instanceof MigrateError) {
      // Before anything was changed it is thrown; afterwards what was done matters as much as what failed.
      if (results.length === 0) throw next;
      error = next;
      results.push({ name: file.name, outcome: 'failed', status: null, steps: [], waitsFor: null });
      break;
    }
    throwIfInterrupted(runner.signal);
    catalog = next.catalog;
    // The server knows better than the fold: a table that a migration has filled has rows.
    const planAgain = async (): Promise<PlannedMigration | MigrateError> => {
      const careful = planned(file, await read(), options);
      return careful instanceof MigrateError ? careful : careful.migration.planned;
    };
    const record = traceless.find(({ name }) => name === file.name) ?? null;
    underWay = started(applyOne(runner, next.migration, record, planAgain));
    await handedOver();
  }
  await settleUnderWay();
  return { verb: 'up', migrations: [...results, ...notRun(pending, results)], error };
}

/** Null: the planner is needed. The schema after it is not known, so that it is read before the planner is. */
function written(file: MigrationFile): Next | MigrateError | null {
  return orError(() => {
    const plan = asWritten(file);
    if (plan === null) return null;
    return { migration: { name: plan.name, checksum: plan.checksum, planned: plan }, catalog: null };
  });
}

type Next = { readonly migration: DirectMigration; readonly catalog: Catalog | null };

/** Behind the migrations before it, because what they have made and given counts. */
async function withRights({ session }: Runner, next: Next): Promise<Next | MigrateError> {
  try {
    await refuseWithoutRights(session, [next.migration.planned]);
    return next;
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'PERMISSION_DENIED') return error;
    throw error;
  }
}

/** The plan of one migration and the schema after it; or why there is none. */
function planned(file: MigrationFile, catalog: Catalog | null, options: PlanOptions): Next | MigrateError {
  return orError(() => {
    if (catalog === null) throw new MigrateError('INTERNAL', 'A plan was made without a schema.');
    const outcome = planMigrations({ migrations: [file], catalog: withoutRows(catalog), fingerprint: null, options });
    const [migration] = outcome.plan.migrations;
    if (migration === undefined) throw new MigrateError('INTERNAL', `The plan of ${file.name} is empty.`);
    const { name, checksum } = migration;
    return { migration: { name, checksum, planned: migration }, catalog: outcome.catalog };
  });
}

function orError<T>(work: () => T): T | MigrateError {
  try {
    return work();
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
}

/** A table that this run has made is in use by nobody, even when a migration has put rows into it. */
function withoutRows(catalog: Catalog): Catalog {
  const made = [...catalog.tables].filter(([, table]) => table.estimate === null);
  if (made.length === 0) return catalog;
  const tables = new Map<string, Table>(catalog.tables);
  for (const [key, table] of made) tables.set(key, { ...table, estimate: { rows: 0, bytes: 0 } });
  return { ...catalog, tables };
}

/** Keeps a failure for the one who awaits the promise later: until then Node would call it unhandled. */
function started(work: Promise<Applied>): Promise<Applied> {
  work.catch(() => undefined);
  return work;
}

const hops = 16; // promises between the call and the socket: about five; more cost nothing

/** Lets the statement get to the socket before the next migration is planned, which occupies this thread. */
async function handedOver(): Promise<void> {
  for (let hop = 0; hop < hops; hop += 1) await Promise.resolve();
}

function notRun(pending: readonly MigrationFile[], results: readonly MigrationResult[]): readonly MigrationResult[] {
  const seen = new Set(results.map((result) => result.name));
  return pending
    .filter((file) => !seen.has(file.name))
    .map(({ name }) => ({ name, outcome: 'not_run', status: null, steps: [], waitsFor: null }));
}
