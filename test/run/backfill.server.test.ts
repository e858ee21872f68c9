/** The backfill engine on a real server: every row once, whatever happens meanwhile. */
import { expect, test } from 'vitest';
import type pg from 'pg';
import type { BackfillRun } from '../../src/operations/step-draft.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import { backfillMigrations } from '../../src/run/verbs/backfill.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, update } from './planned.ts';

type Outcome = { readonly result: VerbResult; readonly events: readonly RunEvent[] };

async function expandAndBackfill(
  database: TestDatabase,
  run: BackfillRun,
  options: Partial<RunnerOptions> = {},
): Promise<Outcome> {
  const events: RunEvent[] = [];
  const result = await withRunner(
    {
      url: database.url,
      ...options,
      onEvent: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
    },
    (runner) =>
      expandMigrations(runner, plan(migration('m', step('backfill', run, { id: 'backfill-1' }))), { backfill: true }),
  );
  return { result, events };
}

async function values(client: pg.Client, sql: string): Promise<unknown[]> {
  const { rows } = await client.query<{ value: unknown }>(sql);
  return rows.map((row) => row.value);
}

test('every row is changed exactly once, and the percentage ends at 100', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id bigint primary key, n int not null default 0);
      insert into users select g * 3 from generate_series(-10000, 10000) g`);
    const { result, events } = await expandAndBackfill(database, update({ n: 'n + 1' }));
    expect(result.error).toBeNull();
    expect(await values(client, 'select distinct n as value from users')).toEqual([1]);
    const progress = events.filter((event) => event.kind === 'backfill_progress');
    expect(progress.at(-1)).toMatchObject({ percent: 100, rowsDone: 20_001, estimate: 20_001 });
    expect(progress.map((event) => event.percent)).toEqual(
      progress.map((event) => event.percent).toSorted((a, b) => a - b),
    );
  });
});

const keys: readonly { readonly name: string; readonly table: string }[] = [
  {
    name: 'numeric',
    table: `create table users (k numeric primary key, n int default 0);
      insert into users (k) select 12345678901234567890.000001 * g from generate_series(1, 1500) g`,
  },
  {
    name: 'uuid',
    table: `create table users (k uuid primary key default gen_random_uuid(), n int default 0);
      insert into users (n) select 0 from generate_series(1, 1500)`,
  },
  {
    name: 'text with quotes, backslashes and a collation',
    table: `create table users (k text collate "C" primary key, n int default 0);
      insert into users (k) select $$it's a \\ "key" $$ || g from generate_series(1, 1500) g`,
  },
  {
    name: 'timestamps with microseconds',
    table: `create table users (k timestamptz primary key, n int default 0);
      insert into users (k) select '2024-01-01'::timestamptz + g * interval '1 microsecond' from generate_series(1, 1500) g;
      insert into users (k) values ('infinity'), ('-infinity'), ('0044-03-15 12:00 BC')`,
  },
  {
    name: 'bytea',
    table: `create table users (k bytea primary key, n int default 0);
      insert into users (k) select decode(lpad(to_hex(g), 8, '0'), 'hex') from generate_series(1, 1500) g`,
  },
  {
    name: 'an enum and a composite key',
    table: `create type mood as enum ('happy', 'sad');
      create table users (m mood, d date, n int default 0, primary key (m, d));
      insert into users (m, d) select 'sad', '2020-01-01'::date + g from generate_series(1, 800) g;
      insert into users (m, d) select 'happy', '2020-01-01'::date + g from generate_series(1, 800) g`,
  },
  {
    name: 'a unique key of NOT NULL columns',
    table: `create table users (a varchar(20) not null, b int not null, n int default 0, unique (a, b));
      insert into users (a, b) select 'x' || g % 7, g from generate_series(1, 1500) g`,
  },
  {
    name: 'a domain',
    table: `create domain sku as varchar(10) check (value <> '');
      create table users (k sku primary key, n int default 0);
      insert into users (k) select 'S' || g from generate_series(1, 1500) g`,
  },
  {
    name: 'odd names',
    table: `create table users ("Key ""of"" it" bigint primary key, n int default 0);
      insert into users select g from generate_series(1, 1500) g`,
  },
  { name: 'no rows', table: 'create table users (k bigint primary key, n int default 0)' },
];

test.each(keys)('keys may be of any type: $name', async ({ table }) => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(table);
    await client.query(`alter database ${database.name} set datestyle = 'SQL, DMY'`);
    const { result } = await expandAndBackfill(database, update({ n: 'n + 1' }), {
      backfill: { largestBatchSize: 70 },
    });
    expect(result.error).toBeNull();
    expect(await values(client, 'select count(*)::int as value from users where n <> 1')).toEqual([0]);
  });
});

