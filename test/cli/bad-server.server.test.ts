/** Servers that cannot be worked with: each says what is wrong and what to do, and nothing is changed. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { withDatabase } from '../support/server.ts';
import { refusePassword, runMain, withFiles } from './run-main.ts';
import { usersFile, withShop } from './shop.ts';

async function expandAt(url: string): Promise<{ readonly code: number; readonly err: string }> {
  return withFiles(usersFile, async (folder) => {
    const run = await runMain(['expand', '--dir', folder, '--database-url', url, '--verbose']);
    refusePassword(run, url);
    return run;
  });
}

test('nothing listens there', async () => {
  const { code, err } = await expandAt('postgres://someone:a-long-password@127.0.0.1:1/shop');
  expect(code).toBe(1);
  expect(err).toContain('Nothing listens at 127.0.0.1:1');
  expect(err).toContain('--embedded');
});

test('the password is wrong', async () => {
  await withDatabase(async (database) => {
    const url = new URL(database.url);
    url.password = 'certainly-not-the-password';
    const { code, err } = await expandAt(url.href);
    expect(code).toBe(1);
    expect(err).toContain('AUTHENTICATION_FAILED');
    expect(err).toContain('password');
  });
});

test('the database is missing', async () => {
  await withDatabase(async (database) => {
    const url = new URL(database.url);
    url.pathname = '/no_such_database';
    const { code, err } = await expandAt(url.href);
    expect(code).toBe(1);
    expect(err).toContain('"no_such_database"');
    expect(err).toContain('DATABASE_MISSING');
  });
});

test('the role may not create anything', async () => {
  await withDatabase(async (database) => {
    const admin = await database.connect();
    const role = `weak_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    try {
      const url = new URL(database.url);
      url.username = role;
      url.password = password;
      const { code, err } = await expandAt(url.href);
      expect(code).toBe(1);
      expect(err).toContain('PERMISSION_DENIED');
      expect(err).toContain(`GRANT CREATE ON DATABASE ${database.name} TO ${role};`);
      const { rows } = await admin.query(`SELECT FROM pg_namespace WHERE nspname = 'onward'`);
      expect(rows).toEqual([]);
    } finally {
      await admin.query(`DROP ROLE ${role}`);
    }
  });
});

test('the role may keep a ledger and may not change the table', async () => {
  await withShop({ '0002_a.sql': 'ALTER TABLE users ADD COLUMN phone text;' }, async (shop) => {
    const role = `weak_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    await shop.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    try {
      await shop.query(`GRANT ALL ON SCHEMA onward TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA onward TO ${role}`);
      const url = new URL(shop.database.url);
      url.username = role;
      url.password = password;
      const run = await runMain(['expand', '--dir', shop.folder, '--database-url', url.href]);
      expect(run.code).toBe(1);
      expect(run.err).toMatch(/must\s+be\s+owner\s+of\s+users/);
      expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'phone'`)).toEqual([]);
    } finally {
      await shop.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

test('the server is read-only: nothing can run, and status still tells', async () => {
  await withShop({ '0002_a.sql': 'ALTER TABLE users ADD COLUMN phone text;' }, async (shop) => {
    await shop.query(`ALTER DATABASE ${shop.database.name} SET default_transaction_read_only = on`);
    const run = await shop.migrate(['expand', '--verbose']);
    expect(run.code).toBe(1);
    expect(run.err).toContain('READ_ONLY_SERVER');
    const status = await shop.migrate(['status']);
    expect(status.code).toBe(0);
    expect(status.out).toMatch(/0001_users +done\n +0002_a +pending/);
  });
});
