/**
 * Invariant 6: an old and a new version of the application read and write all the time. No statement of theirs fails,
 * and nothing that they wrote is lost.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../src/sql/parse.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { readCases, type OperationCase } from './harness/case-file.ts';
import { expectNothingLost } from './harness/client-outcome.ts';
import { derivedProgram } from './harness/derived-program.ts';
import { expectNoHelpers, expectSameSchema } from './harness/expectations.ts';
import { applicationTables, readKnownSchema, type KnownSchema } from './harness/known-schema.ts';
import { eachPhase, runVerb } from './harness/lifecycle.ts';
import { outcomeOf, sendPlainly } from './harness/plain-run.ts';
import { statedProgram } from './harness/stated-program.ts';
import { VersionClient, type ClientProgram, type Version } from './harness/version-client.ts';

let plain: CaseDatabase;
let migrated: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  plain = await openCaseDatabase();
  migrated = await openCaseDatabase();
});

afterAll(async () => {
  await plain.drop();
  await migrated.drop();
});

describe('both versions live', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (operationCase.expect !== null) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await plain.prepare(operationCase);
      const old = await readKnownSchema(plain);
      await sendPlainly(plain, operationCase);
      const known = { old, new: await readKnownSchema(plain) };

      await migrated.prepare(operationCase);
      const journals = await migrateUnderTraffic(operationCase, known);
      const actual = await outcomeOf(migrated);
      await expectNoRows(operationCase);
      expectSameSchema({ catalog: known.new.catalog, data: new Map() }, actual);
      await expectNothingLost(plain, actual, { operationCase, old: old.catalog, new: known.new.catalog, ...journals });
      await expectNoHelpers(migrated);
      await migrated.assertQuiet();
    });
  }
});

type Known = Readonly<Record<Version, KnownSchema>>;

/** Returns what the versions wrote. The old one goes before the first contract, the new one comes after the last expand. */
async function migrateUnderTraffic(operationCase: OperationCase, known: Known) {
  const programs = { old: programOf('old', operationCase, known), new: programOf('new', operationCase, known) };
  const live = new Map<Version, VersionClient>();
  const journals = { oldJournal: new Array<string>(), newJournal: new Array<string>() };
  const start = async (version: Version, phase: string) => {
    live.set(version, await VersionClient.start(migrated, version, programs[version], phase));
  };
  const stop = async (version: Version) => {
    const client = live.get(version);
    live.delete(version);
    await client?.stop();
    journals[`${version}Journal`].push(...(client?.journal ?? []));
  };
  const work = async (phase: string) => {
    await Promise.all([...live.values()].map((client) => client.wholeRound()));
    for (const [version, client] of live) {
      if (programs[version].writes)
        expect(client.writesIn(phase), `writes of the ${version} version`).toBeGreaterThan(0);
    }
  };

  try {
    await start('old', 'before expand');
    await work('before expand');
    await eachPhase(migrated, operationCase, async (verb, plan) => {
      if (verb === 'contract') await stop('old');
      for (const client of live.values()) client.enter(verb);
      await runVerb(migrated, verb, plan);
      const isLast = plan.migrations.every(({ waitsFor }) => waitsFor === null);
      if (verb === 'expand' && isLast) await start('new', verb);
      if (verb === 'backfill') live.get('new')?.changeGivenRows();
      await work(verb);
    });
    await stop('new');
  } finally {
    // Only after a failure is anybody left, and that failure is the one to tell.
    await Promise.allSettled([...live.values()].map((client) => client.stop()));
  }
  return journals;
}

function programOf(version: Version, operationCase: OperationCase, known: Known): ClientProgram {
  const other = version === 'old' ? 'new' : 'old';
  const stated = { old: operationCase.oldClient, new: operationCase.newClient };
  const section = stated[version];
  if (section !== null) return statedProgram(section);
  const otherIsStated = stated[other] !== null;
  const program = derivedProgram({ version, own: known[version], other: known[other], operationCase, otherIsStated });
  const hasTables = applicationTables(known[version].catalog).length > 0;
  if (hasTables && !program.writes)
    throw new Error(`No write could be derived for the ${version} version. Add a section "-- ${version} client".`);
  return program;
}

async function expectNoRows({ noRows }: OperationCase): Promise<void> {
  if (noRows === null) return;
  const { rows } = await migrated.client.query<Record<string, unknown>>(noRows);
  if (rows.length > 0)
    expect.fail(`There are rows that must not be there: ${JSON.stringify(rows.slice(0, 5))}\n  ${noRows}`);
}
