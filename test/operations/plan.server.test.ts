/**
 * Each case's plan, as a snapshot beside the case, or the message with which it is refused. Made on the newest Postgres
 * alone: the plans of older ones differ by design (SET NOT NULL), and `equivalence` and `effects` run them all.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import {
  casesFolder,
  isRefusedByPlan,
  newestVersion,
  planSnapshotFile,
  readAllCases,
  readCases,
  snapshotFiles,
  type OperationCase,
} from './harness/case-file.ts';
import { planCase } from './harness/lifecycle.ts';
import { planSnapshot } from './harness/plan-snapshot.ts';

let database: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe.runIf(serverVersion() === newestVersion)('the plan reads as reviewed', () => {
  for (const operationCase of readCases(newestVersion)) {
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await database.prepare(operationCase);
      const text = await planOrRefusal(operationCase);
      await expect(text).toMatchFileSnapshot(planSnapshotFile(operationCase));
    });
  }

  test('every snapshot belongs to a case', () => {
    const wanted = new Set(readAllCases().flatMap(snapshotFiles));
    const orphans = readdirSync(casesFolder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.txt'))
      .filter((name) => !wanted.has(path.join(casesFolder, name)));
    expect(orphans).toEqual([]);
  });
});

async function planOrRefusal(operationCase: OperationCase): Promise<string> {
  if (!isRefusedByPlan(operationCase)) return planSnapshot(await planCase(database, operationCase));
  try {
    await planCase(database, operationCase);
  } catch (error) {
    if (!(error instanceof MigrateError) || error.code !== operationCase.expect) throw error;
    return `${error.code}\n${error.message}\n${error.hint ?? ''}\n`;
  }
  throw new Error(`It was planned, although ${operationCase.expect} is expected.`);
}
