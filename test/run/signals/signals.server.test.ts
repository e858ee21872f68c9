/** What each signal tells of a real server. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { withDatabase, type TestDatabase } from '../../support/server.ts';
import { sampling } from './sampling.ts';

const builtIn = [
  'replicaLag',
  'replicationSlots',
  'unarchivedWal',
  'walRate',
  'forcedCheckpoints',
  'blockedSessions',
  'connections',
  'activeBackends',
  'oldestTransaction',
  'deadRows',
  'tableSize',
];

const users = `create table users (id bigint primary key, n int);
  insert into users select g, 0 from generate_series(1, 1000) g; analyze users`;

/** A role that may log in and nothing else, and the URL with which it does. */
async function ordinaryRole(database: TestDatabase): Promise<{ readonly role: string; readonly url: string }> {
  const client = await database.connect();
  const role = `${database.name}_app`;
  await client.query(`create role ${role} login password 'app'; grant select on users to ${role}`);
  const url = new URL(database.url);
  url.username = role;
  url.password = 'app';
  return { role, url: url.href };
}

test('on a quiet server every signal is measured and none presses', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(users);
    await sampling(database.url, {}, async ({ until }) => {
      for (const signal of builtIn) {
        expect(await until(signal, ({ state }) => state !== 'failed')).toMatchObject({ signal, state: 'easy' });
      }
      const size = await until('tableSize', () => true);
      expect(size.measure?.value).toBeGreaterThan(40_000);
    });
  });
});

test('checkpoints that somebody asked for are counted', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(users);
    await sampling(database.url, { forcedCheckpoints: { limit: 1 } }, async ({ until }) => {
      await until('forcedCheckpoints', ({ state }) => state === 'easy');
      await client.query('update users set n = 1; checkpoint');
      const { measure } = await until('forcedCheckpoints', ({ state }) => state === 'over');
      expect(measure).toMatchObject({ limit: 1, unit: 'checkpoints' });
    });
  });
});

test('an ordinary role sees what it may, and is told which role sees the rest', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(users);
    const { role, url } = await ordinaryRole(database);
    try {
      await sampling(url, { activeBackends: { limit: 10 } }, async ({ until }) => {
        for (const signal of ['oldestTransaction', 'deadRows']) {
          expect(await until(signal, () => true)).toMatchObject({ state: 'unavailable', pressure: 0 });
        }
        expect(await until('activeBackends', () => true)).toMatchObject({
          state: 'unavailable',
          pressure: 1,
          reason: 'our role may not see it: it needs pg_read_all_stats',
        });
        for (const signal of builtIn.filter((name) => !/oldest|dead|active/.test(name))) {
          expect(await until(signal, () => true)).toMatchObject({ signal, state: 'easy' });
        }
      });
      await client.query(`grant pg_read_all_stats to ${role}`);
      await sampling(url, {}, async ({ until }) => {
        for (const signal of builtIn) expect(await until(signal, () => true)).toMatchObject({ signal, state: 'easy' });
      });
    } finally {
      await client.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

test('who waits for us is seen, and for how long', async () => {
  await withDatabase(async (database) => {
    const [worker, application] = [await database.connect(), await database.connect()];
    await worker.query(users);
    const { rows } = await worker.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backends = rows.map(({ pid }) => pid);
    await worker.query('begin; update users set n = 1 where id = 7');
    const waiting = application.query('update users set n = n + 10 where id = 7');
    await sampling(
      database.url,
      { blockedSessions: { limitMs: 300 } },
      async ({ until }) => {
        const over = await until('blockedSessions', ({ state }) => state === 'over');
        expect(over.measure?.about).toMatch(/^session \d+$/);
        await worker.query('commit');
        await waiting;
        await until('blockedSessions', ({ pressure }) => pressure === 0);
      },
      { backends },
    );
  });
});

test('the oldest transaction is told with its owner; a session of another database is nobody’s concern', async () => {
  await withDatabase(async (database) => {
    await withDatabase(async (other) => {
      const [owner, elsewhere] = [await database.connect('reporting'), await other.connect('elsewhere')];
      await elsewhere.query('begin isolation level repeatable read; select txid_current()');
      await owner.query(users);
      await owner.query('begin isolation level repeatable read; select count(*) from users');
      await sampling(database.url, { oldestTransaction: { limitMs: 100 } }, async ({ until }) => {
        const over = await until('oldestTransaction', ({ state }) => state === 'over');
        expect(over.measure?.about).toMatch(/^session \d+ of \w+ \(reporting\), idle in transaction$/);
        await owner.query('commit');
        await until('oldestTransaction', ({ state }) => state === 'easy');
      });
    });
  });
});

test('dead rows count while a vacuum is at work on the table', async () => {
  await withDatabase(async (database) => {
    const [writer, reader, vacuum] = [await database.connect(), await database.connect(), await database.connect()];
    await writer.query(`create table users (id bigint primary key, n int) with (autovacuum_enabled = off);
      insert into users select g, 0 from generate_series(1, 20000) g`);
    await writer.query('update users set n = 1 where id % 2 = 0');
    await writer.end(); // a session that ends tells the statistics what it did
    await sampling(database.url, {}, async ({ until }) => {
      const idle = await until('deadRows', ({ measure }) => (measure?.value ?? 0) > 20);
      expect(idle).toMatchObject({ state: 'easy', measure: { limit: null } });
      // A pinned page makes VACUUM FREEZE wait in the middle of its work, and so it can be seen.
      await reader.query('begin; declare c cursor for select * from users; fetch 1 from c');
      const vacuuming = vacuum.query('vacuum (freeze, disable_page_skipping) users');
      const over = await until('deadRows', ({ state }) => state === 'over');
      expect(over.measure).toMatchObject({ limit: 20, about: 'a vacuum is at work' });
      await reader.query('commit');
      await vacuuming;
      await until('deadRows', ({ state }) => state === 'easy');
    });
  });
});

describe('a query of the user’s own', () => {
  test('is held against the limit that it gives', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query('create table jobs (id bigint)');
      const queries = { queue: { sql: 'select count(*) as value, 3::bigint as limit from jobs', everyMs: 20 } };
      await sampling(database.url, { queries }, async ({ until }) => {
        expect(await until('queue', () => true)).toMatchObject({ state: 'easy', measure: { value: 0, limit: 3 } });
        await client.query('insert into jobs values (1), (2), (3), (4)');
        await until('queue', ({ pressure }) => pressure === 4 / 3);
      });
    });
  });

  test('that fails, hangs, writes or gives nothing counts as bad, and hides no other signal', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query('create table jobs (id bigint)');
      const queries = {
        wrong: { sql: 'select 1 / 0 as value' },
        slow: { sql: 'select pg_sleep(600), 0 as value', optional: true },
        writing: { sql: 'insert into jobs values (1) returning id as value' },
        empty: { sql: 'select 1 as value from jobs' },
        'without number': { sql: "select 'many' as value, 3 as limit" },
      };
      await sampling(database.url, { queries }, async ({ until }) => {
        const reasons: Record<string, string | null> = {};
        for (const name of Object.keys(queries)) {
          const judgement = await until(name, () => true);
          expect(judgement).toMatchObject({ state: 'failed', pressure: name === 'slow' ? 0 : 1 });
          reasons[name] = judgement.reason;
        }
        expect(reasons).toEqual({
          wrong: 'division by zero',
          slow: 'canceling statement due to statement timeout',
          writing: 'cannot execute INSERT in a read-only transaction',
          empty: 'it gave no row',
          'without number': 'its first row has no number in the column "value"',
        });
        expect(await until('connections', () => true)).toMatchObject({ state: 'easy' });
      });
    });
  });
});

