/** What comes next, for every state in which a run may find a migration. */
import { describe, expect, test } from 'vitest';
import {
  cannotUndo,
  outsideTransaction,
  transactional,
  undoBy,
  type GateRun,
} from '../../src/operations/step-draft.ts';
import type { PlannedMigration } from '../../src/plan/plan.ts';
import type { MigrationRecord, StepRecord } from '../../src/run/ledger/records.ts';
import type { MigrationStatus } from '../../src/run/ledger/tables.ts';
import { decide } from '../../src/run/steps/decide.ts';
import { migration, step, update, users } from './planned.ts';

const gate: GateRun = { kind: 'gate', what: 'rows', countSql: 'select 0', sampleSql: 'select 1', hint: '' };

const add = step('expand', 'alter table users add column b text', {
  id: 'expand-1',
  undo: undoBy(transactional('alter table users drop column b'), transactional('select 2')),
});
const build = step(
  'expand',
  outsideTransaction('create index concurrently i on users (b)', { kind: 'index_valid', table: users, index: 'i' }),
  { id: 'expand-2', undo: undoBy(outsideTransaction('drop index concurrently i', null)) },
);
const fill = step('backfill', update({ b: 'a' }), { id: 'backfill-1' });
const check = step('contract', gate, { id: 'contract-1' });
const drop = step('contract', 'alter table users drop column a', {
  id: 'contract-2',
  undo: cannotUndo('the data is gone'),
});
const whole = migration('m', add, build, fill, check, drop);

function recordOf(
  planned: PlannedMigration,
  status: MigrationStatus,
  steps: Readonly<Record<string, Partial<StepRecord>>> = {},
): MigrationRecord {
  return {
    name: planned.name,
    checksum: planned.checksum,
    position: 1,
    status,
    plan: planned,
    onwardVersion: '0',
    createdAt: new Date(0),
    finishedAt: null,
    steps: planned.steps.map((one) => ({
      id: one.id,
      phase: one.phase,
      title: one.title,
      status: 'pending',
      attempts: 0,
      undoneActions: 0,
      startedAt: null,
      finishedAt: null,
      lastError: null,
      ...steps[one.id],
    })),
  };
}

const done = { status: 'done', attempts: 1 } as const;
const expandDone = { 'expand-1': done, 'expand-2': done };
const backfillDone = { ...expandDone, 'backfill-1': done };

describe('expand', () => {
  test('begins with the first step', () => {
    expect(decide(recordOf(whole, 'expanding'), 'expand')).toEqual({ kind: 'run_step', step: add, resumed: false });
  });
  test('goes on after what is done', () => {
    const record = recordOf(whole, 'expanding', { 'expand-1': done });
    expect(decide(record, 'expand')).toEqual({ kind: 'run_step', step: build, resumed: false });
  });
  test('takes up a step that was cut off', () => {
    const record = recordOf(whole, 'expanding', { 'expand-1': done, 'expand-2': { status: 'running', attempts: 1 } });
    expect(decide(record, 'expand')).toEqual({ kind: 'run_step', step: build, resumed: true });
  });
  test.each([
    ['expanded', whole],
    ['backfilled', migration('m', add, build, drop)],
    ['done', migration('m', add, build)],
  ] as const)('ends as %s, depending on what is left to do', (status, planned) => {
    expect(decide(recordOf(planned, 'expanding', expandDone), 'expand')).toEqual({ kind: 'set_status', status });
  });
  test('has nothing to do afterwards', () => {
    expect(decide(recordOf(whole, 'expanded', expandDone), 'expand')).toEqual({ kind: 'finished' });
    expect(decide(recordOf(whole, 'done'), 'expand')).toEqual({ kind: 'finished' });
  });
  test('is refused while a rollback is under way', () => {
    expect(decide(recordOf(whole, 'rolling_back'), 'expand')).toMatchObject({ kind: 'refuse', code: 'NOT_EXPANDED' });
  });
});

describe('backfill', () => {
  test('says that it has begun before it begins', () => {
    expect(decide(recordOf(whole, 'expanded', expandDone), 'backfill')).toEqual({
      kind: 'set_status',
      status: 'backfilling',
    });
    expect(decide(recordOf(whole, 'backfilling', expandDone), 'backfill')).toMatchObject({
      kind: 'run_step',
      step: fill,
    });
  });
  test('ends as backfilled, or as done when there is no contract', () => {
    expect(decide(recordOf(whole, 'backfilling', backfillDone), 'backfill')).toEqual({
      kind: 'set_status',
      status: 'backfilled',
    });
    const short = migration('m', add, build, fill);
    expect(decide(recordOf(short, 'backfilling', backfillDone), 'backfill')).toEqual({
      kind: 'set_status',
      status: 'done',
    });
  });
  test('is refused before expand is done', () => {
    expect(decide(recordOf(whole, 'expanding'), 'backfill')).toMatchObject({ kind: 'refuse', code: 'NOT_EXPANDED' });
    expect(decide(recordOf(whole, 'rolled_back'), 'backfill')).toMatchObject({ kind: 'refuse', code: 'NOT_EXPANDED' });
  });
});

