/** The verbs from end to end as a person uses them, and what they refuse. */
import { expect, test } from 'vitest';
import { withDatabase } from '../support/server.ts';
import { runMain, withFiles, writeFiles } from './run-main.ts';
import { phoneFile, shopOf, usersFile, withShop } from './shop.ts';

test('a migration goes through expand, backfill and contract, and status says what to do', async () => {
  await withShop(phoneFile, async (shop) => {
    const pending = await shop.migrate(['status']);
    expect(pending.out).toMatch(/0002_phone +pending[\s\S]*Now:\n +migrate plan/);

    const expanded = await shop.migrate(['expand']);
    expect(expanded.err).toBe('');
    expect(expanded.code).toBe(0);
    expect(expanded.out).toMatch(/0002_phone: expand\n {2}✓ expand-1/);
    expect(expanded.out).toMatch(/0002_phone: backfill\n {2}✓ backfill-1/);
    expect(expanded.out).toMatch(/Now:\n +migrate contract/);
    expect(widest(expanded.out)).toBeLessThanOrEqual(80);

    const contracted = await shop.migrate(['contract', '--yes']);
    expect(contracted.code).toBe(0);
    expect(contracted.out).toContain('Now: nothing. Everything has run.');
    await expect(shop.query('INSERT INTO users (phone) VALUES (NULL)')).rejects.toThrow('null value');
    expect((await shop.migrate(['status'])).out).toMatch(/0001_users +done\n +0002_phone +done\n\nNow: nothing/);
  });
});

test('contract before the backfill is complete is exit code 3, with or without --yes', async () => {
  await withShop(phoneFile, async (shop) => {
    expect((await shop.migrate(['expand', '--no-backfill'])).code).toBe(0);
    for (const flags of [[], ['--yes']]) {
      const { code, err } = await shop.migrate(['contract', ...flags]);
      expect(code).toBe(3);
      expect(err).toMatch(/0002_phone is not backfilled yet/);
      expect(err).toContain('Run: migrate backfill 0002_phone');
    }
  });
});

test('contract asks; without a person it needs --yes; a no changes nothing', async () => {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand']);
    const piped = await shop.migrate(['contract']);
    expect(piped.code).toBe(2);
    expect(piped.err).toContain('migrate contract --yes');
    const declined = await shop.migrate(['contract'], { answers: ['n'] });
    expect(declined.code).toBe(1);
    expect(declined.err).toMatch(/0002_phone[\s\S]*\[y\/N\]/);
    expect((await shop.migrate(['status'])).out).toContain('ready for contract');
    expect((await shop.migrate(['contract'], { answers: ['yes'] })).code).toBe(0);
  });
});

test('rollback takes expand back, and is refused after contract with the reason', async () => {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand']);
    const back = await shop.migrate(['rollback', '--yes']);
    expect(back.code).toBe(0);
    expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'phone'`)).toEqual([]);
    await shop.migrate(['expand']);
    await shop.migrate(['contract', '--yes']);
    const refused = await shop.migrate(['rollback', '0002_phone', '--yes']);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/contract\s+has\s+begun/);
    expect(refused.err).toContain('Write a new migration that changes it back.');
  });
});

test('rows that violate a new constraint are counted and sampled, and nothing is changed', async () => {
  const check = { '0002_check.sql': `ALTER TABLE users ADD CONSTRAINT short CHECK (length(email) < 8);` };
  await withShop(check, async (shop) => {
    await shop.migrate(['expand']);
    const { code, err } = await shop.migrate(['contract', '--yes']);
    expect(code).toBe(1);
    expect(err).toMatch(/1,?001 rows/); // user1000 … user2000
    expect(err).toMatch(/1000/);
    expect(await shop.query(`SELECT FROM pg_constraint WHERE conname = 'short'`)).toEqual([]);
    // It is still possible to go back, because nothing was changed.
    expect((await shop.migrate(['rollback', '--yes'])).code).toBe(0);
  });
});

test('NOT NULL without a value shows the line to write, and nothing is changed', async () => {
  const file = { '0002_phone.sql': 'ALTER TABLE users ADD COLUMN phone text NOT NULL;' };
  await withShop(file, async (shop) => {
    for (const verb of ['plan', 'expand']) {
      const { code, err } = await shop.migrate([verb]);
      expect([verb, code]).toEqual([verb, 1]);
      expect(err).toMatch(/0002_phone\.sql:1:/);
      expect(err).toMatch(/-- migrate:using \S+/);
    }
    expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'phone'`)).toEqual([]);
  });
});

