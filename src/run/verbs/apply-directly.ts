/**
 * `migrate up`: all phases of everything pending at once, for development and CI databases.
 *
 * A migration whose steps all fit into one transaction is one string of several statements, sent in one round trip:
 * BEGIN, fence, statements, ledger rows, COMMIT. That is as fast as sending the file itself. If the process dies, the
 * server rolls back or has committed, and the ledger rows tell which.
 *
 * The server does not say which statement of a string failed. So a string that fails is rolled back, and the migration
 * is run again step by step, which either names the statement or, where only a lock was missing, succeeds. Migrations
 * with steps outside a transaction, and such as an earlier run left half done, go step by step from the start.
 */
import { MigrateError } from '../../errors.ts';
import { onwardVersion } from '../../onward-version.ts';
import type { BackfillRun } from '../../operations/step-draft.ts';
import type { PlannedMigration, Step } from '../../plan/plan.ts';
import { identifier, join, literal, qualified, raw, sql, type SqlFragment } from '../../sql/template.ts';
import { throwIfInterrupted } from '../interruption.ts';
import { enterMigration, type Ledger } from '../ledger/ledger.ts';
import { readMigrations, type MigrationRecord } from '../ledger/records.ts';
import type { Verb } from '../run-event.ts';
import type { Runner } from '../runner.ts';
import { hasBegun } from '../steps/decide.ts';
import { advanceOne, type MigrationResult, type VerbResult } from './result.ts';

export type DirectMigration = { readonly name: string; readonly checksum: string; readonly planned: PlannedMigration };

export async function applyDirectly(runner: Runner, migrations: readonly DirectMigration[]): Promise<VerbResult> {
  const all = await readMigrations(
    runner.session,
    runner.ledger.schema,
    migrations.map((migration) => migration.name),
  );
  const known = new Map(all.map((record) => [record.name, record]));
  const results: MigrationResult[] = [];
  let error: MigrateError | null = null;
  for (const [index, migration] of migrations.entries()) {
    const record = known.get(migration.name) ?? null;
    if (error !== null) {
      results.push({
        name: migration.name,
        outcome: 'not_run',
        status: record?.status ?? null,
        steps: [],
        waitsFor: null,
      });
      continue;
    }
    throwIfInterrupted(runner.signal);
    const { result, failure } = await applyOne(runner, migration, record);
    results.push(result);
    error = failure;
    if (failure === null && result.outcome === 'done') {
      runner.onEvent({
        kind: 'migration_applied',
        migration: migration.name,
        number: index + 1,
        count: migrations.length,
      });
    }
  }
  return { verb: 'up', migrations: results, error };
}

export type Applied = { readonly result: MigrationResult; readonly failure: MigrateError | null };

/**
 * One migration, all its phases. `record` is what the ledger knows of it. `planAgain` makes a more careful plan when the
 * server refuses the script of this one, of which nothing is left then.
 */
export async function applyOne(
  runner: Runner,
  migration: DirectMigration,
  record: MigrationRecord | null,
  planAgain: (() => Promise<PlannedMigration | MigrateError>) | null = null,
): Promise<Applied> {
  const { name, planned } = migration;
  if (record !== null && record.status !== 'rolled_back' && (record.status !== 'expanding' || hasBegun(record))) {
    if (record.checksum === migration.checksum) return stepByStep(runner, name, record);
    throw new MigrateError('CHECKSUM_CHANGED', `Migration ${name} was changed after it had been applied here.`, {
      hint: 'Put the file back as it was, and write the change as a new migration.',
      details: { migration: name, applied: record.checksum, file: migration.checksum },
    });
  }
  const script = directScript(runner, planned, record !== null);
  if (script !== null && (await sent(runner, script))) {
    if (planned.steps.some((step) => step.opaque)) await runner.session.resetSettings();
    const steps = planned.steps.map((step) => step.title);
    return { result: { name, outcome: 'done', status: 'done', steps, waitsFor: null }, failure: null };
  }
  const careful = script === null || planAgain === null ? planned : await planAgain();
  if (careful instanceof MigrateError) {
    return { result: { name, outcome: 'failed', status: null, steps: [], waitsFor: null }, failure: careful };
  }
  await enterMigration(runner.ledger, careful);
  return stepByStep(runner, name, null);
}

/** False when the server refused a statement of it: then nothing of it has happened. */
async function sent(runner: Runner, script: string): Promise<boolean> {
  try {
    await runner.session.query(script, [], { signal: runner.signal });
    return true;
  } catch (error) {
    if (error instanceof MigrateError && error.code === 'CONNECTION_LOST') throw error;
    await runner.session.query('rollback');
    if (error instanceof MigrateError) throw error;
    return false;
  }
}

async function stepByStep(runner: Runner, name: string, record: MigrationRecord | null): Promise<Applied> {
  let status = record?.status ?? 'expanding';
  const steps: string[] = [];
  for (const verb of ['expand', 'backfill', 'contract'] satisfies Verb[]) {
    if (status === 'done') break;
    const { result, failure } = await advanceOne(runner, verb, name, status);
    steps.push(...result.steps);
    status = result.status ?? status;
    if (failure !== null) return { result: { ...result, steps }, failure };
  }
  const outcome = record?.status === 'done' ? 'unchanged' : 'done';
  return { result: { name, outcome, status, steps, waitsFor: null }, failure: null };
}

