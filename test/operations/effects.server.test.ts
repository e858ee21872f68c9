/**
 * Invariant 3: what the plan claims about locks, rewrites and scans is what the server shows, and so is what each
 * operation claims about the plain change. README.md says what exactly is compared.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectKey, type Catalog, type QualifiedName } from '../../src/catalog/model.ts';
import type { Change, ChangeOf } from '../../src/operations/change.ts';
import type { Effects, LockClaim } from '../../src/operations/effects.ts';
import { applyChange, changesThatRun, decodeStatement, effectsOf } from '../../src/operations/index.ts';
import type { GateRun, SqlRun } from '../../src/operations/step-draft.ts';
import type { Step } from '../../src/plan/plan.ts';
import { lockModes, type LockMode } from '../../src/postgres/lock-mode.ts';
import { wholeBackfill } from '../../src/run/verbs/apply-directly.ts';
import { qualifiedName } from '../../src/sql/identifier.ts';
import { loadParser, parseFile, parseStatements } from '../../src/sql/parse.ts';
import { forwardStatements } from '../../src/sql/sections.ts';
import { observeTransaction, type ObservedEffects } from '../support/observed-effects.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { isRefusedByPlan, migrationsOf, readCases, type OperationCase } from './harness/case-file.ts';
import { planCase } from './harness/lifecycle.ts';

let database: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe('the steps do what the plan says they do', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (isRefusedByPlan(operationCase)) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await database.prepare(operationCase);
      // Waiting migrations are planned on a schema that does not exist yet; the next round of a deploy plans them anew.
      const plan = await planCase(database, operationCase);
      const migrations = plan.migrations.filter(({ waitsFor }) => waitsFor === null);
      const steps = migrations.flatMap((migration) => migration.steps);
      await database.client.query('create schema if not exists onward');
      for (const phase of ['expand', 'backfill', 'contract'] as const) {
        for (const step of steps.filter((each) => each.phase === phase)) {
          if (!(await runAndCompare(step, operationCase))) return;
        }
      }
    });
  }
});

describe('the plain change does what its operation says', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (operationCase.expect !== null || operationCase.sameAs !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await database.prepare(operationCase);
      for (const change of changesOf(operationCase)) await runAndCompareChange(change);
    });
  }
});

function changesOf(operationCase: OperationCase): readonly Change[] {
  return migrationsOf(operationCase)
    .flatMap(({ source, path }) => forwardStatements(parseFile(source, { file: path })).flatMap(decodeStatement))
    .filter(({ kind }) => kind !== 'transaction_control');
}

/** False when a gate does not hold: the rest of the plan does not run then. */
async function runAndCompare(step: Step, { expect: expected }: OperationCase): Promise<boolean> {
  const { client } = database;
  const { run, settings } = step;
  const names = Object.keys(settings);
  for (const name of names) await client.query('select set_config($1, $2, false)', [name, settings[name]]);
  try {
    if (run.kind === 'gate')
      return (expected !== 'STEP_FAILED' || (await isAnswered(run))) && (await holds(step.id, run));
    if (run.kind === 'backfill') await client.query(wholeBackfill(run).text);
    else if (run.transaction) await runTransaction(step, run);
    else for (const statement of run.statements) await client.query(statement);
    return true;
  } finally {
    for (const name of names)
      await client.query('select set_config($1, reset_val, false) from pg_settings where name = $1', [name]);
  }
}

async function runTransaction(step: Step, { statements }: SqlRun): Promise<void> {
  const before = await database.catalog();
  const observed = await observeTransaction(database.client, 'commit', async () => {
    for (const statement of statements) await database.client.query(statement);
  });
  // A view is claimed for the order of the locks, and its own lock is compared with nobody's.
  const locks = step.locks.filter(({ table }) => before.views.get(objectKey(table))?.kind !== 'view');
  if (!step.opaque) compare(`${step.id} (${step.title})`, { ...step, locks }, readsOf(statements, before), observed);
}

/** A row that is there can make the question itself fail. */
async function isAnswered({ countSql }: GateRun): Promise<boolean> {
  return database.client.query(countSql).then(
    () => true,
    () => false,
  );
}

async function holds(id: string, { countSql, sampleSql }: GateRun): Promise<boolean> {
  const { rows } = await database.client.query<{ count: string }>(countSql);
  const { rowCount } = await database.client.query(sampleSql);
  expect(rowCount === 0, `${id}: the sample has rows exactly when the count is not zero`).toBe(rows[0]?.count === '0');
  return rowCount === 0;
}