describe('contract', () => {
  test('is refused before expand and before the backfills are done', () => {
    expect(decide(recordOf(whole, 'expanding'), 'contract')).toMatchObject({ kind: 'refuse', code: 'NOT_EXPANDED' });
    expect(decide(recordOf(whole, 'backfilling', expandDone), 'contract')).toMatchObject({
      kind: 'refuse',
      code: 'BACKFILL_INCOMPLETE',
    });
  });
  test('asks its first gate before it says that it has begun', () => {
    const record = recordOf(whole, 'backfilled', backfillDone);
    expect(decide(record, 'contract')).toMatchObject({ kind: 'run_step', step: check });
    const passed = recordOf(whole, 'backfilled', { ...backfillDone, 'contract-1': done });
    expect(decide(passed, 'contract', new Set(['contract-1']))).toEqual({ kind: 'set_status', status: 'contracting' });
  });
  test('asks a gate again that an earlier run had passed', () => {
    const passed = recordOf(whole, 'contracting', { ...backfillDone, 'contract-1': done });
    expect(decide(passed, 'contract')).toMatchObject({ kind: 'run_step', step: check });
    expect(decide(passed, 'contract', new Set(['contract-1']))).toMatchObject({ kind: 'run_step', step: drop });
  });
  test('does not ask it again once the step after it is done', () => {
    const all = recordOf(whole, 'contracting', { ...backfillDone, 'contract-1': done, 'contract-2': done });
    expect(decide(all, 'contract')).toEqual({ kind: 'set_status', status: 'done' });
  });
});

describe('rollback', () => {
  test('says that it has begun, then undoes the last step first', () => {
    expect(decide(recordOf(whole, 'expanded', expandDone), 'rollback')).toEqual({
      kind: 'set_status',
      status: 'rolling_back',
    });
    expect(decide(recordOf(whole, 'rolling_back', expandDone), 'rollback')).toMatchObject({
      kind: 'undo',
      step: build,
      index: 0,
      last: true,
    });
  });
  test('goes on with the next action of a step', () => {
    const record = recordOf(whole, 'rolling_back', {
      'expand-1': { status: 'undoing', attempts: 1, undoneActions: 1 },
      'expand-2': { status: 'undone', attempts: 1, undoneActions: 1 },
    });
    expect(decide(record, 'rollback')).toMatchObject({ kind: 'undo', step: add, index: 1, last: true });
  });
  test('marks a step that needs nothing', () => {
    const record = recordOf(whole, 'rolling_back', backfillDone);
    expect(decide(record, 'rollback')).toEqual({ kind: 'mark_undone', step: fill });
  });
  test('leaves a transactional step alone that was cut off: the server rolled it back', () => {
    const record = recordOf(whole, 'rolling_back', { 'expand-1': { status: 'running', attempts: 1 } });
    expect(decide(record, 'rollback')).toEqual({ kind: 'set_status', status: 'rolled_back' });
  });
  test('undoes an index build that was cut off or failed: it may have left an invalid index', () => {
    for (const status of ['running', 'pending'] as const) {
      const record = recordOf(whole, 'rolling_back', { 'expand-1': done, 'expand-2': { status, attempts: 1 } });
      expect(decide(record, 'rollback')).toMatchObject({ kind: 'undo', step: build });
    }
  });
  test('is refused once contract has changed something, and not before', () => {
    const gated = recordOf(whole, 'contracting', {
      ...backfillDone,
      'contract-1': done,
      'contract-2': { status: 'running', attempts: 1 },
    });
    expect(decide(gated, 'rollback')).toEqual({ kind: 'set_status', status: 'rolling_back' });
    const contracted = recordOf(whole, 'done', { ...backfillDone, 'contract-1': done, 'contract-2': done });
    expect(decide(contracted, 'rollback')).toMatchObject({ kind: 'refuse', code: 'ALREADY_CONTRACTED' });
  });
  test('is refused before anything is changed when a step cannot be undone', () => {
    const lost = step('expand', 'select 1', {
      id: 'expand-1',
      title: 'Run the script',
      undo: cannotUndo('it is opaque'),
    });
    const record = recordOf(migration('m', lost), 'done', { 'expand-1': done });
    const action = decide(record, 'rollback');
    expect(action).toMatchObject({ kind: 'refuse', code: 'CANNOT_UNDO' });
    expect(action.kind === 'refuse' && action.message).toContain('Run the script');
    expect(action.kind === 'refuse' && action.message).toContain('it is opaque');
  });
  test('takes back a migration that had nothing to contract', () => {
    const record = recordOf(migration('m', add), 'done', { 'expand-1': done });
    expect(decide(record, 'rollback')).toEqual({ kind: 'set_status', status: 'rolling_back' });
  });
});