/** Null when a step of it cannot be a part of one transaction. */
function directScript({ ledger, locks }: Runner, planned: PlannedMigration, isKnown: boolean): string | null {
  const parts: SqlFragment[] = [
    sql`begin isolation level read committed`,
    fenceStatement(ledger),
    sql`set local lock_timeout = ${literal(locks.lastTimeoutMs)}`,
  ];
  let inForce: Readonly<Record<string, string>> = {};
  for (const step of planned.steps) {
    const statements = statementsOf(step);
    if (statements === null) return null;
    parts.push(...changeSettings(inForce, step.settings), ...statements);
    inForce = step.settings;
  }
  parts.push(...changeSettings(inForce, {}), ...ledgerRows(ledger, planned, isKnown), sql`commit`);
  // The semicolon on a line of its own: a statement may end in a comment.
  return parts.map((part) => part.text).join('\n;\n');
}

function statementsOf(step: Step): readonly SqlFragment[] | null {
  switch (step.run.kind) {
    case 'sql':
      return step.run.transaction ? step.run.statements.map((statement) => raw(statement)) : null;
    case 'backfill':
      return [wholeBackfill(step.run)];
    case 'gate':
      return null; // it has something to say, which needs the step by step way
    default:
      return step.run satisfies never;
  }
}

/** The backfill as the one statement that the person wrote. */
export function wholeBackfill(run: BackfillRun): SqlFragment {
  if (run.insert !== undefined) return raw(run.insert.statement);
  const list = (parts: readonly string[] = []) => join(parts.map((part) => raw(part)));
  const clause = (word: string, parts: readonly string[] = []) =>
    parts.length === 0 ? raw('') : sql` ${raw(word)} ${list(parts)}`;
  const name = run.alias === null ? qualified(run.table) : sql`${qualified(run.table)} as ${identifier(run.alias)}`;
  const conditions = [run.where, run.guard]
    .filter((condition) => condition !== null)
    .map((text) => sql`(${raw(text)})`);
  const where = conditions.length === 0 ? raw('') : sql` where ${join(conditions, ' and ')}`;
  const named = [...onceQuery(run), ...(run.beside?.with ?? [])];
  const queries = named.length === 0 ? raw('') : sql`with ${list(named)} `;
  if (run.command === 'delete') return sql`${queries}delete from ${name}${clause('using', run.beside?.from)}${where}`;
  const set = join(run.set.map(({ column, expression }) => sql`${identifier(column)} = ${raw(expression)}`));
  return sql`${queries}update ${name} set ${set}${clause('from', run.beside?.from)}${where}`;
}

/** What it works out once, as the query that the statement reads. */
function onceQuery({ once = [] }: BackfillRun): readonly string[] {
  if (once.length === 0) return [];
  const values = once.map(({ column, query }) => sql`${raw(query)} AS ${identifier(column)}`);
  return [sql`onward_once AS (SELECT ${join(values)})`.text];
}

/**
 * Locks the lease's row when it is ours. When it is not, the table's own CHECK (id = 1) refuses the statement, and the
 * step by step way, which comes next, says LEASE_LOST.
 */
function fenceStatement(ledger: Ledger): SqlFragment {
  return sql`update ${ledgerTable(ledger, 'lease')} set heartbeat_at = clock_timestamp(),
    id = case when token = ${literal(ledger.token)}::uuid then 1 else 0 end`;
}

function changeSettings(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly SqlFragment[] {
  const gone = Object.keys(before).filter((name) => !(name in after));
  const changed = Object.entries(after).filter(([name, value]) => before[name] !== value);
  return [
    ...gone.map((name) => sql`set local ${settingName(name)} to default`),
    ...changed.map(([name, value]) => sql`select pg_catalog.set_config(${literal(name)}, ${literal(value)}, true)`),
  ];
}

/** Some settings have a name of two parts: `app.user`. */
function settingName(name: string): SqlFragment {
  return join(
    name.split('.').map((part) => identifier(part)),
    '.',
  );
}

/** One statement where possible: for a small migration the ledger is a good part of the work. */
function ledgerRows(ledger: Ledger, planned: PlannedMigration, isKnown: boolean): readonly SqlFragment[] {
  const table = ledgerTable(ledger, 'migration');
  const migration = sql`insert into ${table}
    (name, checksum, status, plan, onward_version, expanded_at, backfilled_at, finished_at)
    values (${literal(planned.name)}, ${literal(planned.checksum)}, 'done', ${literal(JSON.stringify(planned))}::jsonb,
      ${literal(onwardVersion)}, clock_timestamp(), clock_timestamp(), clock_timestamp())`;
  const steps = planned.steps.map(
    (step, index) =>
      sql`(${literal(planned.name)}, ${literal(step.id)}, ${literal(index + 1)}, ${literal(step.phase)}, ${literal(step.title)}, 'done', 1, now(), clock_timestamp())`,
  );
  return [
    // One that was rolled back, or begun without success.
    ...(isKnown ? [sql`delete from ${table} where name = ${literal(planned.name)}`] : []),
    steps.length === 0
      ? migration
      : sql`with migration as (${migration}) insert into ${ledgerTable(ledger, 'step')}
          (migration, id, position, phase, title, status, attempts, started_at, finished_at)
          values ${join(steps, ',\n')}`,
  ];
}

function ledgerTable(ledger: Ledger, name: string): SqlFragment {
  return qualified({ schema: ledger.schema, name });
}
