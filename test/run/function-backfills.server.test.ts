/** A person's own backfills in TypeScript: exactly once in the database, with the keys as the server has them. */
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { defineBackfill, pauseBackfill, resumeBackfill, runBackfill } from '../../src/index.ts';
import type { BackfillDefinition, RunOptions } from '../../src/index.ts';
import { withDatabase } from '../support/server.ts';

type Database = {
  users: { id: string; n: number; email: string | null };
  logs: { at: Date; who: string; amount: string; n: number };
};

async function rowsOf(client: pg.Client, text: string): Promise<unknown[]> {
  return (await client.query<Record<string, unknown>>(text)).rows;
}

const users = (count: number, first = '9007199254740993'): string =>
  `create table users (id bigint primary key, n int not null default 0, email text);
   insert into users (id, email) select ${first} + g * 3, 'u' || g from generate_series(1, ${count}) g`;

/** `n = n + 1` for each row by its key: twice would show. */
const counting = (more: Partial<Parameters<typeof defineBackfill<Database, 'users'>>[0]> = {}): BackfillDefinition =>
  defineBackfill<Database, 'users'>({
    name: 'count',
    table: 'users',
    batchSize: 50,
    handler: async (rows, db) => {
      const ids = rows.map(({ id }) => id);
      await db
        .updateTable('users')
        .set((value) => ({ n: value('n', '+', 1) }))
        .where('id', 'in', ids)
        .execute();
    },
    ...more,
  });

const small: Pick<RunOptions, 'backfills'> = { backfills: { rowsPerChunk: 200 } };

describe('the rows', () => {
  test('are given once each, by several workers, with keys beyond what a number holds', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(1500));
      const { error, outcome, rowsDone } = await runBackfill(counting({ concurrency: 3 }), {
        databaseUrl: database.url,
        ...small,
      });
      expect({ error, outcome, rowsDone }).toEqual({ error: null, outcome: 'done', rowsDone: 1500 });
      expect(await rowsOf(client, 'select n, count(*)::int from users group by n')).toEqual([{ n: 1, count: 1500 }]);
      expect(await rowsOf(client, `select count(*) > 3 as several from onward.backfill_chunk`)).toEqual([
        { several: true },
      ]);
      // Done is done.
      const again = await runBackfill(counting(), { databaseUrl: database.url });
      expect(again).toMatchObject({ outcome: 'unchanged', rowsDone: 1500 });
    });
  });

  test('have the text of the server for times and numerics, and are walked by a composite key', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`create table logs (at timestamptz, who text collate "C", amount numeric, n int not null default 0,
          primary key (at, who));
        insert into logs select timestamptz '2020-01-01 00:00:00.123456+00' + g / 4 * interval '1 microsecond', 'it''s ' || g % 4,
          12345678901234567890.123 + g from generate_series(1, 300) g`);
      const seen: string[] = [];
      const definition = defineBackfill({
        name: 'logs',
        table: 'logs',
        columns: ['at', 'who', 'amount'],
        batchSize: 37,
        handler: async (rows, db: Kysely<Database>, context) => {
          for (const row of rows) {
            seen.push(`${row.at} ${row.amount}`);
            expect(context.keyOf(row)).toHaveLength(2);
            const { numUpdatedRows } = await db
              .updateTable('logs')
              .set((value) => ({ n: value('n', '+', 1) }))
              .where('at', '=', sql<Date>`${row.at}::timestamptz`)
              .where('who', '=', row.who)
              .executeTakeFirst();
            expect(numUpdatedRows).toBe(1n);
          }
        },
      });
      const { error } = await runBackfill(definition, { databaseUrl: database.url, backfills: { rowsPerChunk: 90 } });
      expect(error).toBeNull();
      expect(await rowsOf(client, 'select distinct n from logs')).toEqual([{ n: 1 }]);
      expect(seen).toHaveLength(300);
      expect(seen[0]).toMatch(/^2020-01-01 00:00:00\.123456\+00 12345678901234567891\.123$/);
    });
  });

  test('are locked against other writers until what was worked out from them is committed', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(3, '0'));
      const other = await database.connect();
      let writes: Promise<unknown> = Promise.resolve();
      const definition = counting({
        handler: async (rows, db) => {
          writes = other.query(`update users set email = 'theirs', n = n + 10 where id = 3`);
          for (const { id, n } of rows)
            await db
              .updateTable('users')
              .set({ n: n + 1 })
              .where('id', '=', id)
              .execute();
        },
      });
      const { error } = await runBackfill(definition, { databaseUrl: database.url });
      await writes;
      expect(error).toBeNull();
      expect(await rowsOf(client, 'select id, n, email from users order by id limit 1')).toEqual([
        { id: '3', n: 11, email: 'theirs' },
      ]);
    });
  });
});

