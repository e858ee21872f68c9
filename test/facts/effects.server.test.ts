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

/** Statements that no operation takes apart: they run as written, and the plan says that their locks are not known. */
const opaque: ReadonlySet<string> = new Set<string>([]);

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

type Claims = Required<Omit<Outcome, 'error'>>;

/** What the operations say about the statement. */
function claimsOf(changes: readonly Change[], before: Catalog): Claims & { readonly explained: readonly string[] } {
  const locks: Record<string, LockMode> = {};
  const rewrites = new Set<string>();
  const reads = new Set<string>();
  const explained = new Set<string>();
  let catalog = before;
  for (const change of changes) {
    const effects = effectsOf(change, catalog);
    for (const { table, mode } of effects.locks) {
      if (!isTable(before, table.name)) continue;
      const known = locks[table.name];
      locks[table.name] = known === undefined ? mode : (strongest([known, mode]) ?? mode);
    }
    for (const { name } of effects.rewrites) rewrites.add(name);
    for (const { name } of effects.scans) reads.add(name);
    for (const { name } of effects.indexBuilds) explained.add(name);
    catalog = applyChange(catalog, change);
  }
  return { locks, rewrites: [...rewrites].toSorted(), reads: [...reads].toSorted(), explained: [...explained] };
}

function isTable(catalog: Catalog, name: string): boolean {
  const relation = resolveRelation(catalog, { name });
  return relation?.kind === 'table' || (relation?.kind === 'view' && relation.view.kind === 'materialized');
}

function holdsUpOthers(mode: LockMode): boolean {
  return lockModes.indexOf(mode) >= lockModes.indexOf('SHARE UPDATE EXCLUSIVE');
}

function strongLocks(locks: Readonly<Record<string, LockMode>>): Record<string, LockMode> {
  return Object.fromEntries(Object.entries(locks).filter(([, mode]) => holdsUpOthers(mode)));
}

describe('the server behaves as measured', () => {
  test.each(facts.filter((fact) => measuredHere(fact) !== undefined))('$id: $statement', async (fact) => {
    await prepare(fact);
    const { versions: _versions, ...expected } = { versions: null, ...measuredHere(fact) };
    expect(await observe(fact)).toEqual(expected);
  });
});

describe('we claim what was measured', () => {
  const known = facts.filter((fact) => {
    const outcome = measuredHere(fact);
    return outcome !== undefined && outcome.error === undefined;
  });

  test.each(known)('$id: $statement', async (fact) => {
    await prepare(fact);
    const catalog = await introspect(client);
    const changes = parseStatements(fact.statement).flatMap(decodeStatement);
    if (opaque.has(fact.id)) {
      expect(changes.some((change) => change.kind === 'raw')).toBe(true);
      return;
    }
    const measured = measuredHere(fact) ?? {};
    const tables = (names: readonly string[] | undefined) => (names ?? []).filter((name) => isTable(catalog, name));
    const claims = claimsOf(changes, catalog);
    const locks = Object.fromEntries(Object.entries(measured.locks ?? {}).filter(([name]) => isTable(catalog, name)));
    expect({ locks: strongLocks(claims.locks), rewrites: claims.rewrites }).toEqual({
      locks: strongLocks(locks),
      rewrites: tables(measured.rewrites),
    });
    expect(tables(measured.reads)).toEqual(expect.arrayContaining(claims.reads.filter((name) => !claims.explained.includes(name))));
  });
});
