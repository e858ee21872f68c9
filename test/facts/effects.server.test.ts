/**
 * The measured facts about single statements: the server still behaves as measured, and our operations claim the same.
 * Runs on every supported version (`npm run test:matrix`).
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveRelation } from '../../src/catalog/lookup.ts';
import type { Catalog } from '../../src/catalog/model.ts';
import type { Change } from '../../src/operations/change.ts';
import { applyChange, decodeStatement, effectsOf } from '../../src/operations/index.ts';
import { lockModes, strongest, type LockMode } from '../../src/postgres/lock-mode.ts';
import { sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { introspect } from '../../src/run/introspect.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { qualified, sql } from '../../src/sql/template.ts';
import { observeTransaction } from '../support/observed-effects.ts';
import { createTestDatabase, serverVersion, type TestDatabase } from '../support/server.ts';

type Outcome = {
  readonly locks?: Readonly<Record<string, LockMode>>;
  readonly rewrites?: readonly string[];
  readonly reads?: readonly string[];
  readonly error?: string;
};

type Fact = {
  readonly id: string;
  readonly setup?: string;
  readonly statement: string;
  readonly measured: readonly (Outcome & { readonly versions: readonly [number, number] })[];
};

type Facts = { readonly base: readonly string[]; readonly facts: readonly Fact[] };

const { base, facts } = JSON.parse(readFileSync(new URL('measured-effects.json', import.meta.url), 'utf8')) as Facts; // the file is ours

/** Statements that no operation takes apart, and CASCADE: the plan says that what they lock is not known. */
const opaque: ReadonlySet<string> = new Set([
  'alter_fk_not_enforced',
  'alter_fk_enforced',
  'composite_add_attribute.typed_table',
  'composite_alter_attribute.typed_table_type',
  'drop_function.of_trigger_cascade',
  'drop_schema_cascade',
  'drop_sequence.default_cascade',
  'drop_type.used_cascade',
]);

/** Where more is claimed than this server does, on purpose. */
const cautious: ReadonlyMap<string, string> = new Map([
  [
    'type.timestamp_to_timestamptz_utc',
    'it is free only while TimeZone is UTC, which the session that runs it decides',
  ],
  [
    'type.timestamptz_to_timestamp_utc',
    'it is free only while TimeZone is UTC, which the session that runs it decides',
  ],
  ['add_column.inline_references', 'a new column without a value needs no check, which is not worth a case of its own'],
  [
    'add_column.inline_references_default_null',
    'no row has a value to look up, so the referenced table is not read, which is not worth a case of its own',
  ],
]);

function measuredHere({ measured }: Fact): Outcome | undefined {
  const version = serverVersion();
  return measured.find(({ versions: [from, to] }) => from <= version && version <= to);
}

let database: TestDatabase;
let client: pg.Client;
let prepared: string | null = null;

beforeAll(async () => {
  await loadParser();
  database = await createTestDatabase();
  client = await database.connect();
});

afterAll(async () => {
  await database.drop();
});

/** The schema before the statement. Every statement is rolled back, so the next fact with this set-up finds it ready. */
async function prepare(fact: Fact): Promise<void> {
  const setup = fact.setup ?? '';
  if (prepared === setup) return;
  prepared = null;
  await client.query('drop schema if exists m cascade; create schema m; set search_path = m');
  for (const text of [...base, setup]) await client.query(text);
  prepared = setup;
}

async function observe(fact: Fact): Promise<Outcome> {
  try {
    const { locks, rewrites, reads } = await observeTransaction(client, 'rollback', async () => {
      await client.query(fact.statement);
    });
    const names = [...new Set(locks.map(({ relation }) => relation.name))].toSorted();
    return {
      locks: Object.fromEntries(
        names.map((name) => {
          const held = locks.filter(({ relation }) => relation.name === name).map(({ mode }) => mode);
          return [name, strongest(held) ?? 'ACCESS SHARE'];
        }),
      ),
      ...(rewrites.length === 0 ? {} : { rewrites: rewrites.map(({ name }) => name) }),
      ...(reads.length === 0 ? {} : { reads: reads.map(({ name }) => name) }),
    };
  } catch (error) {
    const code = sqlstateOf(error);
    if (code === null) throw error;
    return { error: code };
  }
}

type Claims = {
  readonly locks: Readonly<Record<string, LockMode>>;
  readonly rewrites: readonly string[];
  readonly scans: readonly string[];
};