test('a lock that is not obtained in time is exit code 4, and names who holds it', async () => {
  const files = { '0002_a.sql': 'ALTER TABLE users ADD COLUMN phone text;' };
  await withShop(files, async (shop) => {
    await writeFiles(shop.folder, { 'config/onward.config.json': '{ "lockBudgetMs": 700 }' });
    const blocker = await shop.database.connect('a forgotten console');
    await blocker.query('BEGIN; SELECT FROM users LIMIT 1');
    const run = await shop.migrate(['expand', '--config', `${shop.folder}/config/onward.config.json`]);
    expect(run.code).toBe(4);
    expect(run.err).toContain('a forgotten console');
    expect(run.err).toMatch(/users/);
    await blocker.query('ROLLBACK');
    expect((await shop.migrate(['expand'])).code).toBe(0);
  });
});

test('two runners at once: each step is run once, and both succeed', async () => {
  await withShop(phoneFile, async (shop) => {
    const runs = await Promise.all([shop.migrate(['expand']), shop.migrate(['expand'])]);
    expect(runs.map((run) => [run.code, run.err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const steps = runs.flatMap((run) => run.out.match(/✓ expand-1/g) ?? []);
    expect(steps).toHaveLength(1);
  });
});

test('a runner that may not wait for another one says who is at work: exit code 3', async () => {
  await withShop(phoneFile, async (shop) => {
    await writeFiles(shop.folder, { 'config/onward.config.json': '{ "waitForRunnerMs": 0 }' });
    const blocker = await shop.database.connect();
    await blocker.query('BEGIN; SELECT FROM users LIMIT 1'); // keeps the first runner busy
    const first = shop.migrate(['expand']);
    await until(async () => (await shop.query('SELECT FROM onward.lease WHERE token IS NOT NULL')).length > 0);
    const second = await shop.migrate(['expand', '--config', `${shop.folder}/config/onward.config.json`]);
    expect(second.code).toBe(3);
    expect(second.err).toContain('process');
    await blocker.query('ROLLBACK');
    expect((await first).code).toBe(0);
  });
});

test('--json is one document on stdout, whatever happens', async () => {
  await withShop(phoneFile, async (shop) => {
    const plan = await shop.migrate(['plan', '--json']);
    expect(JSON.parse(plan.out)).toMatchObject({ formatVersion: 1, migrations: [{ name: '0002_phone' }] });
    const expanded = await shop.migrate(['expand', '--json']);
    expect(JSON.parse(expanded.out)).toMatchObject({
      verb: 'expand',
      error: null,
      migrations: [{ name: '0002_phone', outcome: 'done', status: 'backfilled' }],
      next: [{ command: 'migrate contract' }],
    });
    expect(expanded.err).toContain('✓ expand-1');
    const status = await shop.migrate(['status', '--json']);
    expect(JSON.parse(status.out)).toMatchObject({ pending: [], next: [{ command: 'migrate contract' }] });
    const failed = await shop.migrate(['contract', '--json']);
    expect(JSON.parse(failed.out)).toMatchObject({ error: { code: 'CONFIRMATION_REQUIRED' } });
  });
});

test('a dry run changes nothing, not even the ledger', async () => {
  await withDatabase((database) =>
    withFiles(usersFile, async (folder) => {
      const shop = shopOf(database, folder);
      for (const verb of ['expand', 'backfill', 'contract', 'rollback', 'up']) {
        const { code, out, err } = await shop.migrate([verb, '--dry-run']);
        expect([verb, code, err]).toEqual([verb, 0, '']);
        expect(out).toContain('nothing was changed');
      }
      expect(await shop.query(`SELECT FROM pg_namespace WHERE nspname = 'onward'`)).toEqual([]);
    }),
  );
});

test('up runs all phases, and a failure says what ran, what failed and what did not run', async () => {
  await withDatabase((database) =>
    withFiles({ ...usersFile, ...phoneFile }, async (folder) => {
      const shop = shopOf(database, folder);
      const files = { '0003_bad.sql': 'ALTER TABLE nobody ADD COLUMN a int;', '0004_last.sql': 'SELECT 1;' };
      await writeFiles(folder, files);
      const { code, out, err } = await shop.migrate(['up']);
      expect(code).toBe(1);
      expect(out).toContain('✓ 0001_users (1 of 4)');
      expect(out).toContain('✓ 0002_phone (2 of 4)');
      expect(err).toContain('nobody');
      expect(err).toContain('Not run because of it: 0004_last.');
      await writeFiles(folder, { '0003_bad.sql': 'ALTER TABLE users ADD COLUMN a int;' });
      const again = await shop.migrate(['up']);
      expect(again.err).toBe('');
      expect(again.out).toContain('Now: nothing. Everything has run.');
    }),
  );
});

test('an embedded server serves one command: up in it, plan on the really migrated schema', async () => {
  await withFiles({ ...usersFile, ...phoneFile }, async (folder) => {
    const run = await runMain(['up', '--embedded', '--dir', folder]);
    expect(run.err).toBe('');
    expect(run.code).toBe(0);
    const plan = await runMain(['plan', '0002_phone', '--embedded', '--dir', folder]);
    expect(plan.code).toBe(0);
    expect(plan.out).toContain('BACKFILL');
    expect(plan.out).not.toContain('0001_users');
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}
