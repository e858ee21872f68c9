/** `--baseline`: an old project begins with what it has, and only what is new fails. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runMain, withFiles, writeFiles } from './run-main.ts';

const old = { 'db/0001_a.sql': 'CREATE INDEX ON t (a);\nDROP TABLE u CASCADE;\n' };

type Lint = (...args: readonly string[]) => ReturnType<typeof runMain>;

async function withBaseline(work: (folder: string, lint: Lint, file: string) => Promise<void>): Promise<void> {
  await withFiles(old, async (folder) => {
    const file = path.join(folder, 'baseline.json');
    const lint: Lint = (...args) => runMain(['lint', '--dir', path.join(folder, 'db'), '--baseline', file, ...args]);
    const { code, out } = await lint('--update-baseline');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^Recorded 3 findings in .*: 3 added, 0 removed, 0 as before/),
    ]);
    await work(folder, lint, file);
  });
}

test('what is recorded does not fail, and is counted', async () => {
  await withBaseline(async (_, lint) => {
    const { code, out } = await lint();
    expect(code).toBe(0);
    expect(out).toContain('No findings in 1 file');
    expect(out).toMatch(/3 known findings of \S+ left out/);
  });
});

test('what is new fails, wherever the lines of the old went', async () => {
  await withBaseline(async (folder, lint) => {
    await writeFiles(folder, {
      'db/0001_a.sql': `-- moved\n\n${old['db/0001_a.sql']}`,
      'db/0002_b.sql': 'CREATE INDEX ON t (b);',
    });
    const { code, out } = await lint('--format', 'gcc');
    expect(code).toBe(1);
    expect(out.trim().split('\n')).toEqual([expect.stringContaining('0002_b.sql:1:1: error')]);
  });
});

test('a statement that changed is new, and its entry is fixed', async () => {
  await withBaseline(async (folder, lint, file) => {
    await writeFiles(folder, { 'db/0001_a.sql': 'CREATE INDEX ON t (other);\nDROP TABLE u CASCADE;\n' });
    const { code, out } = await lint();
    expect(code).toBe(1);
    expect(out).toContain('require-concurrent-index');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      `1 entry of ${file} is fixed. To take them out: migrate lint --baseline`,
    );
    expect((await lint('--update-baseline')).out).toContain('1 added, 1 removed, 2 as before');
    expect((await lint()).code).toBe(0);
  });
});

describe('entries stay', () => {
  test('of files that the run did not look at, and of rules that are off', async () => {
    await withBaseline(async (folder, lint, file) => {
      const before = await fs.readFile(file, 'utf8');
      await writeFiles(folder, { 'x.sql': 'SELECT 1;' });
      const one = await runMain(['lint', path.join(folder, 'x.sql'), '--baseline', file]);
      expect(one.out).not.toContain('fixed');
      expect((await lint('--rule', 'no-cascade=off')).out).not.toContain('fixed');
      await runMain(['lint', path.join(folder, 'x.sql'), '--baseline', file, '--update-baseline']);
      await lint('--rule', 'no-cascade=off', '--update-baseline');
      expect(await fs.readFile(file, 'utf8')).toBe(before);
    });
  });

  test('but not of files that are gone', async () => {
    await withBaseline(async (folder, lint) => {
      await fs.rm(path.join(folder, 'db/0001_a.sql'));
      await writeFiles(folder, { 'db/0002_b.sql': 'SELECT 1;' });
      expect((await lint()).out).toMatch(/3 entries of \S+ are\s+fixed/);
    });
  });
});

describe('a baseline that cannot be used is an error', () => {
  test('when it is missing: CI must not begin with an empty one', async () => {
    await withFiles(old, async (folder) => {
      const file = path.join(folder, 'nowhere.json');
      const { code, err } = await runMain(['lint', '--dir', path.join(folder, 'db'), '--baseline', file]);
      expect([code, err]).toEqual([2, expect.stringContaining('There is no baseline')]);
      await expect(fs.stat(file)).rejects.toThrow('ENOENT');
    });
  });

  test.each(['', '{', '[]', '{ "formatVersion": 2, "findings": [] }', '{ "formatVersion": 1, "findings": [{}] }'])(
    'when it holds %s',
    async (text) => {
      await withFiles({ ...old, 'b.json': text }, async (folder) => {
        const file = path.join(folder, 'b.json');
        const run = await runMain(['lint', '--dir', path.join(folder, 'db'), '--baseline', file, '--update-baseline']);
        expect([run.code, run.err]).toEqual([2, expect.stringContaining('is not a baseline')]);
        expect(await fs.readFile(file, 'utf8')).toBe(text);
      });
    },
  );

  test('when nobody says where it is', async () => {
    const { code, err } = await runMain(['lint', '--update-baseline']);
    expect([code, err]).toEqual([2, expect.stringContaining('needs to know the file')]);
  });
});

test('the config names it, from where the config is', async () => {
  await withFiles({ ...old, 'c.json': '{ "dir": "db", "baseline": "known.json" }' }, async (folder) => {
    const config = path.join(folder, 'c.json');
    expect((await runMain(['lint', '--config', config, '--update-baseline', '--dry-run'])).out).toContain(
      'Would record',
    );
    expect((await runMain(['lint', '--config', config])).code).toBe(2);
    expect((await runMain(['lint', '--config', config, '--update-baseline'])).code).toBe(0);
    expect((await runMain(['lint', '--config', config])).code).toBe(0);
    const text = await fs.readFile(path.join(folder, 'known.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ findings: [{ file: 'db/0001_a.sql' }, {}, {}] });
  });
});
