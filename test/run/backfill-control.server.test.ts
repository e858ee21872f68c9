/** What stops a backfill, lets it go on, and ends it: people, rows that cannot be changed, a server without room. */
import { expect, test } from 'vitest';
import type pg from 'pg';
import {
  backfill,
  backfillStatus,
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  retryBackfill,
  throttleBackfill,
} from '../../src/index.ts';
import type { BackfillJobStatus } from '../../src/index.ts';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, update } from './planned.ts';

/** The migration as expanded; its one backfill is to come. */
async function prepare(database: TestDatabase, tables: string, run: BackfillRun): Promise<pg.Client> {
  const client = await database.connect();
  await client.query(tables);
  const { error } = await withRunner({ url: database.url }, (runner) =>
    expandMigrations(runner, plan(migration('m', step('backfill', run, { id: 'backfill-1' }))), { backfill: false }),
  );
  if (error !== null) throw error;
  return client;
}

type Told = Extract<RunEvent, { readonly kind: string }>['kind'];

/** Runs it; `on` is called once for each kind of event. */
async function runIt(
  database: TestDatabase,
  on: Partial<Readonly<Record<Told, () => Promise<unknown>>>> = {},
  backfills: NonNullable<RunnerOptions['backfill']> = {},
): Promise<VerbResult> {
  const called = new Map<string, Promise<unknown>>();
  const result = await backfill({
    databaseUrl: database.url,
    backfills,
    waitForRunnerMs: 30_000,
    onEvent: ({ kind }) => {
      const listener = on[kind];
      if (listener !== undefined && !called.has(kind)) called.set(kind, listener());
    },
  });
  await Promise.all(called.values());
  return result;
}

async function all(client: pg.Client, sql: string): Promise<unknown[]> {
  return (await client.query<Record<string, unknown>>(sql)).rows;
}

async function jobs(databaseUrl: string): Promise<readonly BackfillJobStatus[]> {
  return (await backfillStatus({ databaseUrl })).backfills;
}

const thousands = `create table users (id int primary key, n int default 0);
  insert into users select g from generate_series(1, 4000) g`;
const slowly = update({ n: 'n + 1' }, { batchSize: 50, pauseMs: 10 });

