/** Settings for some files, and what is said about two config files. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runMain, withFiles, writeFiles } from './run-main.ts';

const index = 'CREATE INDEX ON t (a);\n';
const files = { 'db/0001_old.sql': index, 'db/0002_seed.sql': 'SELEC;\n', 'db/0003_new.sql': index };

async function found(config: string, settings: unknown): Promise<readonly string[]> {
  let lines: readonly string[] = [];
  await withFiles({ ...files, [config]: JSON.stringify(settings) }, async (folder) => {
    const { out, err } = await runMain(['lint', '--config', path.join(folder, config), '--format', 'gcc']);
    expect(err).toBe('');
    lines = [...out.matchAll(/(\w+)\.sql:\d+:\d+: (\w+):.* \[(.*)\]/g)].map(([, ...words]) => words.join(' '));
  });
  return lines;
}

describe('overrides', () => {
  test('hold for the files that match, from where the config is; the last one wins', async () => {
    const rule = 'require-concurrent-index';
    const overrides = [
      { files: 'db/000[12]_*.sql', rules: { [rule]: 'off' } },
      { files: ['db/0001*'], rules: { [rule]: 'info' } },
      { files: '**/0002*', ignore: true },
    ];
    // JSON is YAML.
    for (const config of ['c.json', 'c.yaml']) {
      expect(await found(config, { dir: 'db', rules: { [rule]: 'warning' }, overrides })).toEqual([
        `0001_old note ${rule}`,
        `0003_new warning ${rule}`,
      ]);
    }
  });

  test('that name an unknown rule, or are written wrongly, are refused', async () => {
    const refusal = async (overrides: unknown): Promise<string> => {
      let err = '';
      await withFiles({ ...files, 'c.json': JSON.stringify({ dir: 'db', overrides }) }, async (folder) => {
        const run = await runMain(['lint', '--config', path.join(folder, 'c.json')]);
        expect(run.code).toBe(2);
        err = run.err.replaceAll(/\s+/g, ' ');
      });
      return err;
    };
    expect(await refusal([{ files: 'x', rules: { 'no-cascad': 'off' } }])).toContain('Did you mean no-cascade?');
    expect(await refusal([{ rules: {} }])).toContain('which is not a list like');
    expect(await refusal([{ files: 'x', rule: {} }])).toContain('which is not a list like');
  });

  test('keep a baseline from taking their findings for fixed', async () => {
    await withFiles({ ...files, 'c.json': '{ "dir": "db", "baseline": "b.json" }' }, async (folder) => {
      const lint = (...args: readonly string[]) => runMain(['lint', '--config', path.join(folder, 'c.json'), ...args]);
      await lint('--update-baseline');
      await writeFiles(folder, {
        'c.json': '{ "dir": "db", "baseline": "b.json", "overrides": [{ "files": "db/0001*", "ignore": true }] }',
      });
      const { code, out } = await lint();
      expect([code, out]).toEqual([0, expect.not.stringContaining('fixed')]);
    });
  });
});

describe('--planned', () => {
  test('lints the steps of what is new', async () => {
    const shipped = { 'db/0001_a.sql': 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint);\n' };
    await withFiles(shipped, async (folder) => {
      const git = (...args: readonly string[]) =>
        promisify(execFile)(
          'git',
          ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main', ...args],
          {
            cwd: folder,
          },
        );
      await git('init', '--quiet');
      await git('add', '.');
      await git('commit', '--quiet', '-m', 'first');
      const lint = (...args: readonly string[]) =>
        runMain(['lint', '--dir', path.join(folder, 'db'), '--changed', ...args]);
      expect((await lint('--planned')).out).toContain('No findings in 0 files');
      await writeFiles(folder, {
        'db/0002_b.sql':
          'CREATE INDEX ON orders (user_id);\nALTER TABLE orders ADD COLUMN note json;\nDROP TABLE orders CASCADE;\n',
      });
      expect((await lint('--format', 'gcc')).out).toContain('[require-concurrent-index]');
      const { code, out } = await lint('--planned', '--format', 'gcc');
      expect([code, out]).toEqual([1, expect.not.stringContaining('[require-concurrent-index]')]);
      expect(out).toMatch(/db\/0002_b\.sql:2:1: warning: .*\[no-json-column\]/);
      expect(out).toMatch(/db\/0002_b\.sql:3:1: error: .*\[no-cascade\]/);
      expect((await lint('--planned', '--fix')).code).toBe(2);
    });
  });

  test('needs to know what is pending', async () => {
    await withFiles(files, async (folder) => {
      const { code, err } = await runMain(['lint', '--dir', path.join(folder, 'db'), '--planned']);
      expect([code, err]).toEqual([2, expect.stringContaining('it is not clear which are')]);
    });
  });
});