describe('rows that are left out', () => {
  test('by the function, or for a statement that fails, are listed, and given again by a retry', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`${users(120, '0')}; alter table users add check (n < 2 or email <> 'u7')`);
      let refuses = true;
      const definition = counting({
        handler: async (rows, db, context) => {
          for (const row of rows) {
            if (refuses && row.email === 'u70') {
              context.reject(row, 'not this one');
              continue;
            }
            try {
              const n = row.email === 'u7' && refuses ? 2 : row.n + 1;
              await db.updateTable('users').set({ n }).where('id', '=', row.id).execute();
            } catch (error) {
              context.reject(row, error); // the transaction goes on
            }
          }
        },
      });
      const first = await runBackfill(definition, { databaseUrl: database.url, ...small });
      expect(first).toMatchObject({ outcome: 'failed', rowsDone: 118, rowsLeftOut: 2 });
      expect(first.error?.message).toContain('id = 210: not this one');
      expect(first.error?.message).toContain('id = 21: new row for relation "users" violates check constraint');
      expect(await rowsOf(client, 'select count(*)::int from users where n = 1')).toEqual([{ count: 118 }]);

      refuses = false;
      const second = await runBackfill(definition, { databaseUrl: database.url, backfills: { retry: true } });
      expect(second).toMatchObject({ outcome: 'done', rowsDone: 120, rowsLeftOut: 0, error: null });
      expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    });
  });

  test('are found by halving when the function lets the error of the database through', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`${users(100, '0')}; alter table users add check (n < 1 or email <> 'u33')`);
      const result = await runBackfill(counting(), { databaseUrl: database.url, backfills: { onError: 'quarantine' } });
      expect(result).toMatchObject({ outcome: 'failed', rowsDone: 99, rowsLeftOut: 1 });
      expect(await rowsOf(client, 'select key from onward.backfill_quarantine')).toEqual([{ key: ['99'] }]);
    });
  });
});

describe('a run', () => {
  test('is paused and resumed from another session, and holds no lease', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(400));
      const asked: Promise<unknown>[] = [];
      const events: string[] = [];
      const { error } = await runBackfill(counting({ batchSize: 20 }), {
        databaseUrl: database.url,
        onEvent: (event) => {
          events.push(event.kind);
          if (event.kind === 'backfill_batch' && asked.length === 0) {
            asked.push(pauseBackfill({ databaseUrl: database.url, names: ['count'] }));
          }
          if (event.kind === 'backfill_paused') {
            asked.push(
              client.query(`select from onward.lease where token is not null`).then(async ({ rowCount }) => {
                expect(rowCount).toBe(0);
                await resumeBackfill({ databaseUrl: database.url });
              }),
            );
          }
        },
      });
      await Promise.all(asked);
      expect(error).toBeNull();
      expect(events).toContain('backfill_paused');
      expect(events).toContain('backfill_resumed');
      expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
    });
  });

  test('is shared by processes that know nothing of each other', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(800));
      const options = { databaseUrl: database.url, ...small };
      const results = await Promise.all([counting(), counting(), counting()].map((one) => runBackfill(one, options)));
      expect(results.map(({ error }) => error)).toEqual([null, null, null]);
      expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 1 }]);
      expect(await rowsOf(client, 'select from onward.backfill_worker')).toEqual([]);
    });
  });

  test('tries a batch again that throws, with the same keys for what it did elsewhere, and then stops', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(100));
      const keys: string[] = [];
      let broken = true;
      const failing = counting({
        attempts: 2,
        handler: async (rows, db, context) => {
          await db.updateTable('users').set({ n: 1 }).execute();
          keys.push(
            context.idempotencyKey,
            context.idempotencyKeyOf(rows[0] as { id: string; n: number; email: string }),
          );
          if (broken) throw new Error('The shop is closed.');
        },
      });
      const { error } = await runBackfill(failing, { databaseUrl: database.url });
      expect(error).toMatchObject({ code: 'BACKFILL_FAILED' });
      expect(error?.message).toContain('its function failed 2 times at the rows up to id =');
      expect(error?.message).toContain('The shop is closed.');
      expect(keys).toEqual([keys[0], keys[1], keys[0], keys[1]]);
      expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 0 }]);
      broken = false;
      expect(await runBackfill(failing, { databaseUrl: database.url })).toMatchObject({ outcome: 'done' });
    });
  });

  test('stops when the function ends the transaction of its batch', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(10));
      const handler = async (_: unknown, db: Kysely<Database>) => void (await sql`commit`.execute(db));
      const { error } = await runBackfill(counting({ handler }), { databaseUrl: database.url });
      expect(error?.message).toBe('count: its function ended the transaction of its batch.');
      expect(await rowsOf(client, 'select cursor from onward.backfill_chunk')).toEqual([{ cursor: null }]);
    });
  });

  test('by another version of the function is refused until somebody says what that means', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(users(100));
      const options = { databaseUrl: database.url };
      await runBackfill(counting(), options);
      const second = counting({ version: 2 });
      await expect(runBackfill(second, options)).rejects.toMatchObject({
        code: 'PLAN_STALE',
        message: 'count was done by version 1 of its function; this is version 2.',
      });
      const { error } = await runBackfill(second, { ...options, newVersion: 'restart' });
      expect(error).toBeNull();
      expect(await rowsOf(client, 'select distinct n from users')).toEqual([{ n: 2 }]);
    });
  });
});
