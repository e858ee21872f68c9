/** `--fix`: what is written into a file, what becomes a file of its own in each tool's way, and what is never touched. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { proposeFixes, readMigrationFile, readMigrationFiles, writeFixes } from '../../src/index.ts';
import { runMain, withFiles, writeFiles } from './run-main.ts';

type Files = Readonly<Record<string, string>>;

/** Everything in a folder, by path. */
async function contents(folder: string): Promise<Files> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.toSorted().map(async (file) => [path.relative(folder, file), await fs.readFile(file, 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}

/** What a folder holds after one file of it was fixed; what is left in all of it is checked to be clean. */
async function fixed(files: Files, name: string, ...args: readonly string[]): Promise<Files> {
  let after: Files = {};
  await withFiles(files, async (folder) => {
    const { err } = await runMain(['lint', path.join(folder, name), '--fix', '--pg-version', '17', ...args]);
    expect(err).toBe('');
    const again = await runMain(['lint', '--dir', folder, '--pg-version', '17', '--format', 'gcc', ...args]);
    expect([again.code, again.out.replaceAll(`${folder}/`, '')]).toEqual([0, expect.not.stringContaining(': error:')]);
    after = await contents(folder);
  });
  return after;
}

// Timeouts have a fix of their own.
const timeout = "SET LOCAL lock_timeout = '1s';\n";
const key = 'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users (id)';
const index = 'CREATE INDEX i ON orders (user_id)';
const concurrently = 'CREATE INDEX CONCURRENTLY i ON orders (user_id)';
const validate = 'ALTER TABLE orders VALIDATE CONSTRAINT f';

describe('in the file', () => {
  test('a plain file gets the SQL that was suggested, and nothing else changes', async () => {
    expect(await fixed({ '0001_a.sql': `-- why\n${index}; -- yes\n\nSELECT 1;` }, '0001_a.sql')).toEqual({
      '0001_a.sql': `-- why\n${concurrently}; -- yes\n\nSELECT 1;`,
    });
  });

  test('Windows line ends and a byte order mark stay', async () => {
    expect(await fixed({ '0001_a.sql': `\uFEFF-- why\r\n${index};\r\n` }, '0001_a.sql')).toEqual({
      '0001_a.sql': `\uFEFF-- why\r\n${concurrently};\r\n`,
    });
  });

  test('the down part stays', async () => {
    const down = '-- +goose Down\nDROP INDEX i;\n';
    const before = `-- +goose NO TRANSACTION\n-- +goose Up\n${index};\n${down}`;
    expect(await fixed({ '1_a.sql': before }, '1_a.sql')).toEqual({
      '1_a.sql': `-- +goose NO TRANSACTION\n-- +goose Up\n${concurrently};\n${down}`,
    });
  });
});

test('statements that are added to a file of Drizzle are divided in its way', async () => {
  const files = {
    'meta/_journal.json': '{ "entries": [{ "idx": 0, "tag": "0000_a", "when": 1 }] }',
    '0000_a.sql': 'SELECT 1;--> statement-breakpoint\nALTER TABLE orders ADD COLUMN a int;',
  };
  expect((await fixed(files, '0000_a.sql'))['0000_a.sql']).toBe(
    "SELECT 1;--> statement-breakpoint\nSET LOCAL lock_timeout = '2s';\n--> statement-breakpoint\nALTER TABLE orders ADD COLUMN a int;",
  );
});

test('a statement that gets company becomes a transaction where texts are sent', async () => {
  const name = '20240101000000_a/migration.sql';
  expect((await fixed({ [name]: 'ALTER TABLE orders ADD COLUMN a int;\n' }, name))[name]).toBe(
    "SET LOCAL lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN a int;\n",
  );
});

describe('in a file of its own', () => {
  const wrapped: Readonly<Record<string, readonly [file: string, up: (sql: string) => string]>> = {
    goose: ['0007_orders.sql', (sql) => `-- +goose Up\n${sql}\n-- +goose Down\nSELECT 1;\n`],
    dbmate: ['0007_orders.sql', (sql) => `-- migrate:up\n${sql}\n-- migrate:down\nSELECT 1;\n`],
    flyway: ['V7__orders.sql', (sql) => `${sql}\n`],
    'golang-migrate': ['0007_orders.up.sql', (sql) => `${sql}\n`],
    diesel: ['2024-01-31-235959_orders/up.sql', (sql) => `${sql}\n`],
    prisma: ['20240131235959_orders/migration.sql', (sql) => `${sql}\n`],
  };

  test.each(Object.keys(wrapped))('%s: NOT VALID here, VALIDATE in the next', async (tool) => {
    const [name, up] = wrapped[tool] ?? ['', String];
    expect(await fixed({ [name]: up(`SELECT 2;\n${key};`) }, name)).toMatchSnapshot('files');
  });

  test.each(Object.keys(wrapped))('%s: CONCURRENTLY outside a transaction', async (tool) => {
    const [name, up] = wrapped[tool] ?? ['', String];
    expect(await fixed({ [name]: up(`SELECT 2;\n${index};\nSELECT 3;`) }, name)).toMatchSnapshot('files');
  });

  test.each(Object.keys(wrapped))('%s: a file of one statement stays one file', async (tool) => {
    const [name, up] = wrapped[tool] ?? ['', String];
    const after = await fixed({ [name]: up(`${index};`) }, name);
    expect(after).toMatchSnapshot('files');
    expect(Object.keys(after).filter((file) => file.endsWith('.sql'))).toHaveLength(1);
  });

  test('a timeout that the file sets is not set once more', async () => {
    const files = { '1_a.sql': `-- +goose Up\n${timeout}${key};\n` };
    expect(await fixed(files, '1_a.sql')).toEqual({
      '1_a.sql': `-- +goose Up\n${timeout}${key} NOT VALID;\n`,
      '2_a_validate.sql': expect.stringContaining(`-- +goose Up\n${timeout}${validate};\n`),
    });
  });

  test('timeouts that the file sets are set in the new one too', async () => {
    const files = { '1_a.sql': `-- +goose Up\nSET lock_timeout = '1s';\n${key};\n` };
    const after = await fixed(files, '1_a.sql');
    expect(after['2_a_validate.sql']).toContain(`SET lock_timeout = '1s';\n${validate};`);
  });
});

describe('stays as it is', () => {
  /** What is said about a file that `--fix` leaves alone. */
  const said = async (files: Files, name: string, ...args: readonly string[]): Promise<string> => {
    let out = '';
    await withFiles(files, async (folder) => {
      out = (await runMain(['lint', path.join(folder, name), '--fix', ...args])).out;
      expect(await contents(folder)).toEqual(files);
    });
    return out.replaceAll(/\s+/g, ' ');
  };

  test('where the next number is taken', async () => {
    const files = { '0007_a.up.sql': `${timeout}${key};`, '0008_b.up.sql': 'SELECT 1;' };
    expect(await said(files, '0007_a.up.sql')).toMatch(
      /Not fixed: \S*0007_a\.up\.sql: there is no free number before the next migration/,
    );
  });

  test('where the tool runs all files in one transaction', async () => {
    const files = {
      'meta/_journal.json': '{ "entries": [{ "idx": 0, "tag": "0000_a", "when": 1 }] }',
      '0000_a.sql': `${timeout}--> statement-breakpoint\n${key};`,
    };
    expect(await said(files, '0000_a.sql')).toMatch(/Drizzle runs all pending migrations in one transaction/);
  });

  test('a file with transactions of its own', async () => {
    const files = { '1_a.sql': `-- +goose Up\nBEGIN;\n${timeout}${key};\nCOMMIT;\n` };
    expect(await said(files, '1_a.sql')).toMatch(/it has BEGIN or COMMIT of its own/);
  });

  test('a template', async () => {
    expect(
      await said({ 'V1__a.sql': `${index.replace('orders', '${t}')};` }, 'V1__a.sql', '--set', 't=orders'),
    ).toContain('it is a template');
  });

  test('everything, in a trial, which shows the lines', async () => {
    await withFiles({ '1_a.sql': `-- +goose Up\nSELECT 1;\n${key};\n` }, async (folder) => {
      const file = path.join(folder, '1_a.sql');
      const before = await contents(folder);
      const run = await runMain(['lint', file, '--fix-dry-run']);
      expect(await contents(folder)).toEqual(before);
      expect(run.out.replaceAll(folder, '')).toMatchSnapshot('lines');
      expect((await runMain(['lint', file, '--fix', '--dry-run'])).out).toBe(run.out);
    });
  });

  test('a file that changed since it was read', async () => {
    await withFiles({ '0001_a.sql': `${index};`, '0002_b.sql': `${index};` }, async (folder) => {
      const files = await readMigrationFiles(folder);
      await writeFiles(folder, { '0001_a.sql': 'SELECT 1;' });
      const early = await proposeFixes({ files });
      expect(early.refusals).toMatchObject([{ reason: 'it changed since it was read' }]);
      expect(early.proposals).toHaveLength(1);
      await writeFiles(folder, { '0002_b.sql': 'SELECT 2;' });
      expect(await writeFixes(early.proposals)).toMatchObject([{ reason: 'it changed since it was read' }]);
      expect(await contents(folder)).toEqual({ '0001_a.sql': 'SELECT 1;', '0002_b.sql': 'SELECT 2;' });
    });
  });

  test('all of it, when a new file is there by the time of writing', async () => {
    await withFiles({ '1_a.sql': `-- +goose Up\nSELECT 1;\n${key};\n` }, async (folder) => {
      const { proposals } = await proposeFixes({ files: [await readMigrationFile(path.join(folder, '1_a.sql'))] });
      await writeFiles(folder, { '2_a_validate.sql': 'SELECT 1;' });
      const before = await contents(folder);
      await expect(writeFixes(proposals)).rejects.toThrow('cannot be written');
      expect(await contents(folder)).toEqual(before);
    });
  });
});

describe('which files', () => {
  test('not all of a folder: some of them ran', async () => {
    await withFiles({ '0001_a.sql': `${index};` }, async (folder) => {
      for (const args of [['--dir', folder], [folder]]) {
        const { code, err } = await runMain(['lint', ...args, '--fix']);
        expect([code, err]).toEqual([2, expect.stringContaining('--fix does not edit a whole folder')]);
      }
      expect((await runMain(['lint', '-', '--fix'], { input: index })).code).toBe(2);
    });
  });

  test('the exit code is that of what is left', async () => {
    await withFiles({ '0001_a.sql': `${index};` }, async (folder) => {
      const { code, out } = await runMain(['lint', path.join(folder, '0001_a.sql'), '--fix']);
      expect([code, out.replaceAll(folder, '')]).toEqual([
        0,
        'Changed /0001_a.sql (1 finding fewer)\n\nNo findings in 1 file (1 statement).\n',
      ]);
    });
  });
});

test('--tool says who runs plain files', async () => {
  await withFiles({ '20240101000000_a.sql': `SELECT 1;\n${key};` }, async (folder) => {
    const file = path.join(folder, '20240101000000_a.sql');
    const { code } = await runMain(['lint', file, '--tool', 'supabase', '--fix']);
    expect(code).toBe(0);
    expect(Object.keys(await contents(folder))).toEqual(['20240101000000_a.sql', '20240101000001_a_validate.sql']);
    const wrong = await runMain(['lint', file, '--tool', 'rails']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('golang-migrate')]);
  });
});

test('with --changed, files that the ref does not have are fixed, on the schema of the others', async () => {
  const git = (folder: string, ...args: readonly string[]) =>
    promisify(execFile)(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main', ...args],
      {
        cwd: folder,
      },
    );
  const shipped = {
    '0001_a.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\n',
    '0002_b.sql': 'SELECT 1;\n',
  };
  await withFiles(shipped, async (folder) => {
    await git(folder, 'init', '--quiet');
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '-m', 'first');
    const changed = {
      '0002_b.sql': `${index};\n`,
      '0003_c.sql': `CREATE TABLE fresh (a int);\n${index};\nCREATE INDEX ON fresh (a);\n`,
    };
    await writeFiles(folder, changed);
    const { code, out } = await runMain(['lint', '--dir', folder, '--changed', '--fix', '--format', 'pretty']);
    expect(code).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /Changed \S+0003_c\.sql \(1 finding fewer\) .*0002_b\.sql: main has it, so it may have run\./,
    );
    expect(await fs.readFile(path.join(folder, '0002_b.sql'), 'utf8')).toBe(changed['0002_b.sql']);
    expect(await fs.readFile(path.join(folder, '0003_c.sql'), 'utf8')).toBe(
      `CREATE TABLE fresh (a int);\n${concurrently};\nCREATE INDEX ON fresh (a);\n`,
    );
  });
});