/** What the operations say about the statement, of relations that exist before it. */
function claimsOf(changes: readonly Change[], before: Catalog): Claims {
  const locks: Record<string, LockMode> = {};
  const rewrites = new Set<string>();
  const scans = new Set<string>();
  let catalog = before;
  for (const change of changes) {
    const effects = effectsOf(change, catalog);
    for (const { table, mode } of effects.locks) {
      if (!isTable(before, table.name) || !holdsUpOthers(mode)) continue;
      locks[table.name] = strongest([locks[table.name] ?? mode, mode]) ?? mode;
    }
    for (const { name } of effects.rewrites) rewrites.add(name);
    for (const { name } of effects.scans) scans.add(name);
    catalog = applyChange(catalog, change);
  }
  return { locks, rewrites: [...rewrites].toSorted(), scans: [...scans].toSorted() };
}

function isTable(catalog: Catalog, name: string): boolean {
  const relation = resolveRelation(catalog, { name });
  return relation?.kind === 'table' || (relation?.kind === 'view' && relation.view.kind === 'materialized');
}

function holdsUpOthers(mode: LockMode): boolean {
  return lockModes.indexOf(mode) >= lockModes.indexOf('SHARE UPDATE EXCLUSIVE');
}

describe('the server behaves as measured', () => {
  test.each(facts.filter((fact) => measuredHere(fact) !== undefined))('$id: $statement', async (fact) => {
    await prepare(fact);
    const { versions: _versions, ...expected } = { versions: null, ...measuredHere(fact) };
    expect(await observe(fact)).toEqual(expected);
  });
});

const successful = facts.filter((fact) => {
  const outcome = measuredHere(fact);
  return outcome !== undefined && outcome.error === undefined;
});

describe('we claim what was measured', () => {
  const exact = successful.filter(({ id }) => !opaque.has(id) && !cautious.has(id));
  test.each(exact)('$id: $statement', async (fact) => {
    const { claims, measured, empty } = await compared(fact);
    expect(claims.locks).toEqual(measured.locks);
    expect(claims.rewrites).toEqual(measured.rewrites);
    expect(measured.reads).toEqual(expect.arrayContaining(claims.scans.filter((name) => !empty.has(name))));
  });
});

describe('we claim more than was measured, on purpose', () => {
  test.each(successful.filter(({ id }) => cautious.has(id)))('$id: $statement', async (fact) => {
    const { claims, measured } = await compared(fact);
    expect(claims).not.toMatchObject({ locks: measured.locks, rewrites: measured.rewrites, scans: measured.reads });
    expect(claims.locks).toMatchObject(measured.locks);
    expect(claims.rewrites).toEqual(expect.arrayContaining([...measured.rewrites]));
  });
});

describe('we say that nothing is known', () => {
  test.each(successful.filter(({ id }) => opaque.has(id)))('$id: $statement', async (fact) => {
    await prepare(fact);
    const catalog = await introspect(client);
    const changes = parseStatements(fact.statement).flatMap(decodeStatement);
    expect(changes.some((change) => effectsOf(change, catalog).unknown)).toBe(true);
  });
});

async function compared(fact: Fact) {
  await prepare(fact);
  const catalog = await introspect(client);
  const changes = parseStatements(fact.statement).flatMap(decodeStatement);
  expect(changes.filter((change) => effectsOf(change, catalog).unknown)).toEqual([]);
  return {
    claims: claimsOf(changes, catalog),
    measured: tablesOnly(measuredHere(fact) ?? {}, catalog),
    empty: await emptyTables(catalog),
  };
}

/** The part of a measurement that operations make claims about: tables, and locks that somebody waits for. */
function tablesOnly(outcome: Outcome, catalog: Catalog): Required<Omit<Outcome, 'error'>> {
  const tables = (names: readonly string[] = []) => names.filter((name) => isTable(catalog, name));
  const locks = Object.entries(outcome.locks ?? {}).filter(
    ([name, mode]) => isTable(catalog, name) && holdsUpOthers(mode),
  );
  return { locks: Object.fromEntries(locks), rewrites: tables(outcome.rewrites), reads: tables(outcome.reads) };
}

/** Reading an empty table end to end shows in no counter. */
async function emptyTables(catalog: Catalog): Promise<ReadonlySet<string>> {
  const empty = new Set<string>();
  for (const table of catalog.tables.values()) {
    const { rowCount } = await client.query(sql`select from ${qualified(table)} limit 1`.text);
    if (rowCount === 0) empty.add(table.name);
  }
  return empty;
}