test('a table without a key is walked by blocks when the job has a guard', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (email text, lower_email text);
      insert into users select 'User' || g from generate_series(1, 20000) g`);
    const run = update(
      { lower_email: 'lower(email)' },
      { guard: 'lower_email is distinct from lower(email)', verify: 'lower_email is distinct from lower(email)' },
    );
    const { result } = await expandAndBackfill(database, run);
    expect(result.error).toBeNull();
    expect(await values(client, `select count(*)::int as value from users where lower_email = lower(email)`)).toEqual([
      20_000,
    ]);
  });
});

test('a table without a key and a job without a guard are refused', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (n int default 0); insert into users values (0)');
    const { result } = await expandAndBackfill(database, update({ n: 'n + 1' }));
    expect(result.error).toMatchObject({ code: 'BACKFILL_FAILED' });
    expect(result.error?.message).toContain('no primary key');
    expect(await values(client, 'select n as value from users')).toEqual([0]);
  });
});

test('a key that the job changes is not the one it walks by', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id bigint primary key, other int not null unique);
      insert into users select g, -g from generate_series(1, 3000) g`);
    const { result } = await expandAndBackfill(database, update({ id: 'id + 100000' }));
    expect(result.error).toBeNull();
    expect(await values(client, 'select count(*)::int as value from users where id = 100000 - other')).toEqual([3000]);
  });
});

test('rows are deleted in batches, and only those that are meant', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id bigint primary key, spam boolean);
      insert into users select g, g % 3 = 0 from generate_series(1, 3000) g`);
    const { result } = await expandAndBackfill(
      database,
      update({}, { command: 'delete', alias: 'u', where: 'u.spam', verify: 'u.spam' }),
    );
    expect(result.error).toBeNull();
    expect(await values(client, 'select count(*)::int as value from users')).toEqual([2000]);
  });
});

test('partitions are walked one by one', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id bigint, region text, n int default 0, primary key (region, id)) partition by list (region);
      create table users_eu partition of users for values in ('eu');
      create table "users US" partition of users for values in ('us') partition by range (id);
      create table users_us_1 partition of "users US" for values from (0) to (1000);
      create table users_us_2 partition of "users US" for values from (1000) to (10000);
      insert into users select g, case when g % 2 = 0 then 'eu' else 'us' end from generate_series(1, 5000) g`);
    const { result } = await expandAndBackfill(database, update({ n: 'users.n + 1' }));
    expect(result.error).toBeNull();
    expect(await values(client, 'select distinct n as value from users')).toEqual([1]);
  });
});

test('rows inserted after the start are left alone', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id bigint primary key, n int not null default 0);
      insert into users select g from generate_series(1, 2000) g`);
    const inserting: Promise<unknown>[] = [];
    const { result } = await expandAndBackfill(database, update({ n: 'n + 1' }, { batchSize: 100 }), {
      onEvent: (event) => {
        if (event.kind === 'backfill_progress' && inserting.length === 0) {
          inserting.push(client.query('insert into users select g from generate_series(2001, 3000) g'));
        }
      },
    });
    await Promise.all(inserting);
    expect(result.error).toBeNull();
    expect(await values(client, 'select count(*)::int as value from users where n = 1')).toEqual([2000]);
  });
});

test('a row that cannot be changed is named, and the backfill goes on from it once it is corrected', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id bigint primary key, t text, n int);
      insert into users select g, g::text from generate_series(1, 3000) g;
      update users set t = 'twelve' where id = 1234`);
    const run = update({ n: 'coalesce(n, 0) + t::int' });
    const { result } = await expandAndBackfill(database, run);
    expect(result.error).toMatchObject({
      code: 'BACKFILL_FAILED',
      details: { key: { id: '1234' }, sqlstate: '22P02' },
    });
    expect(result.error?.message).toContain('id = 1234');
    expect(await values(client, 'select max(id)::int as value from users where n is not null')).toEqual([1233]);
    await client.query(`update users set t = '12' where id = 1234`);
    const again = await withRunner({ url: database.url }, (runner) => backfillMigrations(runner));
    expect(again.error).toBeNull();
    expect(await values(client, 'select count(*)::int as value from users where n = t::int')).toEqual([3000]);
  });
});

test('a value of the wrong type is no matter once its rows are gone', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(
      `create table users (id bigint primary key, n int); insert into users select generate_series(1, 9)`,
    );
    const { result } = await expandAndBackfill(database, update({ n: "'one'::text" }));
    expect(result.error).toMatchObject({ code: 'BACKFILL_FAILED' });
    await client.query('truncate users');
    const again = await withRunner({ url: database.url }, (runner) => backfillMigrations(runner));
    expect(again.error).toBeNull();
  });
});

