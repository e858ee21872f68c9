/** Steps outside a transaction: what an earlier try left behind is looked at first, and never trusted blindly. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import { outsideTransaction, undoBy } from '../../src/operations/step-draft.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type RunnerOptions } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import type { VerbResult } from '../../src/run/verbs/result.ts';
import { rollbackMigrations } from '../../src/run/verbs/rollback.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, users } from './planned.ts';

const index = { schema: 'public', name: 'users_email' };
const probe = { kind: 'index_valid', table: users, index: index.name } as const;
const dropIndex = outsideTransaction('drop index concurrently users_email', { kind: 'index_absent', index });

function build(unique = '') {
  return migration(
    'm',
    step('expand', outsideTransaction(`create ${unique} index concurrently users_email on users (email)`, probe), {
      id: 'expand-1',
      title: 'Create index users_email',
      locks: [{ table: users, mode: 'SHARE UPDATE EXCLUSIVE' }],
      undo: undoBy(dropIndex),
    }),
  );
}

async function expand(
  database: TestDatabase,
  planned = build(),
  options: Partial<RunnerOptions> = {},
): Promise<{ readonly result: VerbResult; readonly events: readonly RunEvent[] }> {
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
    (runner) => expandMigrations(runner, plan(planned), { backfill: false }),
  );
  return { result, events };
}

async function usersTable(database: TestDatabase): Promise<pg.Client> {
  const client = await database.connect();
  await client.query('create table users (id int primary key, email text)');
  await client.query(`insert into users select g, 'u' || g from generate_series(1, 1000) g`);
  return client;
}

async function validity(client: pg.Client): Promise<unknown[]> {
  const { rows } = await client.query<{ indisvalid: boolean }>(
    `select indisvalid from pg_index where indexrelid = to_regclass('users_email')`,
  );
  return rows.map((row) => row.indisvalid);
}

/** An index as a failed concurrent build leaves it. */
async function leaveInvalid(client: pg.Client): Promise<void> {
  await client.query('create index users_email on users (email)');
  await client.query(
    `update pg_index set indisvalid = false, indisready = false where indexrelid = 'users_email'::regclass`,
  );
}

test('an invalid rest of an earlier build is dropped, and the index is built anew', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    await leaveInvalid(client);
    const { result, events } = await expand(database);
    expect(result.error).toBeNull();
    expect(events.map((event) => event.kind)).toContain('index_healed');
    expect(await validity(client)).toEqual([true]);
  });
});

test('a valid index of that name that is none of our doing is not taken for ours', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    await client.query('create index users_email on users (id)');
    const { result } = await expand(database);
    expect(result.error).toMatchObject({ code: 'STEP_FAILED', details: { sqlstate: '42P07' } });
    expect(await validity(client)).toEqual([true]);
  });
});

test('a build that finished after its runner had died is taken as done', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    // The runner dies as soon as the intent is recorded; the index is finished as the server would have done.
    const died = expand(database, build(), {
      onEvent: (event) => {
        if (event.kind === 'step_started')
          void client.query(`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'onward' and datname = current_database()`);
      },
    });
    await died.then(
      ({ result }) => expect(result.error).toMatchObject({ code: 'CONNECTION_LOST' }),
      (error: unknown) => expect(error).toMatchObject({ code: 'CONNECTION_LOST' }),
    );
    await client.query('drop index if exists users_email');
    await client.query('create index users_email on users (email)');
    await client.query(`update onward.step set status = 'running', attempts = 1`);
    const { result, events } = await expand(database);
    expect(result.error).toBeNull();
    expect(events.map((event) => event.kind)).toContain('step_already_done');
  });
});

test('duplicates are shown by their keys, and no invalid index stays', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    await client.query(`insert into users values (2001, 'u7'), (2002, 'u8')`);
    const { result } = await expand(database, build('unique'));
    expect(result.error).toMatchObject({
      code: 'DATA_VIOLATES',
      details: { columns: ['email'], samples: expect.arrayContaining([['u7'], ['u8']]) },
    });
    expect(result.error?.message).toContain('email = u7');
    expect(await validity(client)).toEqual([]);
    await client.query('delete from users where id > 2000');
    expect((await expand(database, build('unique'))).result.error).toBeNull();
    expect(await validity(client)).toEqual([true]);
  });
});

