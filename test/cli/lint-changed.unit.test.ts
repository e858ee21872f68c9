/** `--changed`: only what differs from a ref of git is reported, on the schema that the rest leaves. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runMain, withFiles, writeFiles } from './run-main.ts';

const run = promisify(execFile);

/** Without the machine's own settings. */
async function git(folder: string, ...args: readonly string[]): Promise<void> {
  const who = [
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b.c',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'init.defaultBranch=main',
  ];
  await run('git', [...who, ...args], { cwd: folder });
}

const shipped = {
  'db/0001_orders.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\nCREATE INDEX ON nothing (a);\n',
  'db/0002_late.sql': 'SELECT 1;\n',
};

async function withRepository(work: (folder: string) => Promise<void>): Promise<void> {
  await withFiles(shipped, async (folder) => {
    await git(folder, 'init', '--quiet');
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '-m', 'first');
    await git(folder, 'switch', '--quiet', '-c', 'feature');
    await work(folder);
  });
}

async function changed(folder: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { out, err } = await runMain(['lint', '--dir', path.join(folder, 'db'), '--format', 'gcc', ...args]);
  expect(err.replace(/^No migration differs from \S+\n$/, '')).toBe('');
  return [...out.matchAll(/(\w+)\.sql:(\d+):.* \[(.*)\]/g)].map(([, file, line, rule]) => `${file}:${line} ${rule}`);
}

describe('--changed', () => {
  test('reports nothing of files that are as they were', async () => {
    await withRepository(async (folder) => {
      expect(await changed(folder)).toEqual(['0001_orders:2 require-concurrent-index']);
      expect(await changed(folder, '--changed')).toEqual([]);
      const { code, out } = await runMain(['lint', '--dir', path.join(folder, 'db'), '--changed']);
      expect([code, out]).toEqual([0, 'No findings in 0 files (0 statements).\nNo migration differs from main.\n']);
    });
  });

  test('tables of shipped files are in use, those of the change are new to all of its files', async () => {
    await withRepository(async (folder) => {
      await writeFiles(folder, {
        'db/0003_new.sql': 'CREATE TABLE fresh (a int);\nCREATE INDEX ON orders (user_id);\n',
        'db/0004_more.sql': 'CREATE INDEX ON fresh (a);\n',
      });
      const expected = ['0003_new:2 require-concurrent-index'];
      expect(await changed(folder, '--changed')).toEqual(expected); // git does not know them yet
      await git(folder, 'add', '.');
      expect(await changed(folder, '--changed=main')).toEqual(expected);
      await git(folder, 'commit', '--quiet', '-m', 'second');
      expect(await changed(folder, '--changed', 'main')).toEqual(expected);
    });
  });

  test('an edited file is reported, on the schema before it', async () => {
    await withRepository(async (folder) => {
      await writeFiles(folder, { 'db/0002_late.sql': 'CREATE INDEX ON orders (user_id);\n' });
      expect(await changed(folder, '--changed')).toEqual(['0002_late:1 require-concurrent-index']);
    });
  });

  test('what happened on the other branch meanwhile does not count', async () => {
    await withRepository(async (folder) => {
      await writeFiles(folder, { 'db/0003_new.sql': 'CREATE INDEX ON orders (user_id);\n' });
      await git(folder, 'add', '.');
      await git(folder, 'commit', '--quiet', '-m', 'second');
      await git(folder, 'switch', '--quiet', 'main');
      await fs.rm(path.join(folder, 'db/0002_late.sql'));
      await git(folder, 'commit', '--quiet', '-am', 'on main');
      await git(folder, 'switch', '--quiet', 'feature');
      expect(await changed(folder, '--changed')).toEqual(['0003_new:1 require-concurrent-index']);
    });
  });
});

describe('errors say what to do', () => {
  const lint = async (folder: string, ...args: readonly string[]) => {
    const { code, err } = await runMain(['lint', '--dir', path.join(folder, 'db'), ...args]);
    expect(code).toBe(2);
    return err.replaceAll(/\s+/g, ' ');
  };

  test('no repository', async () => {
    await withFiles(shipped, async (folder) => {
      expect(await lint(folder, '--changed')).toMatch(/needs a git repository; .* is in none\. git says: fatal/);
    });
  });

  test('an unknown ref, also one that looks like an option', async () => {
    await withRepository(async (folder) => {
      expect(await lint(folder, '--changed=nope')).toContain(
        'git knows no commit, branch or tag nope here. Fetch it first',
      );
      expect(await lint(folder, '--changed=--output=x')).toContain(
        'git knows no commit, branch or tag --output=x here.',
      );
    });
  });

  test('a clone without the history', async () => {
    await withRepository(async (folder) => {
      await writeFiles(folder, { 'db/0003_new.sql': 'SELECT 1;\n' });
      await git(folder, 'add', '.');
      await git(folder, 'commit', '--quiet', '-m', 'second');
      const shallow = path.join(folder, 'shallow');
      await git(folder, 'clone', '--quiet', '--depth', '1', '--branch', 'feature', `file://${folder}`, shallow);
      expect(await lint(shallow, '--changed=origin/main')).toContain('fetch-depth: 0');
      await git(shallow, 'fetch', '--quiet', '--depth', '1', 'origin', 'main:refs/remotes/origin/main');
      expect(await lint(shallow, '--changed=origin/main')).toMatch(/no commit in common here\. .*fetch-depth: 0/);
    });
  });

  test('standard input', async () => {
    const { code, err } = await runMain(['lint', '-', '--changed'], { input: 'SELECT 1' });
    expect([code, err]).toEqual([2, expect.stringContaining('standard input is none')]);
  });
});
