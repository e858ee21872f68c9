/** The backfills as a person sees them, in 80 columns. */
import { expect, test } from 'vitest';
import { backfillLine, backfillReportText, workersText } from '../../src/report/backfill-report-text.ts';
import { plainLook } from '../../src/report/paint.ts';
import type { ThrottledBy } from '../../src/run/ledger/backfill-tables.ts';
import type { BackfillJobStatus, BackfillWorker } from '../../src/run/backfill-control/read-backfills.ts';

const at = new Date('2026-03-04T10:00:00Z');

const lag: ThrottledBy = {
  rung: 'paused',
  signal: 'replicaLag',
  state: 'over',
  value: 3_200,
  limit: 2_000,
  unit: 'ms',
  about: 'standby-1',
};

const worker: BackfillWorker = {
  host: 'db-jobs-1',
  process: 4711,
  backendPid: 90_210,
  state: 'throttled',
  reason: 'replicaLag',
  throttle: { ...lag, since: new Date(at.getTime() - 95_000) },
  rowsPerSecond: 21_000,
  batchMs: 240,
  batchSize: 5_000,
  startedAt: at,
  seenAt: at,
  job: { migration: '0007_require_phone', step: 'backfill-1', purpose: 'run' },
};

const job: BackfillJobStatus = {
  migration: '0007_require_phone',
  step: 'backfill-1',
  purpose: 'run',
  title: 'Fill users.phone in existing rows',
  table: { schema: 'public', name: 'users' },
  status: 'running',
  desired: 'run',
  percent: 41.25,
  rowsDone: 1_200_000,
  rowsScanned: 1_237_500,
  estimate: 3_000_000,
  sweep: 1,
  chunks: { total: 12, done: 4, running: 2, failed: 0 },
  rowsPerSecond: 21_000,
  remaining: { seconds: 84, atBest: 60, atWorst: 200 },
  batchSize: 5_000,
  batchMs: 240,
  nice: 0.5,
  targetMs: null,
  maxWorkers: 2,
  heldUp: { by: 'throttled by replicaLag', since: new Date(at.getTime() - 95_000), throttle: lag },
  holdUntil: null,
  workers: [worker],
  quarantine: {
    count: 21,
    first: Array.from({ length: 20 }, (_, n) => ({
      table: { schema: 'public', name: 'users' },
      columns: ['id'],
      key: [String(n)],
      sqlstate: '22P02',
      message: 'invalid input syntax for type integer: "twelve and a half, or so the form on the old page said"',
      at,
    })),
  },
  lastError: null,
  startedAt: at,
  updatedAt: at,
  finishedAt: null,
};

const options = { ...plainLook, all: false };

test('a backfill is a bar, its speed, what holds it up and since when, and the rows that were left out', () => {
  const text = backfillReportText({ at, backfills: [job], workers: [worker], replicas: [] }, options);
  expect(text).toMatchSnapshot();
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('what is done is shown only where it was asked for', () => {
  const report = {
    at,
    backfills: [{ ...job, status: 'done' as const, percent: 100, finishedAt: at }],
    workers: [],
    replicas: [],
  };
  expect(backfillReportText(report, options)).toBe('No backfill is under way. 1 backfill done (--all shows them).\n');
  expect(backfillReportText(report, { ...options, all: true })).toContain('100 %  done');
});

test('a held backfill says when it is tried again, and a failed one why', () => {
  const held = { ...job, status: 'held' as const, holdUntil: new Date(at.getTime() + 300_000), remaining: null };
  expect(backfillReportText({ at, backfills: [held], workers: [], replicas: [] }, options)).toContain(
    'held, again in 5 min',
  );
  const lastError = { code: 'BACKFILL_FAILED', sqlstate: '23514', message: 'A check\nfailed.', at: at.toISOString() };
  const failed = { ...job, status: 'failed' as const, remaining: null, lastError };
  expect(backfillReportText({ at, backfills: [failed], workers: [], replicas: [] }, options)).toMatch(
    /41\.3 %  failed\n[^]*A check\n/,
  );
});

test('a pipe gets one line a backfill, and the workers are told with their sessions', () => {
  expect(backfillLine(job)).toBe(
    '0007_require_phone/backfill-1  41.3 %  21,000 rows/s  1 min 24 s left (1 min to 3 min 20 s)',
  );
  expect(workersText([worker], plainLook)).toMatchSnapshot();
  expect(workersText([], plainLook)).toBe('No worker is at work.\n');
});
