/** What a case comes to when nobody disturbs it: the effects of each verb, and the state behind it. */
import type { Plan } from '../../../src/plan/plan.ts';
import { startFaultProxy, type Effect } from '../../support/fault-proxy.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import type { OperationCase } from '../../operations/harness/case-file.ts';
import { numberedColumns } from '../../operations/harness/expectations.ts';
import { eachPhase, runVerb, type Verb } from '../../operations/harness/lifecycle.ts';
import { differingColumns } from '../../operations/harness/table-data.ts';
import { nobody } from './outside.ts';
import { stateOf, type State } from './state.ts';

/** One verb of a life, the way it was run. */
export type Stage = {
  readonly verb: Verb;
  readonly plan: Plan;
  readonly effects: readonly Effect[];
  readonly after: State;
};

export type Reference = {
  readonly start: State;
  /** Expand, backfill, contract; again for each plan that had to wait for another one. */
  readonly stages: readonly Stage[];
  /** A rollback behind the stage of the same number; null where it is refused. */
  readonly rollbacks: readonly (Stage | null)[];
  readonly volatile: Volatile;
};

/** Columns that are different each time the case is run. To find them, it is run once more, in the same database. */
type Volatile = {
  known(): ReadonlySet<string> | null;
  find(): Promise<ReadonlySet<string>>;
};

export async function readReference(database: CaseDatabase, operationCase: OperationCase): Promise<Reference> {
  await database.prepare(operationCase);
  const { start, stages } = await live(database, operationCase);
  const rollbacks: (Stage | null)[] = [];
  for (const [at, { verb }] of stages.entries()) {
    // Behind a contract there is no way back.
    const isPossible = verb !== 'contract' && !rollbacks.includes(null);
    rollbacks.push(isPossible ? await rollbackAfter(database, operationCase, stages.slice(0, at + 1)) : null);
  }
  const states = [start, ...stages.map(({ after }) => after)];
  return { start, stages, rollbacks, volatile: volatileColumns(database, operationCase, states) };
}

function volatileColumns(database: CaseDatabase, operationCase: OperationCase, states: readonly State[]): Volatile {
  let known: ReadonlySet<string> | null = null;
  return {
    known: () => known,
    find: async () => {
      if (known !== null) return known;
      await database.prepare(operationCase);
      const again = await live(database, operationCase);
      const others = [again.start, ...again.stages.map(({ after }) => after)];
      known = new Set(
        states.flatMap((state, at) => [
          ...differingColumns(state.data, (others[at] ?? state).data),
          ...numberedColumns(state),
        ]),
      );
      return known;
    },
  };
}

async function live(
  database: CaseDatabase,
  operationCase: OperationCase,
): Promise<{ readonly start: State; readonly stages: readonly Stage[] }> {
  const start = await stateOf(database);
  const stages: Stage[] = [];
  await eachPhase(database, operationCase, async (verb, plan) => {
    const effects = await effectsOf(database, verb, plan);
    stages.push({ verb, plan, effects, after: await stateOf(database) });
  });
  return { start, stages };
}

async function rollbackAfter(
  database: CaseDatabase,
  operationCase: OperationCase,
  stages: readonly Stage[],
): Promise<Stage | null> {
  await database.prepare(operationCase);
  for (const { verb, plan } of stages) await runVerb(database, verb, plan);
  const plan = stages[0]?.plan;
  if (plan === undefined) return null;
  try {
    const effects = await effectsOf(database, 'rollback', plan);
    return { verb: 'rollback', plan, effects, after: await stateOf(database) };
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

export function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && refusals.has(error.code);
}

const refusals: ReadonlySet<unknown> = new Set(['CANNOT_UNDO', 'ALREADY_CONTRACTED']);

async function effectsOf(database: CaseDatabase, verb: Verb, plan: Plan): Promise<readonly Effect[]> {
  const proxy = await startFaultProxy(database.url, {
    injection: null,
    isPossible: () => false,
    outside: nobody,
    delayMs: 0,
  });
  try {
    await runVerb(database, verb, plan, { url: proxy.url });
    return proxy.effects;
  } finally {
    await proxy.close();
  }
}
