/** A folder that is not what ran, and a plan that is not for this schema: exit code 5, and nothing is changed. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeFiles } from './run-main.ts';
import { phoneFile, withShop } from './shop.ts';

test('a file that was edited after it ran is refused by every verb that reads the folder', async () => {
  await withShop(phoneFile, async (shop) => {
    await writeFiles(shop.folder, { '0001_users.sql': 'CREATE TABLE users (id bigint);\n' });
    for (const verb of ['plan', 'expand', 'up', 'status']) {
      const { code, out, err } = await shop.migrate([verb]);
      expect([verb, code]).toEqual([verb, 5]);
      expect(out + err).toMatch(/0001_users\.sql\s+was\s+edited\s+after\s+it\s+ran/);
      expect(out + err).toMatch(/migrate\s+new/);
    }
    expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'phone'`)).toEqual([]);
  });
});

test('a file older than the last one that ran is refused', async () => {
  await withShop({ '0000_late.sql': 'CREATE TABLE late (id bigint);' }, async (shop) => {
    const { code, err } = await shop.migrate(['expand']);
    expect(code).toBe(5);
    expect(err).toMatch(/0000_late\.sql\s+has\s+not\s+run,\s+and\s+it\s+comes\s+before\s+0001_users/);
    expect(await shop.query(`SELECT FROM pg_class WHERE relname = 'late'`)).toEqual([]);
  });
});

test('a file that ran and is gone is refused', async () => {
  await withShop(phoneFile, async (shop) => {
    await fs.rm(path.join(shop.folder, '0001_users.sql'));
    const { code, err } = await shop.migrate(['expand']);
    expect(code).toBe(5);
    expect(err).toMatch(/0001_users\s+ran\s+on\s+this\s+database/);
  });
});

test('a file that was rolled back may be edited and run again', async () => {
  await withShop(phoneFile, async (shop) => {
    expect((await shop.migrate(['expand'])).code).toBe(0);
    expect((await shop.migrate(['rollback', '--yes'])).code).toBe(0);
    await writeFiles(shop.folder, { '0002_phone.sql': 'ALTER TABLE users ADD COLUMN telephone text;' });
    const { code, err } = await shop.migrate(['expand']);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'telephone'`)).toHaveLength(1);
  });
});

test('a plan that was made for another schema is refused', async () => {
  await withShop(phoneFile, async (shop) => {
    const plan = path.join(shop.folder, 'plan.json');
    expect((await shop.migrate(['plan', '--out', plan])).code).toBe(0);
    await shop.query('ALTER TABLE users ADD COLUMN surprise integer');
    const { code, err } = await shop.migrate(['expand', '--plan', plan]);
    expect(code).toBe(5);
    expect(err).toMatch(/The plan was made for another schema/);
    expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'phone'`)).toEqual([]);
  });
});

test('a plan whose file was edited is refused', async () => {
  await withShop(phoneFile, async (shop) => {
    const plan = path.join(shop.folder, 'plan.json');
    expect((await shop.migrate(['plan', '--out', plan])).code).toBe(0);
    await writeFiles(shop.folder, { '0002_phone.sql': 'ALTER TABLE users ADD COLUMN other text;' });
    const { code, err } = await shop.migrate(['expand', '--plan', plan]);
    expect(code).toBe(5);
    expect(err).toMatch(/0002_phone\.sql\s+was\s+edited\s+after\s+the\s+plan\s+was\s+made/);
  });
});

test('a reviewed plan runs as it was reviewed', async () => {
  await withShop(phoneFile, async (shop) => {
    const plan = path.join(shop.folder, 'plan.json');
    expect((await shop.migrate(['plan', '--out', plan])).code).toBe(0);
    expect((await shop.migrate(['expand', '--plan', plan])).code).toBe(0);
    // Once more: the difference to the plan's schema is our own doing.
    expect((await shop.migrate(['expand', '--plan', plan])).code).toBe(0);
  });
});