test('it pauses, tells so, goes on when it is resumed, and every row is changed once', async () => {
  await withDatabase(async (database) => {
    const client = await prepare(database, thousands, slowly);
    const databaseUrl = database.url;
    const seen: unknown[] = [];
    const { error } = await runIt(database, {
      backfill_progress: () => pauseBackfill({ databaseUrl, names: ['m'] }),
      backfill_paused: async () => {
        const [job] = (await backfillStatus({ databaseUrl })).backfills;
        seen.push(job?.status, job?.desired, job?.workers, (job?.rowsDone ?? 4000) < 4000);
        await resumeBackfill({ databaseUrl });
      },
    });
    expect(error).toBeNull();
    expect(seen).toEqual(['paused', 'pause', [], true]);
    expect(await all(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    expect(await jobs(databaseUrl)).toMatchObject([{ status: 'done', percent: 100, rowsDone: 4000 }]);
  });
});

test('one that was cancelled ends, and goes on only when it is resumed', async () => {
  await withDatabase(async (database) => {
    const client = await prepare(database, thousands, slowly);
    const databaseUrl = database.url;
    const first = await runIt(database, { backfill_progress: () => cancelBackfill({ databaseUrl }) });
    expect(first.error).toMatchObject({ code: 'BACKFILL_CANCELLED' });
    expect((await runIt(database)).error).toMatchObject({ code: 'BACKFILL_CANCELLED' });
    expect(await jobs(databaseUrl)).toMatchObject([{ status: 'cancelled' }]);
    await resumeBackfill({ databaseUrl });
    expect((await runIt(database)).error).toBeNull();
    expect(await all(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    await expect(pauseBackfill({ databaseUrl })).rejects.toMatchObject({ code: 'NOTHING_TO_DO' });
  });
});

test('how hard it works can be changed while it does', async () => {
  await withDatabase(async (database) => {
    await prepare(database, thousands, slowly);
    const databaseUrl = database.url;
    const { error } = await runIt(database, {
      backfill_progress: () => throttleBackfill({ databaseUrl, targetMs: 20, nice: 0.1, maxWorkers: 3 }),
    });
    expect(error).toBeNull();
    expect(await jobs(databaseUrl)).toMatchObject([{ targetMs: 20, nice: 0.1, maxWorkers: 3 }]);
  });
});

test('rows that cannot be changed are left out, listed, and done once they are corrected', async () => {
  await withDatabase(async (database) => {
    const tables = `create table users (id int primary key, t text, n int default 0);
      insert into users select g, g::text from generate_series(1, 3000) g;
      update users set t = 'odd' where id in (1, 1500, 3000)`;
    const client = await prepare(database, tables, update({ n: 'n + t::int' }));
    const databaseUrl = database.url;
    const backfills = { onError: 'quarantine', rowsPerChunk: 400 } as const;
    const { error } = await runIt(database, {}, backfills);
    expect(error).toMatchObject({ code: 'BACKFILL_FAILED', details: { count: 3 } });
    expect(error?.message).toContain('id = 1500');
    expect(await all(client, 'select id from users where n <> id order by id')).toEqual([
      { id: 1 },
      { id: 1500 },
      { id: 3000 },
    ]);
    await client.query(`update users set t = id::text where id <> 3000`);
    expect((await retryBackfill({ databaseUrl })).error).toMatchObject({ details: { count: 1 } });
    await client.query(`delete from users where id = 3000`);
    expect((await retryBackfill({ databaseUrl })).error).toBeNull();
    expect(await all(client, 'select id from users where n <> id')).toEqual([]);
    expect(await jobs(databaseUrl)).toMatchObject([{ status: 'done', quarantine: { count: 0 }, rowsDone: 2999 }]);
  });
});

test('rows of a table without a key that cannot be changed are found again by another sweep', async () => {
  await withDatabase(async (database) => {
    const tables = `create table users (t text, n int);
      insert into users select g::text from generate_series(1, 2000) g; update users set t = 'odd' where t = '777'`;
    const wrong = 'n is distinct from t::int';
    const client = await prepare(
      database,
      tables,
      update({ n: 't::int' }, { guard: 'n is null', verify: 'n is null' }),
    );
    const { error } = await runIt(database, {}, { onError: 'quarantine' });
    expect(error?.message).toContain('ctid = ');
    expect(await all(client, 'select t from users where n is null')).toEqual([{ t: 'odd' }]);
    await client.query(`update users set t = '777' where t = 'odd'`);
    expect((await retryBackfill({ databaseUrl: database.url })).error).toBeNull();
    expect(await all(client, `select t from users where ${wrong}`)).toEqual([]);
  });
});

test('a server without room makes it wait, and it goes on by itself', async () => {
  await withDatabase(async (database) => {
    const full = `create table room (free boolean); insert into room values (false);
      create function needs_room() returns trigger language plpgsql as $$ begin
        if new.id > 700 and not (select free from room) then raise exception 'no space left' using errcode = '53100'; end if;
        return new; end $$;
      create trigger needs_room before update on users for each row execute function needs_room()`;
    const client = await prepare(database, `${thousands}; ${full}`, update({ n: 'n + 1' }));
    const { error } = await runIt(
      database,
      { backfill_held: () => client.query('update room set free = true') },
      { probeMs: 50 },
    );
    expect(error).toBeNull();
    expect(await all(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    expect(await all(client, 'select kind from onward.backfill_event')).toContainEqual({ kind: 'held' });
  });
});

test('a connection that is lost is made anew, and every row is changed once', async () => {
  await withDatabase(async (database) => {
    const client = await prepare(database, thousands, slowly);
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'onward/backfill%' and datname = current_database()`;
    const { error } = await runIt(database, {
      backfill_progress: () => client.query(end),
      reconnecting: async () => undefined,
    });
    expect(error).toBeNull();
    expect(await all(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
  });
});
