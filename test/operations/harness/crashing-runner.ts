/**
 * Runs a verb and kills the runner again and again: after each step and inside of it, each place once. Every time the same
 * verb is run anew, as a person would, until it comes to its end.
 *
 * The places: after the COMMIT of each transaction, before the runner knows of it; after each of the first batches of a
 * backfill; after a statement outside a transaction, before it is recorded; in the middle of a concurrent index build or
 * drop, which leaves an invalid index; and once in each verb before a COMMIT, of which the server leaves nothing, whatever
 * the statements are.
 */
import type { UndoAction } from '../../../src/operations/step-draft.ts';
import type { Plan, Step } from '../../../src/plan/plan.ts';
import type { RunEvent } from '../../../src/run/run-event.ts';
import { qualified, sql } from '../../../src/sql/template.ts';
import { startSeveringProxy, type StatementSeen } from '../../support/severing-proxy.ts';
import type { CaseDatabase } from './case-database.ts';
import { runVerb, type Verb } from './lifecycle.ts';

/** Batches after which the runner is killed: the first one, and one that is not. */
const killedBatches = 2;
/** More than the places of the largest plan: a verb that never comes to its end must not hang the tests. */
const mostKills = 200;
/** More than half a minute of looking, one look after the other. */
const mostLooks = 100_000;

/** Returns the places where it was killed. */
export async function runVerbWithCrashes(database: CaseDatabase, verb: Verb, plan: Plan): Promise<readonly string[]> {
  const killedAt = new Set<string>();
  for (;;) {
    const before = killedAt.size;
    const attempt = new Attempt(database, verb, plan, killedAt);
    const proxy = await startSeveringProxy(database.url, (statement) => attempt.onStatement(statement));
    try {
      await runVerb(database, verb, plan, { url: proxy.url, onEvent: (event) => attempt.onEvent(event) });
    } catch (error) {
      // A killed runner fails; one that was not must not.
      if (killedAt.size === before) throw error;
    } finally {
      await proxy.close();
    }
    await runnerIsGone(database);
    if (killedAt.size === before) return [...killedAt];
    if (killedAt.size > mostKills) throw new Error(`Killed ${mostKills} times, and ${verb} has not come to its end.`);
  }
}

class Attempt {
  readonly #database: CaseDatabase;
  readonly #verb: Verb;
  readonly #plan: Plan;
  readonly #killedAt: Set<string>;
  #step: Step | null = null;
  /** Statements of the plan in the open transaction. */
  #inTransaction: string[] = [];
  #batches = 0;

  constructor(database: CaseDatabase, verb: Verb, plan: Plan, killedAt: Set<string>) {
    this.#database = database;
    this.#verb = verb;
    this.#plan = plan;
    this.#killedAt = killedAt;
  }

  onEvent(event: RunEvent): void {
    if (event.kind !== 'step_started') return;
    const migration = this.#plan.migrations.find(({ name }) => name === event.migration);
    this.#step = migration?.steps.find(({ id }) => id === event.step) ?? null;
    this.#batches = 0;
  }

  async onStatement({ text, backend, sever }: StatementSeen): Promise<'pass' | 'cut'> {
    if (this.#step === null) return 'pass';
    const statement = text.trim();
    if (/^with onward_own/i.test(statement)) {
      this.#batches += 1;
      return this.#batches <= killedBatches && this.#isNew(`batch ${this.#batches}`) ? 'cut' : 'pass';
    }
    if (/^begin/i.test(statement)) this.#inTransaction = [];
    if (/^commit/i.test(statement)) {
      const done = this.#inTransaction;
      this.#inTransaction = [];
      return done.length > 0 && this.#isNew(`commit of ${done.join('; ')}`) ? 'cut' : 'pass';
    }
    const action = actionsOf(this.#step).find((each) => each.kind === 'sql' && each.statements.includes(text));
    if (action?.kind !== 'sql') return 'pass';
    if (action.transaction) {
      this.#inTransaction.push(text);
      return text === action.statements.at(-1) && this.#isFirstInside() ? 'cut' : 'pass';
    }
    if (/^(create|drop)\s.*\bconcurrently\b/is.test(statement) && this.#isNew(`in the middle of ${text}`)) {
      await this.#killInTheMiddle(backend, sever);
      return 'pass';
    }
    return this.#isNew(`after ${text}`) ? 'cut' : 'pass';
  }

  #isFirstInside(): boolean {
    const key = `${this.#verb}: before a COMMIT`;
    if (this.#killedAt.has(key)) return false;
    this.#killedAt.add(key);
    return true;
  }

  #isNew(place: string): boolean {
    const key = `${this.#verb} ${this.#step?.id ?? ''}: ${place}`;
    if (this.#killedAt.has(key)) return false;
    this.#killedAt.add(key);
    return true;
  }

  /**
   * A concurrent build or drop waits for everybody who holds the table at present: so one more holds it until the
   * statement waits, and then its backend is ended.
   */
  async #killInTheMiddle(backend: number, sever: () => void): Promise<void> {
    const blocker = await this.#database.connect('holds tables');
    await blocker.query('begin');
    for (const table of (await this.#database.catalog()).tables.values()) {
      if (table.kind !== 'foreign')
        await blocker.query(sql`lock table only ${qualified(table)} in row exclusive mode`.text);
    }
    void this.#endWhenWaiting(backend).then(async () => {
      sever();
      await blocker.end();
    });
  }

  async #endWhenWaiting(backend: number): Promise<void> {
    const { client } = this.#database;
    for (let looks = 0; looks < 2_000; looks += 1) {
      const { rowCount } = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`,
        [backend],
      );
      if (rowCount === 1) return;
    }
  }
}

function actionsOf(step: Step): readonly (Step['run'] | UndoAction)[] {
  return [step.run, ...(step.undo.kind === 'actions' ? step.undo.actions : [])];
}

/** The server notices at its own pace that a client is gone. */
export async function runnerIsGone(database: CaseDatabase): Promise<void> {
  for (let looks = 0; looks < mostLooks; looks += 1) if ((await database.sessions()).length === 0) return;
  await database.assertQuiet();
}
