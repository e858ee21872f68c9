/** `migrate verify`: no false alarm after migrations of all kinds, and what is changed past them is named. */
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFolder, withDatabase } from '../support/server.ts';
import { runMain } from './run-main.ts';

test('finds nothing after the example has run', async () => {
  await withDatabase(async (database) => {
    const where = ['--dir', path.join(repositoryFolder, 'migrations-example'), '--database-url', database.url];
    expect((await runMain(['up', ...where])).code).toBe(0);
    expect(await runMain(['verify', ...where])).toMatchObject({
      code: 0,
      out: expect.stringContaining('as their plans say'),
    });
  });
});

test('names what was changed past a finished migration, and nothing else', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-verify-'));
  try {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`create table users (id int primary key, email text, age int, old text);
        insert into users select g, 'u' || g, g from generate_series(1, 20) g`);
      await fs.writeFile(
        path.join(folder, '0001_a.sql'),
        `alter table users alter column age type bigint; alter table users alter column email set not null;
         alter table users drop column old; alter table users add constraint adult check (age > 0);
         create unique index users_email on users (email);
         create table notes (id int primary key, of_user int);
         alter table notes add constraint notes_of_user foreign key (of_user) references users (id);`,
      );
      const run = (verb: string, ...more: readonly string[]) =>
        runMain([verb, '--dir', folder, '--database-url', database.url, '--yes', ...more]);
      expect((await run('verify')).out).toContain('0 things of 0 finished migrations');
      expect((await run('expand')).code).toBe(0);
      expect((await run('contract')).code).toBe(0);
      const before = JSON.parse((await run('verify', '--json')).out);
      expect(before).toMatchObject({ migrations: ['0001_a'], differences: [] });
      expect(before.compared).toBeGreaterThan(4);

      await client.query(`drop index users_email; alter table users alter column email drop not null, drop constraint adult,
        add column old text; drop table notes; create function onward_sync_1() returns int language sql as 'select 1'`);
      const after = await run('verify', '--json');
      expect(after.code).toBe(5);
      const told: string[] = JSON.parse(after.out).differences.map(({ what }: { what: string }) => what);
      expect(told.toSorted()).toEqual([
        'column public.users.email takes NULL again',
        'column public.users.old is there again',
        'constraint adult of public.users is gone',
        expect.stringContaining('function onward_sync_1()'),
        'index users_email of public.users is gone',
        'table public.notes is gone',
      ]);
    });
  } finally {
    await fs.rm(folder, { recursive: true });
  }
});