test('an HTTP check says yes, no, or by how much', async () => {
  const answers = new Map<string, { readonly status: number; readonly body: string }>([
    ['/yes', { status: 204, body: '' }],
    ['/no', { status: 503, body: 'busy' }],
    ['/value', { status: 200, body: '{ "value": 9, "limit": 10 }' }],
  ]);
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    response.writeHead(answer?.status ?? 404).end(answer?.status === 204 ? undefined : answer?.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  try {
    await withDatabase(async (database) => {
      const httpChecks = {
        yes: { url: `${base}/yes` },
        no: { url: `${base}/no` },
        value: { url: `${base}/value` },
        nobody: { url: 'http://127.0.0.1:1/?token=secret' },
      };
      await sampling(database.url, { httpChecks }, async ({ until }) => {
        expect(await until('yes', () => true)).toMatchObject({ state: 'easy', pressure: 0 });
        expect(await until('no', () => true)).toMatchObject({ state: 'over', measure: { about: 'it answers 503' } });
        expect(await until('value', () => true)).toMatchObject({ state: 'near', pressure: 0.9 });
        const nobody = await until('nobody', () => true);
        expect(nobody).toMatchObject({ state: 'failed', pressure: 1 });
        expect(nobody.reason).not.toContain('secret');
      });
    });
  } finally {
    server.close();
  }
});

test('a table that somebody has locked hides only its own size, and a lost connection is made again', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query(users);
    await client.query('begin; lock table users');
    await sampling(database.url, {}, async ({ until }) => {
      const locked = await until('tableSize', () => true);
      expect(locked).toMatchObject({ state: 'failed', pressure: 1 });
      expect(await until('connections', () => true)).toMatchObject({ state: 'easy' });
      await client.query('commit');
      await until('tableSize', ({ state }) => state === 'easy');
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'test/signals' and datname = current_database()`);
      await until('connections', ({ state }) => state === 'failed');
      await until('connections', ({ state }) => state === 'easy');
    });
  });
});
