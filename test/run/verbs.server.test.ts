/** The verbs from end to end, on small plans written by hand. */
import { expect, test } from 'vitest';
import { outsideTransaction, transactional, undoBy } from '../../src/operations/step-draft.ts';
import { systemClock } from '../../src/run/clock.ts';
import type { RunEvent } from '../../src/run/run-event.ts';
import { withRunner, type Runner } from '../../src/run/runner.ts';
import { openSession } from '../../src/run/session.ts';
import { applyDirectly } from '../../src/run/verbs/apply-directly.ts';
import { contractMigrations } from '../../src/run/verbs/contract.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { rollbackMigrations } from '../../src/run/verbs/rollback.ts';
import { readStatus } from '../../src/run/verbs/status.ts';
import { withDatabase } from '../support/server.ts';
import { migration, plan, step, users } from './planned.ts';

test('expand, contract and status follow one migration through its life', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('create table users (id bigint primary key, email text)');
    const events: RunEvent[] = [];
    const run = <T>(work: (runner: Runner) => Promise<T>) =>
      withRunner({ url: database.url, onEvent: (event) => events.push(event) }, work);
    const index = outsideTransaction('create index concurrently users_phone on users (phone)', {
      kind: 'index_valid',
      table: users,
      index: 'users_phone',
    });
    const planned = migration(
      '0001',
      step('expand', 'alter table users add column phone text', {
        locks: [{ table: users, mode: 'ACCESS EXCLUSIVE' }],
        undo: undoBy(transactional('alter table users drop column phone')),
      }),
      step('expand', index, {
        undo: undoBy(
          outsideTransaction('drop index concurrently users_phone', {
            kind: 'index_absent',
            index: { schema: 'public', name: 'users_phone' },
          }),
        ),
      }),
      step('contract', 'alter table users drop column email'),
    );

    const expanded = await run((runner) => expandMigrations(runner, plan(planned), { backfill: false }));
    expect(expanded.error).toBeNull();
    expect(expanded.migrations).toMatchObject([{ name: '0001', outcome: 'done', status: 'backfilled' }]);
    const back = await run((runner) => rollbackMigrations(runner));
    expect(back.error).toBeNull();
    const again = await run((runner) => expandMigrations(runner, plan(planned), { backfill: true }));
    expect(again.error).toBeNull();
    const contracted = await run((runner) => contractMigrations(runner));
    expect(contracted.error).toBeNull();

    const session = await openSession({
      url: database.url,
      applicationName: 'test',
      clock: systemClock,
      readOnly: true,
    });
    const status = await readStatus(session);
    await session.close();
    expect(status.migrations.map((m) => [m.name, m.status, m.steps.map((s) => s.status)])).toEqual([
      ['0001', 'done', ['done', 'done', 'done']],
    ]);
  });
});

test('up applies many migrations in one round trip each', async () => {
  await withDatabase(async (database) => {
    const many = Array.from({ length: 820 }, (_, n) =>
      migration(
        `m${n}`,
        step(
          'expand',
          `create table t${n} (id bigint generated always as identity primary key, a text, b int not null default 0)`,
        ),
        step('expand', `create index on t${n} (a)`),
      ),
    );
    const client = await database.connect();
    await client.query('create schema plain; set search_path = plain');
    const plainStart = performance.now();
    for (const one of many)
      await client.query(one.steps.map((s) => (s.run.kind === 'sql' ? s.run.statements.join(';') : '')).join(';'));
    const plainMs = performance.now() - plainStart;
    const start = performance.now();
    const result = await withRunner({ url: database.url }, (runner) =>
      applyDirectly(
        runner,
        many.map((planned) => ({ name: planned.name, checksum: planned.checksum, planned })),
      ),
    );
    const ms = performance.now() - start;
    expect(result.error).toBeNull();
    expect(ms).toBeLessThan(plainMs * 1.5);
  });
});
