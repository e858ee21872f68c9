/** `migrate unlock`: it explains, and never takes the lease from a session that lives. */
import { expect, test } from 'vitest';
import { withRunner } from '../../src/run/runner.ts';
import { withDatabase } from '../support/server.ts';
import { runMain } from './run-main.ts';

test('says who holds the lease, and frees it only from those that are gone', async () => {
  await withDatabase(async (database) => {
    const unlock = (...more: readonly string[]) => runMain(['unlock', '--database-url', database.url, ...more]);
    expect(await unlock()).toMatchObject({ code: 0, out: expect.stringContaining('Nobody holds the lease') });
    const client = await database.connect();

    await withRunner({ url: database.url, applicationName: 'deploy-41' }, async (runner) => {
      const held = await unlock();
      expect(held.code).toBe(3);
      const told = held.err.replaceAll(/\s+/g, ' ');
      expect(told).toContain(`deploy-41, process ${process.pid} on`);
      expect(told).toContain(`database session ${runner.session.backendPid}, since 2`);
      expect((await unlock('--terminate')).err).toContain('migrate unlock --terminate --yes');
      expect((await client.query('select token from onward.lease')).rows).toEqual([{ token: runner.ledger.token }]);

      expect(await unlock('--terminate', '--yes')).toMatchObject({
        code: 0,
        out: expect.stringContaining('was ended'),
      });
      expect((await client.query('select token, backend_pid from onward.lease')).rows).toEqual([
        { token: null, backend_pid: null },
      ]);
      await expect(runner.session.query('select 1')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    });

    // A machine that went away with the lease: the row names a session that is no more.
    await client.query(`update onward.lease set token = gen_random_uuid(), backend_pid = 1, backend_start = now(),
      application = 'lost', acquired_at = now()`);
    const cleared = await unlock('--json');
    expect(cleared.code).toBe(0);
    expect(JSON.parse(cleared.out)).toMatchObject({
      outcome: 'cleared',
      lease: { alive: false, holder: { application: 'lost' } },
    });
    expect((await client.query('select token from onward.lease')).rows).toEqual([{ token: null }]);
  });
});
