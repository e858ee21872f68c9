/**
 * `migrate repair`: mends what no run mends by itself, and only what a person has seen and agreed to.
 *
 * - Helpers that carry our prefix while no migration is on its way: dropped, each by the statement that is shown.
 * - A step that failed, and whose index somebody has built by hand since: recorded as done. The definition of what is
 *   there is shown beside the statement of the step, because only a person can say that the two mean the same.
 *
 * Everything else is a run's own business: it goes on, heals and takes back from what the ledger and the catalog say. If
 * the process dies in between, what was mended stays so, and the next look finds the rest.
 */
import { leftoverHelpers } from './doctor/leftover-helpers.ts';
import { fenced, writeStepDone } from './ledger/ledger.ts';
import { lookForLedger } from './ledger/install.ts';
import { readMigrations, readMigrationSummaries } from './ledger/records.ts';
import type { Runner } from './runner.ts';
import type { Session } from './session.ts';
import { indexOf, indexState, isIndexProbe, isReached } from './steps/index-probe.ts';

export type Repair =
  | { readonly kind: 'drop_helper'; readonly what: string; readonly sql: string }
  | {
      readonly kind: 'record_step';
      readonly migration: string;
      readonly step: string;
      readonly title: string;
      /** What the step would run, and what is there; null for an index that is gone, as it should be. */
      readonly sql: string;
      readonly found: string | null;
    };

/** Changes nothing. */
export async function repairsOf(session: Session, schema: string): Promise<readonly Repair[]> {
  const { found } = await leftoverHelpers(session, schema);
  return [
    ...found.map(({ what, todo }): Repair => ({ kind: 'drop_helper', what, sql: todo })),
    ...(await stepsDoneByHand(session, schema)),
  ];
}

async function stepsDoneByHand(session: Session, schema: string): Promise<readonly Repair[]> {
  if ((await lookForLedger(session, schema)).kind !== 'installed') return [];
  const all = await readMigrationSummaries(session, schema);
  const underWay = all.filter(({ status }) => status === 'expanding' || status === 'contracting');
  const records = await readMigrations(
    session,
    schema,
    underWay.map(({ name }) => name),
  );
  const repairs: Repair[] = [];
  for (const { name, plan, steps } of records) {
    for (const { id, status, lastError } of steps) {
      // One that is `running` was cut off: the next run looks for itself.
      if (status !== 'pending' || lastError === null) continue;
      const step = plan.steps.find((candidate) => candidate.id === id);
      if (step === undefined || step.run.kind !== 'sql' || step.run.transaction) continue;
      const { probe, statements } = step.run;
      if (!isIndexProbe(probe)) continue;
      const state = await indexState(session, indexOf(probe));
      if (!isReached(probe, state)) continue;
      const found = state.kind === 'absent' ? null : await definitionOf(session, state.oid);
      repairs.push({
        kind: 'record_step',
        migration: name,
        step: id,
        title: step.title,
        sql: statements.join('; '),
        found,
      });
    }
  }
  return repairs;
}

async function definitionOf(session: Session, oid: string): Promise<string | null> {
  const { rows } = await session.query<{ definition: string }>(
    'select pg_catalog.pg_get_indexdef($1::oid) as definition',
    [oid],
  );
  return rows[0]?.definition ?? null;
}

type RepairOptions = {
  /** Asked with all that would be done; false leaves everything as it is. */
  readonly confirm: (repairs: readonly Repair[]) => Promise<boolean>;
};

/** What was done: nothing when nothing was found, or when the person said no. */
export async function repairConfirmed(runner: Runner, { confirm }: RepairOptions): Promise<readonly Repair[]> {
  const { session, ledger, locks } = runner;
  const repairs = await repairsOf(session, ledger.schema);
  if (repairs.length === 0 || !(await confirm(repairs))) return [];
  for (const each of repairs) {
    if (each.kind === 'record_step') {
      await fenced(ledger, () => writeStepDone(ledger, each.migration, each.step));
      continue;
    }
    await session.query("select pg_catalog.set_config('lock_timeout', $1, false)", [`${locks.lastTimeoutMs}ms`]);
    await session.query(each.sql);
  }
  return repairs;
}
