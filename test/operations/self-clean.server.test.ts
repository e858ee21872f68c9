/**
 * Invariant 2: our own linter has nothing to say about our own steps. Each step is linted as a file of its own, on the
 * live schema that the plan was made for and what the steps before have made of it. Not ours are statements that nobody
 * can look into, and what a person answers for: `migrate:raw`, a chosen phase, and what the text of a statement that runs
 * as it is written means for the rows (CASCADE, LOCK TABLE, an UPDATE of the key itself). Nor are the rules about one lock
 * that is waited for while another is held: a step takes its locks before it works, in one order, and gives up soon.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lintFiles } from '../../src/lint/lint-files.ts';
import type { LintFile } from '../../src/lint/lint-file.ts';
import type { Step } from '../../src/plan/plan.ts';
import { loadParser } from '../../src/sql/parse.ts';
import { rules } from '../../rules/index.ts';
import { serverVersion } from '../support/server.ts';
import { openCaseDatabase, type CaseDatabase } from './harness/case-database.ts';
import { isRefusedByPlan, readCases } from './harness/case-file.ts';
import { planCase } from './harness/lifecycle.ts';

let database: CaseDatabase;

beforeAll(async () => {
  await loadParser();
  database = await openCaseDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe('the linter has nothing to say about the steps', () => {
  for (const operationCase of readCases(serverVersion())) {
    if (isRefusedByPlan(operationCase)) continue;
    test(`${operationCase.id}: ${operationCase.title}`, async () => {
      await database.prepare(operationCase);
      const catalog = await database.catalog();
      const { migrations } = await planCase(database, operationCase);
      const steps = migrations.flatMap((migration) => migration.steps);
      const filesOf = (contract: boolean) =>
        steps.filter(({ phase }) => (phase === 'contract') === contract).flatMap(fileOf);
      const options = { rules, catalog, version: catalog.version, transactionMode: 'none' as const };
      // What expand creates nobody uses before contract.
      const early = lintFiles({ ...options, files: filesOf(false), history: [] });
      const late = lintFiles({ ...options, files: filesOf(true), history: filesOf(false) });
      const answered = new Set(steps.filter(isAnswered).map(({ id }) => id));
      const ours = [...early.findings, ...late.findings].filter(
        ({ file, rule, statement }) =>
          !answered.has(file) &&
          !aboutWaiting.has(rule) &&
          ((groups.get(rule) !== 'data' && rule !== 'no-lock-table') ||
            !operationCase.changes.some((text) => text.includes(statement))),
      );
      expect(ours.map(({ file, rule, message, statement }) => ({ file, rule, message, statement }))).toEqual([]);
    });
  }
});

const groups = new Map(rules.map(({ id, group }) => [id, group]));

/** What the runner does under a short timeout only: wait for one lock while it holds another. */
const aboutWaiting: ReadonlySet<string> = new Set([
  'no-create-partition-of',
  'no-foreign-key-drop-lock',
  'no-multiple-foreign-keys',
  'no-wide-lock-window',
]);

/** What the person takes the responsibility for, what means just this, and code that decides itself. */
function isAnswered({ exemption }: Step): boolean {
  return exemption === 'raw' || exemption === 'inherent' || exemption === 'code block';
}

function fileOf(step: Step): readonly LintFile[] {
  if (step.run.kind !== 'sql' || step.opaque) return [];
  return [
    {
      path: step.id,
      // Whoever chose the phase of a statement knows what the old version does.
      phase: step.exemption === 'chosen phase' ? 'contract' : step.phase,
      source: step.run.statements.map((statement) => `${statement}\n;\n`).join(''),
      transactionMode: step.run.transaction ? 'per-file' : 'none',
    },
  ];
}
