/** The history of a database as text: 80 columns, the latest first, times that are the same on every machine. */
import { expect, test } from 'vitest';
import { logText } from '../../src/report/log-text.ts';
import { plainLook } from '../../src/report/paint.ts';
import type { MigrationReport, StepReport } from '../../src/run/verbs/status.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 21, 19, 20, seconds));

const step: StepReport = {
  id: 'expand-1',
  phase: 'expand',
  title: 'Add column users.phone, filled by a trigger for the old version of the application',
  status: 'done',
  attempts: 3,
  startedAt: at(0),
  finishedAt: at(2),
  lastError: null,
  backfill: null,
};

const migration: MigrationReport = {
  name: '0007_require_phone',
  checksum: 'abc',
  status: 'backfilling',
  phase: 'backfill',
  onwardVersion: '0.1.0',
  startedAt: at(0),
  finishedAt: null,
  steps: [step, { ...step, id: 'backfill-1', status: 'pending', startedAt: null, finishedAt: null, attempts: 0 }],
};

const elsewhere: MigrationReport = {
  ...migration,
  name: '0006_by_prisma',
  status: 'done',
  phase: null,
  finishedAt: at(1),
  steps: [],
};

test('a line a migration, and the steps where they are asked for', () => {
  expect(logText([migration, elsewhere], { ...plainLook, verbose: false, hidden: 12 })).toMatchInlineSnapshot(`
    "2026-11-21 19:20 UTC  0007_require_phone          backfilling, 2 s of work
    2026-11-21 19:20 UTC  0006_by_prisma              done, no steps
    12 migrations before these (--number shows more)
    "
  `);
  const verbose = logText([migration], { ...plainLook, verbose: true, hidden: 0 });
  expect(verbose).toMatchInlineSnapshot(`
    "2026-11-21 19:20 UTC  0007_require_phone          backfilling, 2 s of work
    2026-11-21 19:20 UTC    expand-1  Add column users.phone,…  done in 2 s, 3 tries
                            backfill-1  Add column users.phone, filled by …  pending
    "
  `);
  expect(Math.max(...verbose.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('an empty history says so', () => {
  expect(logText([], { ...plainLook, verbose: false, hidden: 0 })).toBe('Nothing was ever run on this database.\n');
});
