/**
 * A case lives from its first expand to its last contract, or to its rollback, again and again. In each life one thing goes
 * wrong in each verb, and behind each of them the state is compared with that of a life that nobody disturbed: so every
 * fault is judged alone, and one preparation serves several.
 */
import { MigrateError } from '../../../src/errors.ts';
import { startFaultProxy } from '../../support/fault-proxy.ts';
import type { CaseDatabase } from '../../operations/harness/case-database.ts';
import type { OperationCase } from '../../operations/harness/case-file.ts';
import { runnerIsGone } from '../../operations/harness/crashing-runner.ts';
import { keptColumns } from '../../operations/harness/expectations.ts';
import { runVerb, type Verb } from '../../operations/harness/lifecycle.ts';
import { isPossible, nameOf } from './faults.ts';
import { outsideOf } from './outside.ts';
import { isRefusal, type Reference, type Stage } from './reference.ts';
import { differences, stateOf, type Exceptions, type State } from './state.ts';
import { describeTrial, type Trial } from './trials.ts';

export type TrialResult = {
  readonly verb: Verb;
  readonly fault: string;
  /** The effect was reached: the fault happened. */
  readonly wasInjected: boolean;
  /** The code with which the run ended; `finished` when it came to its end by itself. */
  readonly end: string;
  /** What is wrong; null when nothing is. */
  readonly problem: string | null;
};

/** Longer than a try may queue for a lock. */
const delayMs = 40;
const locks = { nowaitTries: 1, firstTimeoutMs: 5, lastTimeoutMs: 20 };
/** The lease of a runner that is gone is free as soon as the server has noticed: in a second, on an idle machine. */
const waitForLeaseMs = 20_000;

type Life = {
  readonly database: CaseDatabase;
  readonly operationCase: OperationCase;
  readonly reference: Reference;
  readonly onResult: (result: TrialResult) => void;
};

export async function tryAll(life: Life, trials: readonly Trial[]): Promise<void> {
  const { stages } = life.reference;
  const waiting = {
    ahead: stages.map((_, stage) => trials.filter((trial) => trial.stage === stage && !trial.isRollback)),
    back: stages.map((_, stage) => trials.filter((trial) => trial.stage === stage && trial.isRollback)),
  };
  while ([...waiting.ahead, ...waiting.back].some((queue) => queue.length > 0)) {
    const last = lastStageOf(waiting);
    await life.database.prepare(life.operationCase);
    for (const [at, stage] of stages.slice(0, last + 1).entries()) {
      const trial = waiting.ahead[at]?.shift();
      if (trial === undefined) await runVerb(life.database, stage.verb, stage.plan, { locks, waitForLeaseMs });
      else if ((await tryOne(life, trial, stage)) === 'over') break;
      const back = waiting.back[at]?.shift();
      const rollback = life.reference.rollbacks[at];
      if (back === undefined || rollback === undefined || rollback === null) continue;
      await tryOne(life, back, rollback);
      break;
    }
  }
}

type Waiting = {
  readonly ahead: readonly (readonly Trial[])[];
  readonly back: readonly (readonly Trial[])[];
};

/** Up to where a life has to go. */
function lastStageOf({ ahead, back }: Waiting): number {
  return ahead.findLastIndex((queue, at) => queue.length > 0 || (back[at]?.length ?? 0) > 0);
}

/** `over`: the case is not where the next verb could go on. */
async function tryOne(life: Life, trial: Trial, stage: Stage): Promise<'reached' | 'over'> {
  const { database, onResult } = life;
  const run = await runWithFault(database, trial, stage);
  const result = {
    verb: stage.verb,
    fault: nameOf(trial.injection.fault),
    wasInjected: run.hit !== null,
    end: endOf(run.error),
  };
  const where = `${describeTrial(life.operationCase.id, trial)}\n  at: ${run.hit?.text.slice(0, 200) ?? 'nothing'}\n  ended: ${result.end}${
    run.error instanceof Error ? `, ${run.error.message}` : ''
  }`;
  let found: readonly string[];
  let end: 'reached' | 'over';
  try {
    if (!trial.atOnce) await runnerIsGone(database);
    const goneBack = trial.recovery === 'rollback' && (await rollBack(life, stage));
    // Behind a run that came to its end, a migration that waited for another one of the plan would have its turn.
    const isOver = run.error === null && stage.plan.migrations.some(({ waitsFor }) => waitsFor !== null);
    if (!goneBack && !isOver) await runVerb(database, stage.verb, stage.plan, { locks, waitForLeaseMs });
    await runnerIsGone(database);
    const isBack = goneBack || trial.isRollback;
    const compared = await compare(life, isBack ? null : stage.after);
    found = [...clarity(run.error), ...compared.found];
    end = isBack || compared.isDisturbed ? 'over' : 'reached';
  } catch (error) {
    found = [`recovery failed: ${textOf(error)}`];
    end = 'over';
  }
  onResult({ ...result, problem: found.length === 0 ? null : [where, ...found].join('\n  ') });
  return found.length === 0 ? end : 'over';
}

async function runWithFault(database: CaseDatabase, { injection }: Trial, { verb, plan }: Stage) {
  const proxy = await startFaultProxy(database.url, { injection, isPossible, outside: outsideOf(database), delayMs });
  let error: unknown = null;
  try {
    await runVerb(database, verb, plan, { url: proxy.url, locks, waitForLeaseMs });
  } catch (thrown) {
    error = thrown;
  } finally {
    await proxy.close();
  }
  return { hit: proxy.hit, error };
}

/** False when it is refused, which must leave everything as it is. */
async function rollBack({ database }: Life, { plan }: Stage): Promise<boolean> {
  const before = await stateOf(database);
  try {
    await runVerb(database, 'rollback', plan, { locks, waitForLeaseMs });
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const changed = differences(before, await stateOf(database));
    if (changed.length > 0) throw new Error(`A refused rollback changed something: ${changed.join('; ')}`);
    return false;
  }
}

type Comparison = { readonly found: readonly string[]; readonly isDisturbed: boolean };

/** `expected`: null for the beginning. The columns that differ each time are asked for only when something differs. */
async function compare({ database, operationCase, reference }: Life, expected: State | null): Promise<Comparison> {
  const actual = await stateOf(database);
  const { start } = reference;
  const helpers = actual.ledger.filter((line) => line.startsWith('function '));
  const isBack: Exceptions = {
    schema: new Set(operationCase.keepsSchema.keys()),
    data: keptColumns(start.catalog, operationCase.keepsData),
    ledger: 'ignored',
  };
  const differ = (volatile: ReadonlySet<string>): readonly string[] =>
    expected === null
      ? [...differences(start, actual, { ...isBack, volatile }), ...helpers.map((line) => `${line} is left`)]
      : differences(expected, actual, { volatile });
  if (differ(reference.volatile.known() ?? new Set()).length === 0) return { found: [], isDisturbed: false };
  const isDisturbed = reference.volatile.known() === null;
  return { found: differ(await reference.volatile.find()), isDisturbed };
}

function endOf(error: unknown): string {
  if (error === null) return 'finished';
  return error instanceof MigrateError ? error.code : 'not a MigrateError';
}

/** A run that fails must say why. */
function clarity(error: unknown): readonly string[] {
  if (error === null || (error instanceof MigrateError && error.code !== 'INTERNAL')) return [];
  return [`failed without a clear error: ${textOf(error)}`];
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
}
