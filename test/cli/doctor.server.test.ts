/** `migrate doctor`, and the least-privilege role that it prints: a migration runs as that role, hostile names and all. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { quoteIdentifier } from '../../src/sql/identifier.ts';
import { withDatabase } from '../support/server.ts';
import { runMain } from './run-main.ts';

async function withMigrations<T>(sql: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-doctor-'));
  try {
    await fs.writeFile(path.join(folder, '0001_a.sql'), sql);
    return await work(folder);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

test('names what hurts, each with the statement that mends it', async () => {
  await withDatabase(async (database) =>
    withMigrations('alter table orders add column total int;', async (folder) => {
      const client = await database.connect();
      await client.query(`create table orders (id int generated always as identity primary key, note text);
        create table "keyless; --" (n int); create index orders_note on orders (note);
        alter table orders add constraint positive check (id > 0) not valid;
        select setval('orders_id_seq', 2000000000);
        create function onward_sync_123() returns int language sql as 'select 1'`);
      await client.query(`update pg_index set indisvalid = false where indexrelid = 'orders_note'::regclass`);
      const run = await runMain(['doctor', '--dir', folder, '--database-url', database.url, '--json']);
      expect(run.code).toBe(1);
      if (run.err !== '') throw new Error(run.err);
      const report: { checks: { id: string; found: { what: string; todo: string }[] }[] } = JSON.parse(run.out);
      const todo = Object.fromEntries(report.checks.map(({ id, found }) => [id, found.map((one) => one.todo)]));
      expect(todo).toMatchObject({
        pending: [],
        invalid_indexes: ['REINDEX INDEX CONCURRENTLY orders_note;'],
        not_valid_constraints: ['ALTER TABLE orders VALIDATE CONSTRAINT positive;'],
        tables_without_key: [expect.stringContaining('ALTER TABLE "keyless; --" ADD COLUMN')],
        numbers_near_their_end: ['ALTER TABLE orders ALTER COLUMN id TYPE bigint;'],
        leftover_helpers: ['DROP FUNCTION onward_sync_123();'],
      });
      // Each statement is one that the server takes.
      for (const { id, found } of report.checks) {
        if (id === 'server' || id.startsWith('settings') || id === 'ledger') continue;
        for (const one of found) await client.query(one.todo);
      }
      const again = await runMain(['doctor', '--dir', folder, '--database-url', database.url]);
      expect(again.out).toContain('✓ no index is invalid');
      expect(again.out).toContain('✓ no sequence has used 70 %');
      expect(again.out).toContain('✓ no helper of a migration was left behind');
    }),
  );
});

test('the role that --grants prints runs a migration, and what it makes belongs to the owner of the rest', async () => {
  const mark = randomBytes(4).toString('hex');
  const owner = `owner "of" it's; -- ${mark}`;
  const migrator = `migrator\n"${mark}`;
  const sql = `alter table app.users alter column age type bigint;
    create table app.notes (id bigint primary key, of_user bigint references app.users (id));
    create index on app.users (name);`;
  await withDatabase(async (database) =>
    withMigrations(sql, async (folder) => {
      const admin = await database.connect();
      await admin.query(`create role ${quoteIdentifier(owner)}; create schema app authorization ${quoteIdentifier(owner)};
        set role ${quoteIdentifier(owner)}; create table app.users (id bigint primary key, name text, age int);
        insert into app.users select g, 'u' || g, g from generate_series(1, 50) g; reset role`);
      try {
        const grants = await runMain(['doctor', '--grants', migrator, '--database-url', database.url]);
        expect(grants.code).toBe(0);
        await admin.query(grants.out);
        await admin.query(`alter role ${quoteIdentifier(migrator)} password 'p'`);
        const { rows } = await admin.query(
          'select rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = $1',
          [migrator],
        );
        expect(rows).toEqual([{ rolsuper: false, rolcreaterole: false, rolbypassrls: false }]);

        const url = new URL(database.url);
        url.username = encodeURIComponent(migrator);
        url.password = 'p';
        const as = ['--dir', folder, '--database-url', url.href, '--role', owner, '--yes'];
        expect((await runMain(['doctor', ...as])).out).toContain('has the rights that the 1 pending migrations need');
        for (const verb of ['expand', 'contract']) {
          const run = await runMain([verb, ...as]);
          expect([verb, run.code, run.err]).toEqual([verb, 0, '']);
        }
        const { rows: tables } = await admin.query(
          `select tablename, tableowner from pg_tables where schemaname in ('app', 'onward') and tablename in ('notes', 'users', 'lease') order by 1`,
        );
        expect(tables).toEqual(['lease', 'notes', 'users'].map((tablename) => ({ tablename, tableowner: owner })));
        expect((await admin.query('select sum(age)::int as sum from app.users')).rows).toEqual([{ sum: 1275 }]);

        // Nobody who is not a member works as the owner.
        await admin.query(`revoke ${quoteIdentifier(owner)} from ${quoteIdentifier(migrator)}`);
        const refused = await runMain(['status', ...as]);
        expect(refused.code).toBe(1);
        expect(refused.err.replaceAll(/\s+/g, ' ')).toContain('may not work as role');
        const without = await runMain(['doctor', ...as.slice(0, 4)]);
        expect(without.code).toBe(1);
      } finally {
        for (const role of [migrator, owner]) {
          await admin.query(
            `reset role; drop owned by ${quoteIdentifier(role)} cascade; drop role ${quoteIdentifier(role)}`,
          );
        }
      }
    }),
  );
});

test.each(['expand', 'up'])(
  '%s tells all rights that are missing before the first step, and begins nothing',
  async (verb) => {
    const role = `weak_${randomBytes(4).toString('hex')}`;
    const sql = `alter table users add column phone text; create index on orders (n);
    alter table orders add constraint to_users foreign key (n) references users (id);`;
    await withDatabase(async (database) =>
      withMigrations(sql, async (folder) => {
        const admin = await database.connect();
        await admin.query(`create table users (id int primary key); create table orders (n int);
        create role ${role} login password 'p'; grant create on database ${database.name} to ${role}`);
        try {
          const url = new URL(database.url);
          url.username = role;
          url.password = 'p';
          const run = await runMain([verb, '--dir', folder, '--database-url', url.href, '--json']);
          const { error } = JSON.parse(run.out);
          expect(error).toMatchObject({ code: 'PERMISSION_DENIED' });
          expect(error.message).toMatch(
            /must be owner of users.*must be owner of orders.*must have REFERENCES on users/s,
          );
          expect(error.hint).toContain(`ALTER TABLE users OWNER TO ${role};`);
          expect((await admin.query('select * from onward.migration')).rows).toEqual([]);
        } finally {
          await admin.query(`drop owned by ${role} cascade; drop role ${role}`);
        }
      }),
    );
  },
);
