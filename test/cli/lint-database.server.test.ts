/** `migrate lint --database-url`: which files count as new, and what a plan on the live schema leaves of the findings. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withDatabase } from '../support/server.ts';
import { runMain, withFiles, writeFiles } from './run-main.ts';

const orders = { 'db/0001_orders.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\n' };
const change = {
  'db/0002_change.sql':
    'CREATE INDEX ON orders (user_id);\n\n-- migrate:raw -- nobody groups by it\nALTER TABLE orders\n  ADD COLUMN note json;\n',
};

test('--planned lints what is pending there, and points at the lines of the file', async () => {
  await withDatabase(async ({ url }) => {
    await withFiles(orders, async (folder) => {
      const dir = ['--dir', path.join(folder, 'db'), '--database-url', url];
      expect((await runMain(['up', '--yes', ...dir])).code).toBe(0);
      expect((await runMain(['lint', '--planned', ...dir])).out).toContain('No findings in 0 files');
      await writeFiles(folder, change);
      const { code, out, err } = await runMain(['lint', '--planned', ...dir]);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/db\/0002_change\.sql:4:1 {2}warning {2}no-json-column\n/);
      expect(out).toMatch(/4 │ ALTER TABLE orders\n/);
      expect(out).toContain('1 warning in 1 file (');
    });
  });
});

test('--changed reports the files of the branch on the live schema', async () => {
  await withDatabase(async (database) => {
    const client = await database.connect();
    await client.query('CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, note text)');
    await withFiles({ ...orders, 'db/0000_old.sql': 'CREATE INDEX ON gone (a);\n' }, async (folder) => {
      const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main'];
      for (const args of [
        ['init', '--quiet'],
        ['add', '.'],
        ['commit', '--quiet', '-m', 'first'],
      ])
        await promisify(execFile)('git', [...who, ...args], { cwd: folder });
      await writeFiles(folder, { 'db/0002_new.sql': 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n' });
      const lint = ['lint', '--dir', path.join(folder, 'db'), '--changed', '--database-url', database.url, '--json'];
      const { findings, summary }: { findings: { rule: string; size: string | null }[]; summary: unknown } = JSON.parse(
        (await runMain(lint)).out,
      );
      expect(summary).toMatchObject({ files: 1, statements: 1 });
      expect(findings.map(({ rule }) => rule)).toContain('no-set-not-null');
      expect(findings[0]?.size).toMatch(/^orders has /);
    });
  });
});
