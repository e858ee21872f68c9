/**
 * `migrate rollback`: takes back what expand and backfill did, newest first, before contract has begun. Which steps
 * were done, and how each one is undone, stands in the ledger, whatever the files say by now.
 *
 * Without names: everything from the newest migration back to the oldest one that is on its way. With names: those
 * alone, unless a later migration that stays touches the same tables; taking the ground from under it could drop what
 * it added (an index on a column that goes) without a word.
 */
import { MigrateError } from '../../errors.ts';
import type { QualifiedName } from '../../catalog/model.ts';
import { qualifiedName } from '../../sql/identifier.ts';
import {
  readMigrations,
  readMigrationSummaries,
  type MigrationRecord,
  type MigrationSummary,
} from '../ledger/records.ts';
import type { Runner } from '../runner.ts';
import { refuseRollback } from '../steps/decide.ts';
import { advanceAll, type VerbResult } from './result.ts';
import { isOnItsWay, type Names } from './selection.ts';

/** Throws ALREADY_CONTRACTED and CANNOT_UNDO before anything is changed. An empty result means there was nothing to do. */
export async function rollbackMigrations(runner: Runner, options: Names = {}): Promise<VerbResult> {
  const { chosen, staying } = await choose(runner, options);
  for (const record of chosen) {
    const refusal = refuseRollback(record) ?? refuseUnderLater(record, staying);
    if (refusal === null || refusal.kind !== 'refuse') continue;
    throw new MigrateError(refusal.code, refusal.message, { hint: refusal.hint, details: { migration: record.name } });
  }
  return advanceAll(runner, 'rollback', chosen);
}

/** What would be rolled back, newest first. */
export async function selectForRollback(runner: Runner, options: Names): Promise<readonly MigrationRecord[]> {
  return (await choose(runner, options)).chosen;
}

type Choice = {
  /** Newest first. */
  readonly chosen: readonly MigrationRecord[];
  /** Those that came after one of them. */
  readonly staying: readonly MigrationRecord[];
};

async function choose({ session, ledger }: Runner, options: Names): Promise<Choice> {
  const all = await readMigrationSummaries(session, ledger.schema);
  const names = new Set(namesOf(all, options));
  const first = all.findIndex(({ name }) => names.has(name));
  if (first === -1) return { chosen: [], staying: [] };
  const later = all.slice(first).filter(({ status }) => status !== 'rolled_back');
  const records = await readMigrations(
    session,
    ledger.schema,
    later.map(({ name }) => name),
  );
  const isChosen = ({ name }: MigrationRecord): boolean => names.has(name);
  return { chosen: records.filter(isChosen).toReversed(), staying: records.filter((record) => !isChosen(record)) };
}

/** What is to be rolled back, of what is in the ledger. */
function namesOf(all: readonly MigrationSummary[], { names }: Names): readonly string[] {
  const applied = all.filter((record) => record.status !== 'rolled_back');
  if (names === undefined) {
    const oldest = applied.findIndex((record) => isOnItsWay(record.status));
    return oldest === -1 ? [] : applied.slice(oldest).map(({ name }) => name);
  }
  const unknown = names.filter((name) => !all.some((record) => record.name === name));
  if (unknown.length > 0) {
    throw new MigrateError('NOT_EXPANDED', `Not in this database's ledger: ${unknown.join(', ')}.`, {
      hint: '`migrate status` lists what the ledger knows.',
      details: { names: unknown },
    });
  }
  return applied.map(({ name }) => name).filter((name) => names.includes(name));
}

function refuseUnderLater(
  record: MigrationRecord,
  staying: readonly MigrationRecord[],
): ReturnType<typeof refuseRollback> {
  const later = staying.filter((other) => other.position > record.position);
  const inTheWay = later.filter((other) => sharesTables(record, other));
  if (inTheWay.length === 0) return null;
  const names = inTheWay.map((other) => other.name).join(', ');
  return {
    kind: 'refuse',
    code: 'CANNOT_UNDO',
    message: `Migration ${record.name} cannot be rolled back alone: ${names} came later and changed the same tables.`,
    hint: `Roll them back together: migrate rollback ${[record, ...inTheWay].map((one) => one.name).join(' ')}`,
  };
}

/** Whether both touch one table, as far as the plans know; an opaque step may touch any. */
function sharesTables(a: MigrationRecord, b: MigrationRecord): boolean {
  if ([...a.plan.steps, ...b.plan.steps].some((step) => step.opaque)) return true;
  const tables = touchedTables(a);
  return [...touchedTables(b)].some((table) => tables.has(table));
}

function touchedTables(record: MigrationRecord): ReadonlySet<string> {
  const names: QualifiedName[] = [];
  for (const step of record.plan.steps) {
    names.push(...step.locks.map((claim) => claim.table), ...step.scans, ...step.rewrites);
    if (step.run.kind === 'backfill') names.push(step.run.table);
    if (step.run.kind === 'sql' && step.run.probe?.kind === 'index_valid') names.push(step.run.probe.table);
  }
  return new Set(names.map(qualifiedName));
}