test('a row of a table without a key that cannot be changed is named by its place', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (t text, n int);
      insert into users select g::text from generate_series(1, 3000) g; update users set t = 'x' where t = '2000'`);
    const { result } = await expandAndBackfill(database, update({ n: 't::int' }, { guard: 'n is null' }));
    expect(result.error).toMatchObject({ code: 'BACKFILL_FAILED', details: { sqlstate: '22P02' } });
    expect(Object.keys((result.error?.details['key'] ?? {}) as object)).toEqual(['ctid']);
  });
});

test('rows that stay wrong are reported, after other sweeps', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create table users (id int primary key, a int, b int);
      insert into users select g, g from generate_series(1, 100) g;
      create function undo() returns trigger language plpgsql as $$ begin if new.id = 50 then new.b := null; end if; return new; end $$;
      create trigger undo before update on users for each row execute function undo()`);
    const wrong = 'b is distinct from a';
    const { result, events } = await expandAndBackfill(database, update({ b: 'a' }, { guard: wrong, verify: wrong }));
    expect(result.error).toMatchObject({ code: 'BACKFILL_FAILED', details: { rowsLeft: '1' } });
    expect(events.filter((event) => event.kind === 'backfill_swept')).toHaveLength(2);
  });
});

test('a client that holds a row is named, and never waits for us', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect('billing-report');
    await client.query(
      `create table users (id int primary key, n int default 0); insert into users select g from generate_series(1, 100) g`,
    );
    await client.query('begin; update users set n = 5 where id = 50');
    const { result, events } = await expandAndBackfill(database, update({ n: 'n + 1' }), { lockBudgetMs: 1_500 });
    await client.query('rollback');
    expect(result.error).toMatchObject({ code: 'LOCK_NOT_OBTAINED', exitCode: 4 });
    expect(result.error?.message).toContain('billing-report');
    expect(events.some((event) => event.kind === 'backfill_retried')).toBe(true);
    const again = await withRunner({ url: database.url }, (runner) => backfillMigrations(runner));
    expect(again.error).toBeNull();
    expect(await values(client, 'select distinct n as value from users')).toEqual([1]);
  });
});

test('an interruption finishes the batch, and the next run goes on', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(
      `create table users (id int primary key, n int default 0); insert into users select g from generate_series(1, 2000) g`,
    );
    const stop = new AbortController();
    const run = update({ n: 'n + 1' }, { batchSize: 50 });
    await expect(
      expandAndBackfill(database, run, {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind === 'backfill_progress') stop.abort('SIGTERM');
        },
      }),
    ).rejects.toMatchObject({ code: 'TERMINATED', exitCode: 143 });
    const [done] = await values(client, 'select count(*)::int as value from users where n = 1');
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(2000);
    expect(await values(client, 'select status as value from onward.backfill')).toEqual(['paused']);
    const again = await withRunner({ url: database.url }, (runner) => backfillMigrations(runner));
    expect(again.error).toBeNull();
    expect(await values(client, 'select distinct n as value from users')).toEqual([1]);
  });
});

test('rows that row security hides are an error, never passed over', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    const role = `r${database.name}`;
    await client.query(`create role ${role} login password 'x'`);
    try {
      await client.query(
        `grant create on database ${database.name} to ${role}; grant create on schema public to ${role}`,
      );
      await client.query(`set role ${role}`);
      await client.query(`create table users (id int primary key, n int default 0)`);
      await client.query('insert into users select generate_series(1, 10)');
      await client.query('alter table users enable row level security; alter table users force row level security');
      await client.query('reset role');
      const url = new URL(database.url);
      url.username = role;
      url.password = 'x';
      const { result } = await expandAndBackfill({ ...database, url: url.href }, update({ n: 'n + 1' }));
      expect(result.error).toMatchObject({ code: 'BACKFILL_FAILED', details: { sqlstate: '42501' } });
    } finally {
      await client.query(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });
});

test('a table that somebody has locked is waited for, also before the first batch', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (id int primary key, n int default 0)');
    await client.query('insert into users select generate_series(1, 10)');
    await client.query('begin; lock table users');
    const short = await expandAndBackfill(database, update({ n: 'n + 1' }), { lockBudgetMs: 300 });
    expect(short.result.error).toMatchObject({ code: 'LOCK_NOT_OBTAINED' });
    const [again] = await Promise.all([
      withRunner({ url: database.url }, (runner) => backfillMigrations(runner)),
      client.query('select pg_sleep(0.5)').then(() => client.query('commit')),
    ]);
    expect(again.error).toBeNull();
    expect(await values(client, 'select distinct n as value from users')).toEqual([1]);
  });
});

test('a table whose blocks are written anew meanwhile is walked again from its start', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (a int, b int)');
    await client.query('insert into users select g from generate_series(1, 20000) g');
    const wrong = 'b is distinct from a';
    let rewriting: Promise<unknown> | null = null;
    const { result } = await expandAndBackfill(
      database,
      update({ b: 'a' }, { guard: wrong, verify: wrong, batchSize: 400 }),
      {
        onEvent: (event) => {
          if (event.kind === 'backfill_progress') rewriting ??= client.query('vacuum full users');
        },
      },
    );
    await Promise.resolve(rewriting);
    expect(result.error).toBeNull();
    expect(await values(client, `select count(*)::int as value from users where ${wrong}`)).toEqual([0]);
  });
});
