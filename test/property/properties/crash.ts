/** The runner is cut off at any statement of each verb; the same verb again, and the end is the same. */
import type { Plan } from '../../../src/plan/plan.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import { runnerIsGone } from '../../operations/harness/crashing-runner.ts';
import {
  expectDataOfPlainRun,
  expectNoHelpers,
  expectSameSchema,
  numberedColumns,
} from '../../operations/harness/expectations.ts';
import { eachPhase, runVerb, type Verb } from '../../operations/harness/lifecycle.ts';
import { outcomeOf } from '../../operations/harness/plain-run.ts';
import { startSeveringProxy } from '../../support/severing-proxy.ts';
import type { Lab, Tried } from './tried-case.ts';

/** About as many as a verb of a small plan sends after it has begun. */
const mostStatements = 60;

export async function crash({ plain, migrated }: Lab, tried: Tried, chance: number): Promise<void> {
  const { operationCase, plain: expected } = tried;
  if (expected === null) return;
  let phases = 0;
  await eachPhase(
    migrated,
    operationCase,
    async (verb, plan) => {
      phases += 1;
      await cutOff(migrated, verb, plan, (chance * phases) % mostStatements);
      await runVerb(migrated, verb, plan);
    },
    tried.plan,
  );
  const actual = await outcomeOf(migrated);
  expectSameSchema(expected, actual);
  await expectDataOfPlainRun(expected, actual, plain, operationCase, numberedColumns(expected));
  await expectNoHelpers(migrated);
}

async function cutOff(database: CaseDatabase, verb: Verb, plan: Plan, count: number): Promise<void> {
  let seen = 0;
  const proxy = await startSeveringProxy(database.url, () => {
    seen += 1;
    return seen > count ? 'cut' : 'pass';
  });
  try {
    await runVerb(database, verb, plan, { url: proxy.url });
  } catch (error) {
    if (seen <= count) throw error;
  } finally {
    await proxy.close();
  }
  await runnerIsGone(database);
}