async function runAndCompareChange(change: Change): Promise<void> {
  const { client } = database;
  const before = await database.catalog();
  const effects = effectsOf(change, before);
  // A REINDEX of a partitioned table begins and ends transactions of its own.
  const outside =
    change.kind === 'reindex' ||
    ('outsideTransaction' in change && change.outsideTransaction) ||
    (change.kind === 'raw' && mayCommit(change));
  if (effects.unknown || outside || ('concurrently' in change && change.concurrently)) {
    await client.query(change.sql);
    return;
  }
  const observed = await observeTransaction(client, 'commit', async () => {
    await client.query(change.sql);
  });
  compare(change.sql, effects, readsOf([change.sql], before), observed);
}

function mayCommit({ what, outsideTransaction }: ChangeOf<'raw'>): boolean {
  return outsideTransaction || what === 'CALL';
}

type Reads = {
  /** Read for another reason than a scan: to build an index, to write the table anew, to change rows. */
  readonly explained: readonly QualifiedName[];
  /** Only read if the server's planner likes: the check of a foreign key is a query. */
  readonly possible: readonly QualifiedName[];
};

function readsOf(statements: readonly string[], before: Catalog): Reads {
  const explained: QualifiedName[] = [];
  const possible: QualifiedName[] = [];
  let catalog = before;
  const decoded = statements.flatMap((text) => parseStatements(text).flatMap(decodeStatement));
  for (const change of decoded.flatMap((each) => changesThatRun(each, before))) {
    const effects = effectsOf(change, catalog);
    explained.push(...effects.indexBuilds, ...effects.rewrites);
    const reads = ['change_rows', 'create_table', 'create_object', 'raw'];
    if (reads.includes(change.kind)) explained.push(...catalog.tables.values());
    if (change.kind === 'refresh_view') explained.push(...catalog.tables.values(), ...catalog.views.values());
    if (readsByQuery.has(change.kind)) possible.push(...effects.scans);
    catalog = applyChange(catalog, change);
  }
  return { explained, possible };
}

/** The server's planner may find an index for what they look for. */
const readsByQuery: ReadonlySet<Change['kind']> = new Set([
  'add_foreign_key',
  'validate_constraint',
  'attach_partition',
  'alter_column_type',
]);

type Claims = Pick<Effects, 'locks' | 'rewrites' | 'scans'>;

/** As pg_class.relkind has them: tables, partitioned tables, materialized views, foreign tables. */
const comparedKinds: ReadonlySet<string> = new Set(['r', 'p', 'm', 'f']);

function compare(what: string, claims: Claims, { explained, possible }: Reads, observed: ObservedEffects): void {
  const isCompared = ({ kind }: { readonly kind: string }) => comparedKinds.has(kind);
  const observedLocks = observed.locks.map(({ relation, mode }) => ({ table: relation, mode, kind: relation.kind }));
  expect(strongLocks(claims.locks), `locks of ${what}`).toEqual(strongLocks(observedLocks.filter(isCompared)));
  expect(names(claims.rewrites), `rewrites of ${what}`).toEqual(names(observed.rewrites.filter(isCompared)));
  const read = new Set(names(observed.reads));
  const claimed = names(claims.scans);
  const mayBeRead = new Set([...claimed, ...names(explained)]);
  expect(
    [...read].filter((name) => !mayBeRead.has(name)),
    `tables that are read by ${what}, which nobody claims`,
  ).toEqual([]);
  const mayBeUnread = new Set(names([...observed.empty, ...possible]));
  expect(
    claimed.filter((name) => !read.has(name) && !mayBeUnread.has(name)),
    `tables that are not read by ${what}, which is claimed`,
  ).toEqual([]);
}

function holdsUpOthers(mode: LockMode): boolean {
  return lockModes.indexOf(mode) >= lockModes.indexOf('SHARE UPDATE EXCLUSIVE');
}

/** The strongest mode on each table, as text. */
function strongLocks(claims: readonly LockClaim[]): Readonly<Record<string, LockMode>> {
  const strongest: Record<string, LockMode> = {};
  for (const { table, mode } of claims.filter((claim) => holdsUpOthers(claim.mode))) {
    const name = qualifiedName(table);
    const known = strongest[name];
    if (known === undefined || lockModes.indexOf(mode) > lockModes.indexOf(known)) strongest[name] = mode;
  }
  return strongest;
}

function names(relations: readonly QualifiedName[]): readonly string[] {
  return [...new Set(relations.map(qualifiedName))].toSorted();
}
