/**
 * What becomes of a run when a statement of its own fails, and not one of a step: a read or a write of the ledger, a setting
 * of its session. First found by the sweep over all effects (test/faults).
 */
import { expect, test } from 'vitest';
import { withRunner } from '../../src/run/runner.ts';
import { expandMigrations } from '../../src/run/verbs/expand.ts';
import { nobody } from '../faults/sweep/outside.ts';
import { startFaultProxy, type Effect } from '../support/fault-proxy.ts';
import { withDatabase, type TestDatabase } from '../support/server.ts';
import { migration, plan, step } from './planned.ts';

const planned = plan(migration('0001', step('expand', 'create table users (id int)')));

/** Expands the plan, with an error at the first request that is meant. */
async function expandWith(database: TestDatabase, sqlstate: string, isMeant: (effect: Effect) => boolean) {
  await withRunner({ url: database.url }, () => Promise.resolve()); // installs the ledger
  const find = await startFaultProxy(database.url, undisturbed);
  await withRunner({ url: find.url }, (runner) => expandMigrations(runner, planned, { backfill: false }));
  await find.close();
  const number = find.effects.find(isMeant)?.number ?? 0;
  const client = await database.connect();
  await client.query('drop table users; delete from onward.migration');
  const injection = { session: 'onward', number, fault: { kind: 'error', sqlstate } } as const;
  const proxy = await startFaultProxy(database.url, { ...undisturbed, injection });
  try {
    const { error } = await withRunner({ url: proxy.url }, (runner) =>
      expandMigrations(runner, planned, { backfill: false }),
    );
    expect(proxy.hit).toSatisfy(isMeant);
    if (error !== null) throw error;
  } finally {
    await proxy.close();
  }
}

const undisturbed = { injection: null, isPossible: () => true, outside: nobody, delayMs: 0 };
const entersMigration = ({ text }: Effect): boolean => text.startsWith('insert into "onward"."migration"');

test('a full disk at a write to the ledger is told with what to do', async () => {
  await withDatabase(async (database) => {
    await expect(expandWith(database, '53100', entersMigration)).rejects.toMatchObject({
      code: 'SERVER_ERROR',
      message: 'The server failed: injected by a test (SQLSTATE 53100).',
      hint: "Make room on the server's disk, then run the same command again. What was finished before is recorded.",
    });
  });
});

test.each([
  ['the first look at the ledger', ({ text }: Effect) => text.includes('"onward"."format"')],
  ['a setting of the session', ({ text }: Effect) => text.startsWith('select pg_catalog.set_config')],
])('%s that is cancelled is told as such', async (_, isMeant) => {
  await withDatabase(async (database) => {
    await expect(expandWith(database, '57014', isMeant)).rejects.toMatchObject({ code: 'SERVER_ERROR' });
  });
});

test('a write to the ledger that loses a race is done again', async () => {
  await withDatabase(async (database) => {
    await expandWith(database, '40001', entersMigration);
  });
});
