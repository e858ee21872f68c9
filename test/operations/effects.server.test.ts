/**
 * Invariant 3: what the plan claims about locks, rewrites and scans is what the server shows, and so is what each
 * operation claims about the plain change. README.md says what exactly is compared.
 */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalog, QualifiedName } from '../../src/catalog/model.ts';
import type { Change } from '../../src/operations/change.ts';
import type { LockClaim } from '../../src/operations/effects.ts';
import { decodeStatement, effectsOf } from '../../src/operations/index.ts';
import type { Step } from '../../src/plan/plan.ts';
import { lockModes, type LockMode } from '../../src/postgres/lock-mode.ts';
import { wholeBackfill } from '../../src/run/verbs/apply-directly.ts';
import { qualifiedName } from '../../src/sql/identifier.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
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
      await database.client.query('create schema if not exists onward');
      for (const phase of ['expand', 'backfill', 'contract'] as const) {
        for (const step of migrations.flatMap(({ steps }) => steps).filter((each) => each.phase === phase)) {
          const goesOn = await runAndCompare(step);
          if (!goesOn) return;
        }
      }
    });
  }
});

describe('the plain change does what its operation says', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (isRefusedByPlan(operationCase) || operationCase.sameAs !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await database.prepare(operationCase);
      await inSession(async (session) => {
        for (const change of changesOf(operationCase)) await runAndCompareChange(session, change);
      });
    });
  }
});

function changesOf(operationCase: OperationCase): readonly Change[] {
  return migrationsOf(operationCase)
    .flatMap(({ source }) => parseStatements(source).flatMap(decodeStatement))
    .filter(({ kind }) => kind !== 'transaction_control');
}

async function inSession(work: (session: pg.Client) => Promise<void>): Promise<void> {
  const session = await database.connect('effects');
  try {
    await work(session);
  } finally {
    await session.end();
  }
}

/** False when a gate does not hold: the rest of the plan does not run then. */
async function runAndCompare(step: Step): Promise<boolean> {
  const { client } = database;
  const { run } = step;
  if (run.kind === 'gate') {
    const { rows } = await client.query<{ count: string }>(run.countSql);
    const { rowCount } = await client.query(run.sampleSql);
    expect(rowCount === 0, `${step.id}: the sample has rows exactly when the count is not zero`).toBe(
      rows[0]?.count === '0',
    );
    return rowCount === 0;
  }
  if (run.kind === 'backfill') {
    await client.query(wholeBackfill(run).text);
    return true;
  }
  await inSession(async (session) => {
    if (!run.transaction) {
      for (const statement of run.statements) await session.query(statement);
      return;
    }
    const tables = await database.catalog();
    const observed = await observeTransaction(session, 'commit', async () => {
      for (const [name, value] of Object.entries(step.settings))
        await session.query('select set_config($1, $2, true)', [name, value]);
      for (const statement of run.statements) await session.query(statement);
    });
    if (step.opaque) return;
    const explained = buildsOf(run.statements, tables);
    compare(`${step.id} (${step.title})`, { ...step, explained }, observed);
  });
  return true;
}

/** Tables that a step reads to build an index or to check a foreign key, which the plan does not call a scan. */
function buildsOf(statements: readonly string[], catalog: Catalog): readonly QualifiedName[] {
  return statements.flatMap((text) =>
    parseStatements(text)
      .flatMap(decodeStatement)
      .flatMap((change) => explainedReads(change, catalog)),
  );
}

function explainedReads(change: Change, catalog: Catalog): readonly QualifiedName[] {
  const effects = effectsOf(change, catalog);
  const rows = change.kind === 'change_rows' || change.kind === 'create_table' || change.kind === 'create_object';
  return [
    ...effects.indexBuilds,
    ...effects.rewrites,
    // Rows are read by whoever changes them: that is no claim about locks.
    ...(rows ? [...catalog.tables.values()] : []),
  ];
}

async function runAndCompareChange(session: pg.Client, change: Change): Promise<void> {
  const catalog = await database.catalog();
  const effects = effectsOf(change, catalog);
  if ('concurrently' in change && change.concurrently) {
    await session.query(change.sql);
    return;
  }
  if (change.kind === 'raw' && change.outsideTransaction) {
    await session.query(change.sql);
    return;
  }
  const observed = await observeTransaction(session, 'commit', async () => {
    await session.query(change.sql);
  });
  if (effects.unknown) return;
  compare(change.sql, { ...effects, explained: explainedReads(change, catalog) }, observed);
}

type Claims = {
  readonly locks: readonly LockClaim[];
  readonly rewrites: readonly QualifiedName[];
  readonly scans: readonly QualifiedName[];
  readonly explained: readonly QualifiedName[];
};

/** As pg_class.relkind has them: tables, partitioned tables, materialized views, foreign tables. */
const comparedKinds: ReadonlySet<string> = new Set(['r', 'p', 'm', 'f']);

function compare(what: string, claims: Claims, observed: ObservedEffects): void {
  const isCompared = ({ kind }: { readonly kind: string }) => comparedKinds.has(kind);
  const observedLocks = observed.locks.map(({ relation, mode }) => ({ table: relation, mode, kind: relation.kind }));
  expect(strongLocks(claims.locks), `locks of ${what}`).toEqual(strongLocks(observedLocks.filter(isCompared)));
  expect(names(claims.rewrites), `rewrites of ${what}`).toEqual(names(observed.rewrites.filter(isCompared)));
  const reads = new Set(names(observed.reads));
  const expected = new Set(names(claims.scans));
  const explained = new Set([...expected, ...names(claims.explained)]);
  expect(
    [...reads].filter((name) => !explained.has(name)),
    `tables read by ${what}, which nobody claims`,
  ).toEqual([]);
  const seen = new Set([...reads, ...names(observed.empty)]);
  expect(
    [...expected].filter((name) => !seen.has(name)),
    `tables that ${what} is said to scan, and does not`,
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
