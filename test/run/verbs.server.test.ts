/** The verbs from end to end, on small plans written by hand. */
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import {
  cannotUndo,
  nothingToUndo,
  outsideTransaction,
  transactional,
  undoBy,
  type GateRun,
} from '../../src/operations/step-draft.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { systemClock } from '../../src/run/clock.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type Runner } from '../../src/run/runner.ts';
import { openSession } from '../../src/run/session.ts';
import { applyDirectly } from '../../src/run/verbs/apply-directly.ts';
import { backfillMigrations } from '../../src/run/verbs/backfill.ts';
import { contractMigrations } from '../../src/run/verbs/contract.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { rollbackMigrations } from '../../src/run/verbs/rollback.ts';
import { readStatus, type StatusReport } from '../../src/run/verbs/status.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, update, users } from './planned.ts';

const locks = [{ table: users, mode: 'ACCESS EXCLUSIVE' as const }];

const addPhone = step('expand', 'alter table users add column phone text', {
  id: 'expand-1',
  title: 'Add column users.phone',
  locks,
  undo: undoBy(transactional('alter table users drop column phone')),
});
const fillPhone = step('backfill', update({ phone: `'p' || id` }), { id: 'backfill-1', title: 'Fill users.phone' });
const noPhone: GateRun = {
  kind: 'gate',
  what: 'rows of users have no phone',
  countSql: 'select count(*) from users where phone is null',
  sampleSql: 'select id from users where phone is null order by id limit 5',
  hint: 'Fill them with: UPDATE users SET phone = …',
};
const gate = step('contract', noPhone, { id: 'contract-1' });
const dropEmail = step('contract', 'alter table users drop column email', {
  id: 'contract-2',
  title: 'Drop column users.email',
  locks,
  undo: cannotUndo('its data is gone'),
});
const whole = migration('0001', addPhone, fillPhone, gate, dropEmail);

async function usersTable(database: TestDatabase): Promise<pg.Client> {
  const client = await database.connect();
  await client.query('create table users (id bigint primary key, email text)');
  await client.query('insert into users select generate_series(9007199254740993, 9007199254741000)');
  return client;
}

const inDatabase = <T>(database: TestDatabase, work: (runner: Runner) => Promise<T>, events: RunEvent[] = []) =>
  withRunner({ url: database.url, onEvent: (event) => events.push(event) }, work);

const expand = (database: TestDatabase, what: Plan, backfill = false) =>
  inDatabase(database, (runner) => expandMigrations(runner, what, { backfill }));

async function status(database: TestDatabase): Promise<StatusReport> {
  const session = await openSession({ url: database.url, applicationName: 'test', clock: systemClock, readOnly: true });
  const report = await readStatus(session);
  await session.close();
  return report;
}