test('the build waits for an old transaction, says for whose, and queues nobody', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    const old = await database.connect('old-transaction');
    await old.query('begin isolation level repeatable read; select * from users limit 1');
    let ending: Promise<unknown> = Promise.resolve();
    const { result, events } = await expand(database, build(), {
      onEvent: (event) => {
        if (event.kind !== 'index_progress' || event.blockers.length === 0) return;
        ending = client.query(`update users set email = 'other' where id = 1`).then(() => old.query('commit'));
      },
    });
    await ending;
    expect(result.error).toBeNull();
    const progress = events.filter((event) => event.kind === 'index_progress');
    expect(progress.some((event) => event.blockers[0]?.application === 'old-transaction')).toBe(true);
  });
});

test('an interruption cancels the build; the next run heals it', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    const old = await database.connect();
    await old.query('begin isolation level repeatable read; select * from users limit 1');
    const stop = new AbortController();
    const interrupted = expand(database, build(), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'index_progress') stop.abort('SIGINT');
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    await old.query('commit');
    const { rows } = await client.query('select status, last_error from onward.step');
    expect(rows).toMatchObject([{ status: 'pending', last_error: { code: 'INTERRUPTED' } }]);
    expect((await client.query('select token from onward.lease')).rows).toEqual([{ token: null }]);
    expect(await validity(client)).toEqual([false]);
    expect((await expand(database)).result.error).toBeNull();
    expect(await validity(client)).toEqual([true]);
  });
});

test('a rollback removes what a failed build left', async () => {
  await withDatabase(async (database) => {
    const client = await usersTable(database);
    const stop = new AbortController();
    const old = await database.connect();
    await old.query('begin isolation level repeatable read; select * from users limit 1');
    await expand(database, build(), {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'index_progress') stop.abort('SIGINT');
      },
    }).catch(() => undefined);
    await old.query('commit');
    const result = await withRunner({ url: database.url }, (runner) => rollbackMigrations(runner));
    expect(result.error).toBeNull();
    expect(await validity(client)).toEqual([]);
  });
});

test('a statement without a probe that ran before its runner died is not run twice', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(`create type mood as enum ('sad')`);
    const planned = migration(
      'm',
      step('expand', outsideTransaction(`alter type mood add value 'happy'`, null), { id: 'expand-1' }),
    );
    await withRunner({ url: database.url }, async (runner) => {
      await expandMigrations(runner, plan(planned), { backfill: false });
    });
    await client.query(`update onward.step set status = 'running'; update onward.migration set status = 'expanding'`);
    const { result, events } = await expand(database, planned);
    expect(result.error).toBeNull();
    expect(events.map((event) => event.kind)).toContain('step_already_done');
  });
});

/** Found by the sweep of faults: `pending` made the next run take its own index for somebody else's. */
test.each(['53100', '58030'])(
  'an index that is built while its record fails with %s is taken as it is',
  async (code) => {
    await withDatabase(async (database) => {
      const client = await usersTable(database);
      await client.query(`create function fail() returns trigger language plpgsql as $$
      begin raise exception using errcode = '${code}'; end $$`);
      await withRunner({ url: database.url }, () => Promise.resolve()); // installs the ledger
      await client.query(`create trigger fail before update on onward.step for each row
      when (new.status = 'done') execute function fail()`);
      const first = await expand(database);
      expect(first.result.error).toMatchObject({ code: 'SERVER_ERROR' });
      expect(await validity(client)).toEqual([true]);
      await client.query('drop trigger fail on onward.step');

      const { result, events } = await expand(database);
      expect(result.error).toBeNull();
      expect(events.map((event) => event.kind)).toContain('step_already_done');
      expect(await validity(client)).toEqual([true]);
    });
  },
);
