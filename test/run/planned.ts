/** Small plans by hand: the runner's tests must not depend on what the planner makes of a statement. */
import { planFormatVersion, type Plan, type PlannedMigration, type Step } from '../../src/plan/plan.ts';
import {
  nothingToUndo,
  transactional,
  type BackfillRun,
  type Phase,
  type StepRun,
} from '../../src/operations/step-draft.ts';

export const users = { schema: 'public', name: 'users' };

let count = 0;

/** A step with harmless defaults; `sql` is short for one transactional statement. */
export function step(phase: Phase, run: StepRun | string, more: Partial<Step> = {}): Step {
  count += 1;
  return {
    id: `${phase}-${count}`,
    phase,
    title: `${phase} step ${count}`,
    run: typeof run === 'string' ? transactional(run) : run,
    undo: nothingToUndo,
    notes: [],
    locks: [],
    rewrites: [],
    scans: [],
    drops: [],
    opaque: false,
    duration: 'instant',
    statementTimeoutMs: null,
    settings: {},
    exemption: null,
    estimate: null,
    ...more,
  };
}

export function migration(name: string, ...steps: readonly Step[]): PlannedMigration {
  return { name, checksum: `checksum of ${name}`, steps, notes: [], waitsFor: null, versions: [] };
}

export function plan(...migrations: readonly PlannedMigration[]): Plan {
  return {
    formatVersion: planFormatVersion,
    checksum: 'checksum of the plan',
    fingerprint: null,
    serverVersion: 18,
    migrations,
    estimate: null,
  };
}

export function update(set: Readonly<Record<string, string>>, more: Partial<BackfillRun> = {}): BackfillRun {
  return {
    kind: 'backfill',
    table: users,
    alias: null,
    command: 'update',
    set: Object.entries(set).map(([column, expression]) => ({ column, expression })),
    where: null,
    guard: null,
    verify: null,
    batchSize: null,
    pauseMs: null,
    ...more,
  };
}
