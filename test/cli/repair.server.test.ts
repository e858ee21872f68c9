/** `migrate repair`: it shows what it would do, and does that and nothing else. */
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withDatabase } from '../support/server.ts';
import { runMain } from './run-main.ts';

test('drops helpers that were left, and records a step whose index was built by hand', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-repair-'));
  try {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const run = (verb: string, ...more: readonly string[]) =>
        runMain([verb, '--dir', folder, '--database-url', database.url, ...more]);
      await client.query(`create table users (id int primary key, email text); insert into users values (1, 'a'), (2, 'a');
        alter table users add column onward_shadow_1 int, add constraint onward_check_1 check (id > 0);
        create function onward_sync_1() returns trigger language plpgsql as 'begin return new; end';
        create trigger "~onward_sync_1" before update on users for each row execute function onward_sync_1()`);
      const shown = await run('repair', '--dry-run');
      expect(shown.out).toMatch(
        /DROP TRIGGER "~onward_sync_1" ON users;.*DROP FUNCTION onward_sync_1\(\);.*DROP COLUMN onward_shadow_1;/s,
      );
      expect((await run('repair')).code).toBe(2); // nobody is there to be asked
      expect((await client.query(`select from pg_trigger where tgname = '~onward_sync_1'`)).rowCount).toBe(1);
      expect(await run('repair', '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('Mended 4 things') });
      expect((await run('repair')).out).toBe('There is nothing to repair.\n');
      expect((await client.query('select * from users')).fields.map(({ name }) => name)).toEqual(['id', 'email']);

      await fs.writeFile(path.join(folder, '0001_a.sql'), 'create unique index users_email on users (email);');
      expect((await run('expand')).code).toBe(1);
      expect((await run('repair')).out).toBe('There is nothing to repair.\n');
      await client.query('delete from users where id = 2; create unique index users_email on users (email)');
      expect((await run('expand')).code).toBe(1); // a valid index that is none of our doing is not taken for ours
      const repaired = await run('repair', '--yes');
      expect(repaired.out).toContain('is there   CREATE UNIQUE INDEX users_email ON public.users USING btree (email)');
      expect(await run('expand')).toMatchObject({ code: 0 });
      expect((await run('status')).out).toMatch(/0001_a\s+done/);
    });
  } finally {
    await fs.rm(folder, { recursive: true });
  }
});
