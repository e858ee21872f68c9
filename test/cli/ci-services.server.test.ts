/** What CI services and pre-commit are given: the very commands of action.yml and .pre-commit-hooks.yaml, carried out. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { repositoryFolder } from '../support/server.ts';

const run = promisify(execFile);
const bad = 'CREATE INDEX orders_user_idx ON orders (user_id);\n';

let folder: string;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-ci-'));
  await fs.mkdir(path.join(folder, 'node_modules', '.bin'), { recursive: true });
  // As npm links it in a project that has onward among its packages.
  await fs.symlink(path.join(repositoryFolder, 'bin', 'migrate.js'), path.join(folder, 'node_modules/.bin/onward'));
  await fs.writeFile(path.join(folder, '.gitignore'), 'node_modules\nsummary.md\n');
  await fs.mkdir(path.join(folder, 'db', 'migrations'), { recursive: true });
  await fs.writeFile(path.join(folder, 'db/migrations/0001_old.sql'), bad.replace('orders_user', 'old'));
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await commit('the first');
});

afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

function git(...args: readonly string[]) {
  return run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder });
}

async function commit(message: string): Promise<void> {
  await git('commit', '--quiet', '--message', message);
}

type Ended = { readonly code: number; readonly out: string; readonly summary: string };

/** Runs the action's steps as GitHub does: with the inputs' defaults, in bash that ends at the first error. */
async function runAction(
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const action = parse(await fs.readFile(path.join(repositoryFolder, 'action.yml'), 'utf8')) as Action;
  const valueOf = (name: string): string => inputs[name] ?? action.inputs[name]?.default ?? '';
  const summaryFile = path.join(folder, 'summary.md');
  await fs.writeFile(summaryFile, '');
  const [step] = action.runs.steps;
  if (step === undefined || action.runs.steps.length > 1) throw new Error('The test knows one step.');
  const filled = Object.entries(step.env).map(([name, text]) => [
    name,
    text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => valueOf(input)),
  ]);
  try {
    const { stdout } = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: path.join(folder, valueOf('working-directory')),
      env: { PATH: process.env['PATH'], GITHUB_STEP_SUMMARY: summaryFile, ...Object.fromEntries(filled), ...env },
    });
    return { code: 0, out: stdout, summary: await fs.readFile(summaryFile, 'utf8') };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr, summary: await fs.readFile(summaryFile, 'utf8') };
  }
}

type Action = {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: {
    readonly steps: readonly { readonly run: string; readonly env: Readonly<Record<string, string>> }[];
  };
};

describe('the GitHub Action', () => {
  test('reports what a pull request changes, and fails for it', async () => {
    await git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    await fs.writeFile(path.join(folder, 'db/migrations/0002_new.sql'), bad);
    const { code, out, summary } = await runAction({ files: 'db/migrations' }, { GITHUB_BASE_REF: 'main' });
    expect(code).toBe(1);
    expect(out).toContain('::error file=db/migrations/0002_new.sql,line=1');
    expect(out).not.toContain('0001_old.sql');
    expect(summary).toContain('require-concurrent-index');
  });

  test('reports everything outside of a pull request', async () => {
    const { code, out } = await runAction({ files: 'db/migrations' }, {});
    expect(code).toBe(1);
    expect(out).toContain('file=db/migrations/0001_old.sql');
  });

  test('passes further arguments on, each as one', async () => {
    const { code, out } = await runAction(
      { files: 'db/migrations\n', arguments: '--rule\nrequire-concurrent-index=off\n' },
      {},
    );
    expect(out).toContain('No findings in 1 file.');
    expect(code).toBe(0);
  });

  test('takes a name that looks like an option or a command for a name', async () => {
    const { code, out } = await runAction({ files: '--version\n$(touch hacked).sql' }, {});
    expect(code).toBe(2);
    expect(out).toContain('--version');
    await expect(fs.access(path.join(folder, 'hacked'))).rejects.toThrow('ENOENT');
  });
});

test('the pre-commit hook lints the files that it is given', async () => {
  const [hook] = parse(await fs.readFile(path.join(repositoryFolder, '.pre-commit-hooks.yaml'), 'utf8')) as Hook[];
  const [program = '', ...args] = hook?.entry.split(' ') ?? [];
  const ended = run(program, [...args, 'db/migrations/0001_old.sql'], { cwd: folder });
  await expect(ended).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('old_idx') as string });
});

type Hook = { readonly entry: string };
