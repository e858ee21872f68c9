/** Reports as people read them: 80 columns, no colours. The files beside this one are what the example plan looks like. */
import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { MigrateError, redactPasswords } from '../../src/errors.ts';
import { errorJson, errorText } from '../../src/report/error-text.ts';
import { eventLines } from '../../src/report/event-text.ts';
import { markdownText } from '../../src/report/markdown-text.ts';
import { nextActions } from '../../src/report/next-action.ts';
import { plainLook } from '../../src/report/paint.ts';
import { planScript } from '../../src/report/plan-script.ts';
import { planText } from '../../src/report/plan-text.ts';
import { statusText } from '../../src/report/status-text.ts';
import { count, duration, wrap } from '../../src/report/wrap.ts';
import type { Status } from '../../src/run/folder-status.ts';
import type { MigrationReport, StepReport } from '../../src/run/verbs/status.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import { examplePlan } from './example-plan.ts';

describe('a plan', () => {
  test('for people', async () => {
    const text = planText(examplePlan, plainLook);
    await expect(text).toMatchFileSnapshot('example-plan.txt');
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  test('colours change nothing but colours', () => {
    const coloured = planText(examplePlan, { ...plainLook, paint: new Chalk({ level: 1 }) });
    expect(coloured).not.toBe(planText(examplePlan, plainLook));
    // oxlint-disable-next-line no-control-regex -- escape sequences are meant
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(planText(examplePlan, plainLook));
  });

  test('with --verbose all of the SQL is there', () => {
    expect(planText(examplePlan, { ...plainLook, verbose: true })).toContain('RETURN NEW;');
  });

  test('as a script that Postgres can parse', async () => {
    const script = planScript(examplePlan);
    await expect(script).toMatchFileSnapshot('example-plan.sql.txt');
    await loadParser();
    expect(parseStatements(script).length).toBeGreaterThan(20);
  });
});

describe('a status', () => {
  test('counts what is done, names what is open, and says what to do', () => {
    expect(statusText(status(), plainLook)).toMatchInlineSnapshot(`
      "  2 migrations before these, all done (--verbose shows them)
        m3         done
        m4         done
        m5         done
        phone      filling rows
          · backfill-1  Fill users.phone
              42 %: 420,000 of about 1,000,000 rows looked at
        check      contract stopped half way
          ✗ contract-1  Check that every row has a phone
              3 rows of users have no phone.
        later      pending

      Now:
        migrate contract  A contract was interrupted. It goes on where it stopped.
        migrate backfill  Rows are still to be filled. The application may go on
                          meanwhile.
      "
    `);
  });

  test('with nothing anywhere it says so', () => {
    const nothing = { ...status(), migrations: [], pending: [] };
    expect(statusText(nothing, plainLook)).toBe(
      '  No migrations, neither in the folder nor in the database.\n\nNow: nothing. Everything has run.\n',
    );
  });

  test.each<[Partial<Status>, readonly (string | null)[]]>([
    [{ migrations: [migration('a', 'rolling_back')] }, ['migrate rollback']],
    [
      { migrations: [migration('a', 'backfilled')], pending: ['b'] },
      ['migrate contract', 'migrate plan', 'migrate expand'],
    ],
    [{ migrations: [migration('a', 'expanding')], pending: [] }, ['migrate expand']],
    [{ migrations: [migration('a', 'expanding')], pending: ['a'] }, ['migrate plan', 'migrate expand']],
    [
      { migrations: [], pending: [], problems: [new MigrateError('FILE_MISSING', 'Gone.', { hint: 'Find it.' })] },
      [null],
    ],
  ])('the next action, case %#', (change, commands) => {
    const found = nextActions({ ...status(), migrations: [], pending: [], ...change });
    expect(found.map(({ command }) => command)).toEqual(commands);
  });
});

describe('an error', () => {
  const cause = Object.assign(new Error('null value in column "phone"'), {
    code: '23502',
    severity: 'ERROR',
    detail: 'Failing row contains (1, null).',
  });

  test('says what happened, why, and what to do', () => {
    const error = new MigrateError('STEP_FAILED', '0002: the step “Set phone not null” failed.', {
      hint: 'Give the row a value.\n  -- migrate:using 0',
      cause,
    });
    expect(errorText(error, plainLook)).toMatchInlineSnapshot(`
      "Error: 0002: the step “Set phone not null” failed.
        null value in column "phone"
        DETAIL: Failing row contains (1, null).

      Give the row a value.
        -- migrate:using 0
      "
    `);
    expect(errorJson(error)).toMatchObject({ error: { code: 'STEP_FAILED', exitCode: 1, cause: cause.message } });
  });

  test('that is not ours is a fault of ours, with its stack', () => {
    const text = errorText(new TypeError('x is not a function'), plainLook);
    expect(text).toMatch(/^This is a fault of onward[\s\S]*TypeError: x is not a function\n +at /);
  });

  test.each([
    'postgres://user:s3cret@host/db',
    'postgresql://user:s3cret/with#odd@signs@host/db?sslmode=require',
    'postgres://host/db?user=u&password=s3cret',
    'host=localhost password=s3cret dbname=x',
    "host=localhost password = 's3cret two' dbname=x",
  ])('a password is taken out: %s', (text) => {
    expect(redactPasswords(`could not connect to ${text} now`)).not.toMatch(/s3cret|odd|two/);
    expect(redactPasswords(`could not connect to ${text} now`)).toMatch(/^could not connect to .*host.* now$/);
  });

  test('an error never holds a password', () => {
    const url = 'postgres://user:s3cret@host/db';
    const error = new MigrateError('CONNECTION_FAILED', `No answer from ${url}.`, { hint: `Try psql ${url}.` });
    expect(`${error.message} ${error.hint}`).toBe(
      'No answer from postgres://user:***@host/db. Try psql postgres://user:***@host/db.',
    );
  });

  test('an address without a password stays as it is', () => {
    const text = 'see https://www.postgresql.org/docs/current/sql-altertable.html and mail someone@example.com';
    expect(redactPasswords(text)).toBe(text);
  });
});

describe('events', () => {
  const step = { migration: '0002', step: 'expand-1', title: 'Add column users.phone' };

  test('a finished step is one line, cut to the width', () => {
    const long = {
      ...step,
      title: 'x'.repeat(100),
      kind: 'step_finished',
      phase: 'expand',
      undo: false,
      durationMs: 1_234,
    } as const;
    const [line = ''] = eventLines(long, plainLook);
    expect(line.length).toBeLessThanOrEqual(80);
    expect(line).toMatch(/^ {2}✓ expand-1 {2}x+… {2}1\.2 s$/);
  });

  test('who blocks is named with everything that helps to find them', () => {
    const lines = eventLines(
      {
        ...step,
        kind: 'lock_waiting',
        table: { schema: 'public', name: 'users' },
        mode: 'ACCESS EXCLUSIVE',
        attempt: 4,
        lockTimeoutMs: 50,
        waitedMs: 1_500,
        budgetMs: 300_000,
        nextTryInMs: 200,
        blockers: [
          {
            pid: 123,
            user: 'report',
            application: 'metabase',
            state: 'active',
            transactionAgeMs: 65_000,
            queryAgeMs: 60_000,
            query: 'SELECT *\n  FROM users',
            preparedTransaction: null,
          },
        ],
      },
      plainLook,
    );
    expect(lines).toEqual([
      '    waits for ACCESS EXCLUSIVE on users, try 4, 1.5 s of 5 min, held by 1',
      '      session:',
      '      pid 123, metabase, as report, active for 1 min 5 s: SELECT * FROM users',
    ]);
  });

  test('a session that was ended, or spared, is named with the reason', () => {
    const blocker = {
      pid: 123,
      user: 'report',
      application: 'psql',
      state: 'idle in transaction',
      transactionAgeMs: 65_000,
      queryAgeMs: 60_000,
      query: 'SELECT 1',
      preparedTransaction: null,
    };
    const told = (spared: 'not_permitted' | null) =>
      eventLines({ ...step, kind: 'blocker_terminated', blocker, inTheWayForMs: 30_000, spared }, plainLook).join(' ');
    expect(told(null)).toMatch(/ended, after 30 s in the way: pid 123, psql, as report/);
    expect(told('not_permitted')).toMatch(/not ended, because this role may not: .*pg_signal_backend/s);
  });
});

test('Markdown becomes text', () => {
  const markdown =
    '# Title\n\nSome `code` and a\n[link](https://example.com).\n\n```sql bad\nSELECT 1;\n```\n- one\n- two\n';
  expect(markdownText(markdown, plainLook)).toMatchInlineSnapshot(`
    "Title

    Some code and a link (https://example.com).

      bad:
        SELECT 1;
    - one
    - two
    "
  `);
});

describe('text', () => {
  test('is wrapped at blanks, and words stay whole', () => {
    expect(wrap('one two three', 8, '  ', '> ')).toEqual(['> one', '  two', '  three']);
    expect(wrap('x'.repeat(90), 80)).toEqual(['x'.repeat(90)]);
    expect(wrap('  3 | select 1\n    | ^', 10)).toEqual(['  3 | select 1', '    | ^']);
  });

  test.each([
    [0.4, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [9_940, '9.9 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms are "%s"', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test('numbers have separators, and one is one', () => {
    expect([count(1, 'row'), count(1_234_567, 'row'), count(2, 'index', 'indexes')]).toEqual([
      '1 row',
      '1,234,567 rows',
      '2 indexes',
    ]);
  });
});

function migration(name: string, state: MigrationReport['status'], ...steps: readonly StepReport[]): MigrationReport {
  const phases: Partial<Record<MigrationReport['status'], MigrationReport['phase']>> = {
    backfilling: 'backfill',
    contracting: 'contract',
    backfilled: 'contract',
  };
  const at = new Date(0);
  const phase = phases[state] ?? null;
  return { name, checksum: '', status: state, phase, onwardVersion: '0', startedAt: at, finishedAt: at, steps };
}

function status(): Status {
  const step = { attempts: 1, startedAt: null, finishedAt: null, lastError: null, backfill: null };
  const job = {
    rowsDone: 400_000,
    rowsScanned: 420_000,
    estimate: 1_000_000,
    percent: 42,
    batchSize: 5_000,
    status: 'running' as const,
    updatedAt: new Date(0),
  };
  return {
    installed: true,
    schema: 'onward',
    holder: null,
    problems: [],
    pending: ['later'],
    migrations: [
      ...['m1', 'm2', 'm3', 'm4', 'm5'].map((name) => migration(name, 'done')),
      migration(
        'phone',
        'backfilling',
        { ...step, id: 'expand-1', phase: 'expand', title: 'Add column users.phone', status: 'done' },
        { ...step, id: 'backfill-1', phase: 'backfill', title: 'Fill users.phone', status: 'running', backfill: job },
        { ...step, id: 'contract-1', phase: 'contract', title: 'Drop the trigger', status: 'pending' },
      ),
      migration('check', 'contracting', {
        ...step,
        id: 'contract-1',
        phase: 'contract',
        title: 'Check that every row has a phone',
        status: 'pending',
        lastError: { code: 'DATA_VIOLATES', sqlstate: null, message: '3 rows of users have no phone.', at: '' },
      }),
    ],
  };
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}
