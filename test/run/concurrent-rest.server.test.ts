/** REINDEX and DETACH PARTITION, concurrently: what a try that was cut off left behind is cleared away, or gone on with. */
import { expect, test } from 'vitest';
import { outsideTransaction, type Probe } from '../../src/operations/step-draft.ts';
import { sqlstateOf } from '../../src/postgres/sqlstate.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step, users } from './planned.ts';

async function expand(database: TestDatabase, statement: string, probe: Probe): Promise<readonly string[]> {
  const events: RunEvent[] = [];
  const planned = migration('m', step('expand', outsideTransaction(statement, probe)));
  const result = await withRunner({ url: database.url, onEvent: (event) => events.push(event) }, (runner) =>
    expandMigrations(runner, plan(planned), { backfill: false }),
  );
  expect(result.error).toBeNull();
  return events.map(({ kind }) => kind);
}

test('an invalid index that an earlier REINDEX left is dropped, and nothing else', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (id int primary key, email text)');
    await client.query('create index users_email on users (email)');
    // As two tries leave them that were cut off before and after the swap; the third one is somebody's own.
    for (const name of ['users_email_ccnew', 'users_pkey_ccold1', 'users_other']) {
      await client.query(`create index ${name} on users (email)`);
      await client.query(`update pg_index set indisvalid = false where indexrelid = '${name}'::regclass`);
    }
    const kinds = await expand(database, 'reindex index concurrently users_email', {
      kind: 'no_invalid_rest',
      tables: [users],
    });
    expect(kinds.filter((kind) => kind === 'index_healed')).toHaveLength(2);
    const { rows } = await client.query<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index where indrelid = 'users'::regclass order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['users_email', 'users_other', 'users_pkey']);
  });
});

test('a partition that was left half detached is detached to the end', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table logs (id int) partition by range (id)');
    await client.query('create table logs_1 partition of logs for values from (0) to (10)');
    const reader = await database.connect();
    await reader.query('begin');
    await reader.query('select from logs');
    await client.query(`set lock_timeout = '100ms'`);
    const detach = 'alter table logs detach partition logs_1 concurrently';
    await expect(client.query(detach)).rejects.toSatisfy((error) => sqlstateOf(error) === '55P03');
    await reader.query('commit');
    const state = async () => (await client.query('select inhdetachpending as pending from pg_inherits')).rows;
    expect(await state()).toEqual([{ pending: true }]);
    await expand(database, detach, {
      kind: 'partition_detached',
      parent: { schema: 'public', name: 'logs' },
      partition: { schema: 'public', name: 'logs_1' },
    });
    expect(await state()).toEqual([]);
  });
});