async function columns(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname::text as name from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped order by attnum`,
  );
  return rows.map((row) => row.name);
}

describe('expand', () => {
  test('runs the plan, tells each step, and does nothing the second time', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      const events: RunEvent[] = [];
      const first = await inDatabase(
        database,
        (runner) => expandMigrations(runner, plan(whole), { backfill: false }),
        events,
      );
      expect(first).toEqual({
        verb: 'expand',
        error: null,
        migrations: [
          { name: '0001', outcome: 'done', status: 'expanded', steps: ['Add column users.phone'], waitsFor: null },
        ],
      });
      expect(events.map((event) => event.kind)).toEqual([
        'migration_started',
        'step_started',
        'step_finished',
        'migration_status',
      ]);
      const second = await expand(database, plan(whole));
      expect(second.migrations).toMatchObject([{ outcome: 'unchanged', status: 'expanded', steps: [] }]);
      expect(await columns(client)).toEqual(['id', 'email', 'phone']);
    });
  });

  test('stops at the first failure, and says what was not run', async () => {
    await withDatabase(async (database) => {
      const broken = migration('0002', step('expand', 'select nothing from nowhere'));
      const result = await expand(
        database,
        plan(
          migration('0001', step('expand', 'create table a (n int)')),
          broken,
          migration('0003', step('expand', 'create table b (n int)')),
        ),
      );
      expect(result.error).toMatchObject({ code: 'STEP_FAILED' });
      expect(result.migrations.map(({ name, outcome, status: now }) => [name, outcome, now])).toEqual([
        ['0001', 'done', 'done'],
        ['0002', 'failed', 'expanding'],
        ['0003', 'not_run', null],
      ]);
    });
  });

  test('refuses a file that was changed after it had begun, but takes a corrected one of which nothing was done', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      const broken = { ...migration('0001', step('expand', 'select nothing from nowhere')), checksum: 'first' };
      expect((await expand(database, plan(broken))).error).toMatchObject({ code: 'STEP_FAILED' });
      const corrected = { ...migration('0001', addPhone), checksum: 'second' };
      expect((await expand(database, plan(corrected))).error).toBeNull();
      await expect(expand(database, plan({ ...corrected, checksum: 'third' }))).rejects.toMatchObject({
        code: 'CHECKSUM_CHANGED',
        exitCode: 5,
      });
      expect(await columns(client)).toEqual(['id', 'email', 'phone']);
    });
  });

  test('goes on with what was begun by the plan that was reviewed then, also without its file', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const second = step('expand', 'insert into later values (1)');
      await expand(database, plan(migration('0001', step('expand', 'create table a (n int)'), second)));
      await client.query('create table later (n int)');
      const result = await expand(database, plan());
      expect(result.migrations).toMatchObject([{ name: '0001', outcome: 'done', status: 'done' }]);
      expect((await client.query('select * from later')).rows).toEqual([{ n: 1 }]);
    });
  });

  test('leaves a migration alone that waits for the contract of another', async () => {
    await withDatabase(async (database) => {
      await usersTable(database);
      const waiting = {
        ...migration('0002', step('expand', 'alter table users add column email text')),
        waitsFor: '0001',
      };
      const result = await expand(database, plan(whole, waiting), true);
      expect(result.migrations).toMatchObject([
        { name: '0001', outcome: 'done', status: 'backfilled' },
        { name: '0002', outcome: 'waiting', status: null, waitsFor: '0001' },
      ]);
      await inDatabase(database, (runner) => contractMigrations(runner));
      expect((await expand(database, plan(waiting))).migrations).toMatchObject([{ name: '0002', outcome: 'done' }]);
    });
  });

  test('refuses a plan that was made for another schema, unless the difference is our own doing', async () => {
    await withDatabase(async (database) => {
      await usersTable(database);
      const made = { ...plan(whole), fingerprint: 'then' };
      const run = (fingerprint: string) =>
        inDatabase(database, (runner) =>
          expandMigrations(runner, made, { backfill: false, fingerprint: async () => fingerprint }),
        );
      await expect(run('now')).rejects.toMatchObject({ code: 'PLAN_STALE', exitCode: 5 });
      expect((await run('then')).error).toBeNull();
      expect((await run('now')).error).toBeNull();
    });
  });
});

describe('contract', () => {
  test('waits for expand and for the backfills', async () => {
    await withDatabase(async (database) => {
      await usersTable(database);
      const contract = (names?: readonly string[]) =>
        inDatabase(database, (runner) => contractMigrations(runner, names === undefined ? {} : { names }));
      await expect(contract(['0001'])).rejects.toMatchObject({ code: 'NOT_EXPANDED', exitCode: 3 });
      await expand(database, plan(whole));
      await expect(contract()).rejects.toMatchObject({
        code: 'BACKFILL_INCOMPLETE',
        exitCode: 3,
        message: expect.stringContaining('Fill users.phone'),
      });
      await inDatabase(database, (runner) => backfillMigrations(runner));
      expect((await contract()).migrations).toMatchObject([{ outcome: 'done', status: 'done' }]);
      expect((await contract()).migrations).toEqual([]);
    });
  });

  test('a gate that does not hold changes nothing, shows rows, and leaves the way back open', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      await expand(database, plan(whole), true);
      await client.query('update users set phone = null where id <= 9007199254740994');
      const contracted = await inDatabase(database, (runner) => contractMigrations(runner));
      expect(contracted.error).toMatchObject({
        code: 'DATA_VIOLATES',
        details: { count: '2', columns: ['id'], samples: [['9007199254740993'], ['9007199254740994']] },
        hint: noPhone.hint,
      });
      expect(contracted.error?.message).toBe(
        '0001: 2 rows of users have no phone. For example: id = 9007199254740993, id = 9007199254740994.',
      );
      expect((await status(database)).migrations).toMatchObject([{ status: 'backfilled', phase: 'contract' }]);
      expect((await inDatabase(database, (runner) => rollbackMigrations(runner))).error).toBeNull();
      expect(await columns(client)).toEqual(['id', 'email']);
    });
  });
});

describe('rollback', () => {
  test('takes everything back, and the migration can be expanded again with a changed file', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      await expand(database, plan(whole), true);
      const events: RunEvent[] = [];
      const back = await inDatabase(database, (runner) => rollbackMigrations(runner), events);
      expect(events.find(({ kind }) => kind === 'migration_started')).toMatchObject({ resumed: false });
      expect(back).toMatchObject({ error: null, migrations: [{ name: '0001', status: 'rolled_back' }] });
      expect(await columns(client)).toEqual(['id', 'email']);
      expect((await inDatabase(database, (runner) => rollbackMigrations(runner))).migrations).toEqual([]);
      expect((await expand(database, plan({ ...whole, checksum: 'another' }), true)).error).toBeNull();
      expect((await status(database)).migrations).toMatchObject([{ checksum: 'another', status: 'backfilled' }]);
    });
  });

  test('is refused once contract has changed something', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      await expand(database, plan(whole), true);
      await inDatabase(database, (runner) => contractMigrations(runner));
      const named = inDatabase(database, (runner) => rollbackMigrations(runner, { names: ['0001'] }));
      await expect(named).rejects.toMatchObject({
        code: 'ALREADY_CONTRACTED',
        message: expect.stringContaining('Drop column users.email'),
      });
      expect(await columns(client)).toEqual(['id', 'phone']);
    });
  });

  test('is refused as a whole when one step cannot be undone', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      const script = step('expand', 'select 1', {
        title: 'Run the script',
        undo: cannotUndo('nobody knows what it did'),
      });
      await expand(database, plan(migration('0001', addPhone, script, dropEmail)));
      await expect(inDatabase(database, (runner) => rollbackMigrations(runner))).rejects.toMatchObject({
        code: 'CANNOT_UNDO',
        message: expect.stringContaining('nobody knows what it did'),
      });
      expect(await columns(client)).toEqual(['id', 'email', 'phone']);
    });
  });

  test('undoes later migrations of the same table first, or refuses when they are to stay', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      const index = outsideTransaction('create index concurrently users_phone on users (phone)', {
        kind: 'index_valid',
        table: users,
        index: 'users_phone',
      });
      const later = migration(
        '0002',
        step('expand', index, {
          locks: [{ table: users, mode: 'SHARE UPDATE EXCLUSIVE' }],
          undo: undoBy(transactional('drop index users_phone')),
        }),
      );
      const other = migration(
        '0003',
        step('expand', 'create table other (n int)', { undo: undoBy(transactional('drop table other')) }),
      );
      await expand(database, plan(whole, later, other));
      await expect(
        inDatabase(database, (runner) => rollbackMigrations(runner, { names: ['0001'] })),
      ).rejects.toMatchObject({
        code: 'CANNOT_UNDO',
        message: expect.stringContaining('0002'),
        hint: expect.not.stringContaining('0003'),
      });
      const back = await inDatabase(database, (runner) => rollbackMigrations(runner));
      expect(back.migrations.map((result) => [result.name, result.status])).toEqual([
        ['0003', 'rolled_back'],
        ['0002', 'rolled_back'],
        ['0001', 'rolled_back'],
      ]);
      expect(await columns(client)).toEqual(['id', 'email']);
    });
  });

  test('goes through a backfill where that is the way back', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      const fill = step('backfill', update({ email: `'filled'` }), { undo: undoBy(update({ email: 'null' })) });
      await expand(database, plan(migration('0001', fill)), true);
      expect((await client.query('select distinct email from users')).rows).toEqual([{ email: 'filled' }]);
      const back = await inDatabase(database, (runner) => rollbackMigrations(runner, { names: ['0001'] }));
      expect(back.error).toBeNull();
      expect((await client.query('select distinct email from users')).rows).toEqual([{ email: null }]);
    });
  });

  test('resumes after an undo action failed', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      await client.query('create table log (what text)');
      const undo = undoBy(
        transactional(`insert into log values ('first')`),
        transactional(`insert into missing values ('second')`),
      );
      await expand(database, plan(migration('0001', step('expand', 'select 1', { undo }), fillPhone)));
      const failed = await inDatabase(database, (runner) => rollbackMigrations(runner));
      expect(failed.error).toMatchObject({ code: 'STEP_FAILED' });
      await expect(inDatabase(database, (runner) => backfillMigrations(runner))).rejects.toMatchObject({
        code: 'NOT_EXPANDED',
      });
      await client.query('create table missing (what text)');
      expect((await inDatabase(database, (runner) => rollbackMigrations(runner))).error).toBeNull();
      expect((await client.query('select * from log')).rows).toEqual([{ what: 'first' }]);
      expect((await client.query('select * from missing')).rows).toEqual([{ what: 'second' }]);
    });
  });
});

test('status shows phases, steps, errors and the progress of a backfill, while another runner is at work', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    const planned = migration('0001', addPhone, { ...fillPhone, undo: nothingToUndo }, gate, dropEmail);
    await expand(database, plan(planned));
    await client.query(`alter table users add constraint no_p check (phone not like 'p%1000')`);
    await inDatabase(database, async (runner) => {
      await backfillMigrations(runner);
      const report = await status(database);
      expect(report).toMatchObject({
        installed: true,
        holder: { application: 'onward', backendPid: runner.session.backendPid },
        migrations: [
          {
            name: '0001',
            status: 'backfilling',
            phase: 'backfill',
            steps: [
              { id: 'expand-1', status: 'done', lastError: null },
              {
                id: 'backfill-1',
                status: 'pending',
                lastError: { code: 'BACKFILL_FAILED', sqlstate: '23514' },
                backfill: { status: 'failed', rowsDone: 7, estimate: 8, percent: 87.5 },
              },
              { id: 'contract-1', status: 'pending' },
              { id: 'contract-2', status: 'pending' },
            ],
          },
        ],
      });
    });
    expect((await status(database)).holder).toBeNull();
  });
});

describe('up', () => {
  const direct = (database: TestDatabase, migrations: Plan['migrations']) =>
    inDatabase(database, (runner) =>
      applyDirectly(
        runner,
        migrations.map((planned) => ({ name: planned.name, checksum: planned.checksum, planned })),
      ),
    );

  test('goes through all phases at once', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      const result = await direct(database, [migration('0001', addPhone, fillPhone, dropEmail)]);
      expect(result).toMatchObject({ verb: 'up', error: null, migrations: [{ outcome: 'done', status: 'done' }] });
      expect(await columns(client)).toEqual(['id', 'phone']);
      expect((await status(database)).migrations).toMatchObject([
        { status: 'done', steps: [{ status: 'done' }, { status: 'done' }, { status: 'done' }] },
      ]);
      expect((await direct(database, [migration('0001', addPhone, fillPhone, dropEmail)])).migrations).toMatchObject([
        { outcome: 'unchanged' },
      ]);
    });
  });

  test('names the statement that fails, and keeps what came before', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const result = await direct(database, [
        migration('0001', step('expand', 'create table a (n int) -- a comment at the end')),
        migration(
          '0002',
          step('expand', 'create table b (n int)'),
          step('expand', 'create table a (m int)', { title: 'Create table a' }),
        ),
        migration('0003', step('expand', 'create table c (n int)')),
      ]);
      expect(result.error).toMatchObject({ code: 'STEP_FAILED', details: { statement: 'create table a (m int)' } });
      expect(result.migrations.map((one) => one.outcome)).toEqual(['done', 'failed', 'not_run']);
      const { rows } = await client.query(`select to_regclass('a')::text as a, to_regclass('c')::text as c`);
      expect(rows).toEqual([{ a: 'a', c: null }]);
    });
  });

  test('runs what needs no transaction alone, and each step under its own settings', async () => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      await client.query('create schema app');
      const result = await direct(database, [
        migration(
          '0001',
          step('expand', 'create table t (n int)', { settings: { search_path: 'app' } }),
          step('expand', 'create table t (n int)'),
        ),
        migration(
          '0002',
          step(
            'expand',
            outsideTransaction('create index concurrently i on users (email)', {
              kind: 'index_valid',
              table: users,
              index: 'i',
            }),
          ),
        ),
      ]);
      expect(result.error).toBeNull();
      const { rows } = await client.query(
        `select to_regclass('app.t')::text as app, to_regclass('public.t')::text as public`,
      );
      expect(rows).toEqual([{ app: 'app.t', public: 't' }]);
    });
  });

  test('writes nothing without the lease', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await withRunner({ url: database.url }, async (runner) => {
        await client.query('update onward.lease set token = gen_random_uuid()');
        const planned = migration('0001', step('expand', 'create table a (n int)'));
        const work = applyDirectly(runner, [{ name: '0001', checksum: planned.checksum, planned }]);
        await expect(work).rejects.toMatchObject({ code: 'LEASE_LOST' });
      });
      expect((await client.query(`select to_regclass('a') as a`)).rows).toEqual([{ a: null }]);
    });
  });
});
