/**
 * What the plan promises each application version is whole and true. Whole: every table and column in which the two
 * versions differ is in it. True: `both-versions` does what it allows; here it is shown that it would fail if the plan
 * promised more.
 */
import { describe, expect, test } from 'vitest';
import type { Catalog, QualifiedName, Table } from '../../src/catalog/model.ts';
import { sameName } from '../../src/catalog/lookup.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { VersionPromise } from '../../src/plan/version-promise.ts';
import { serverVersion } from '../support/server.ts';
import { isRefusedByPlan, readCases } from './harness/case-file.ts';
import { applicationTables, readKnownSchema } from './harness/known-schema.ts';
import { outcomeOn } from './harness/lifecycle.ts';
import { sendPlainly } from './harness/plain-run.ts';
import { migrateUnderTraffic, programOf } from './harness/traffic.ts';
import { useTwoDatabases } from './harness/two-databases.ts';

const databases = useTwoDatabases();
const cases = readCases(serverVersion());

describe('every difference between the versions is in the plan', () => {
  for (const operationCase of cases.filter((each) => !isRefusedByPlan(each)))
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      const { plain } = databases;
      await plain.prepare(operationCase);
      const old = await plain.catalog();
      const { plan, catalog } = outcomeOn(old, operationCase);
      const isKnown =
        catalog.uncertain.length === 0 &&
        plan.migrations.every(({ waitsFor, steps }) => waitsFor === null && steps.every(({ opaque }) => !opaque));
      if (isKnown) expect(unsaid(old, catalog, plan)).toEqual([]);
    });
});

type Widening = {
  readonly id: string;
  readonly why: string;
  /** The promise as it would be if the plan promised more; null to leave it out. */
  readonly widen: (promise: VersionPromise) => VersionPromise | null;
};

const early = (promise: VersionPromise): VersionPromise =>
  'from' in promise ? { ...promise, from: 'expand' } : promise;
const without =
  (...kinds: readonly VersionPromise['kind'][]) =>
  (promise: VersionPromise): VersionPromise | null =>
    kinds.includes(promise.kind) ? null : promise;

const widenings: readonly Widening[] = [
  { id: 'several/required-then-renamed', why: 'a name that a column has after contract', widen: early },
  { id: 'rename_object/table-in-contract', why: 'a name that a table has after contract', widen: early },
  { id: 'several/view-recreated-with-its-grant', why: 'a view that is made anew', widen: early },
  { id: 'several/copied-and-dropped-required', why: 'no word about a value that is needed', widen: without('column') },
];

describe('a promise that is too wide fails', () => {
  for (const { id, why, widen } of widenings)
    test(`${id}: ${why}`, async () => {
      const { plain, migrated } = databases;
      const operationCase = cases.find((each) => each.id === id);
      if (operationCase === undefined) throw new Error(`There is no case ${id}.`);
      await plain.prepare(operationCase);
      const old = await readKnownSchema(plain);
      await sendPlainly(plain, operationCase);
      const known = { old, new: await readKnownSchema(plain) };
      await migrated.prepare(operationCase);
      const programs = { old: programOf('old', operationCase, known), new: programOf('new', operationCase, known) };
      const told = (plan: Plan) =>
        plan.migrations.flatMap(({ versions }) => versions).flatMap((promise) => widen(promise) ?? []);
      await expect(migrateUnderTraffic(migrated, operationCase, programs, { told })).rejects.toThrow(
        /of the new version failed/,
      );
    });
});

function unsaid(old: Catalog, now: Catalog, { migrations }: Plan): readonly string[] {
  const said = migrations.flatMap(({ versions }) => versions);
  const [before, after] = [applicationTables(old), applicationTables(now)];
  // A partition is a table, too.
  const [allBefore, allAfter] = [[...old.tables.values()], [...now.tables.values()]];
  const found: string[] = [];
  for (const table of before) {
    const there = counterpart(table, allAfter, said);
    if (there === null) found.push(`the old version has table ${table.name}`);
    else if (there !== 'none') found.push(...unsaidOfColumns(table, there, said));
  }
  for (const table of after) {
    const isOld = allBefore.some((each) => sameName(each, table));
    if (!isOld && !said.some((word) => word.kind === 'table' && isNamed(word.table.new, table)))
      found.push(`the new version has table ${table.name}`);
  }
  return found;
}

/** The old version's table as the new one knows it; `none` where that is said to have none, null where nothing is said. */
function counterpart(table: Table, after: readonly Table[], said: readonly VersionPromise[]): Table | 'none' | null {
  const word = said.find((each) => each.kind === 'table' && isNamed(each.table.old, table));
  if (word?.kind === 'table' && word.table.new === null) return 'none';
  const name = word?.kind === 'table' ? word.table.new : table;
  return after.find((each) => isNamed(name, each)) ?? null;
}

function unsaidOfColumns(old: Table, now: Table, said: readonly VersionPromise[]): readonly string[] {
  const words = said.filter((word) => word.kind === 'column' || word.kind === 'type');
  const ofThis = words.filter(({ table }) => isNamed(table.old, old) && isNamed(table.new, now));
  const columns = ofThis.filter(({ kind }) => kind === 'column');
  const gone = old.columns
    .filter(({ name }) => !now.columns.some((column) => column.name === name))
    .filter(({ name }) => !columns.some(({ column }) => column.old === name));
  const come = now.columns
    .filter(({ name }) => !old.columns.some((column) => column.name === name))
    .filter(({ name }) => !columns.some(({ column }) => column.new === name));
  // A type that is renamed is the same type.
  const isRenamed = (type: string) => said.some((word) => word.kind === 'object' && type.includes(word.name.name));
  const changed = now.columns.filter(({ name, type }) => {
    const was = old.columns.find((column) => column.name === name);
    return (
      was !== undefined && was.type !== type && !isRenamed(type) && !ofThis.some(({ column }) => column.new === name)
    );
  });
  return [
    ...gone.map(({ name }) => `the old version has ${old.name}.${name}`),
    ...come.map(({ name }) => `the new version has ${now.name}.${name}`),
    ...changed.map(({ name }) => `${now.name}.${name} has another type`),
  ];
}

function isNamed(name: QualifiedName | null, table: Table): boolean {
  return name !== null && sameName(name, table);
}
