/**
 * `--changed [ref]`: which files differ from a ref of git, by asking git itself. The comparison is with the commit where
 * this branch left the ref, as a pull request shows it; what is not committed yet and what git does not know counts too.
 */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { MigrateError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';

export type Changes = {
  /** As a person would name it. */
  readonly ref: string;
  /** True for a file that is not what it was at the ref. */
  readonly isChanged: (file: string) => Promise<boolean>;
  /** True for a file that the ref does not have. */
  readonly isAdded: (file: string) => Promise<boolean>;
};

type Git = (...args: readonly string[]) => Promise<string | null>;

/** `folder` is where to ask; `wanted` the ref, or null for the branch that a pull request would go to. */
export async function changedFiles(folder: string, wanted: string | null, env: Terminal['env']): Promise<Changes> {
  const root = await rootOf(folder);
  const git = gitIn(root);
  const ref = wanted ?? (await usualRef(git, env));
  const base = await forkPoint(git, ref);
  const listed = (await git('diff', '--name-status', '--no-renames', '-z', base, '--')) ?? '';
  const untracked = (await git('ls-files', '--others', '--exclude-standard', '-z')) ?? '';
  const words = listed.split('\0');
  const added = new Set(untracked.split('\0').filter((name) => name !== ''));
  const changed = new Set(added);
  for (let at = 0; at + 1 < words.length; at += 2) {
    const name = words[at + 1] ?? '';
    changed.add(name);
    if (words[at] === 'A') added.add(name);
  }
  const nameOf = async (file: string): Promise<string> => {
    const real = await fs.realpath(file).catch(() => path.resolve(file));
    return path.relative(root, real).split(path.sep).join('/');
  };
  return {
    ref,
    isChanged: async (file) => changed.has(await nameOf(file)),
    isAdded: async (file) => added.has(await nameOf(file)),
  };
}

const run = promisify(execFile);
const longestOutput = 256 * 1024 * 1024; // bytes; a list of all files of the largest repositories

/** The output, or null when git failed. */
function gitIn(folder: string): Git {
  return async (...args) => {
    try {
      return (await run('git', [...args], { cwd: folder, maxBuffer: longestOutput })).stdout;
    } catch {
      return null;
    }
  };
}

async function rootOf(folder: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--show-toplevel'], { cwd: folder });
    return await fs.realpath(stdout.replace(/\r?\n$/, ''));
  } catch (cause) {
    const isMissing = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT';
    const said = typeof cause === 'object' && cause !== null && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new MigrateError(
      'BAD_USAGE',
      isMissing
        ? '--changed needs git, which was not found.'
        : `--changed needs a git repository; ${folder} is in none.`,
      { hint: said === '' ? 'Name the files instead: migrate lint <files>' : `git says: ${said}`, cause },
    );
  }
}

/** What the service says that the change goes to; else the branch that a clone begins with. */
async function usualRef(git: Git, env: Terminal['env']): Promise<string> {
  const target = env['GITHUB_BASE_REF'] ?? '';
  if (target !== '') return `origin/${target}`;
  const base = env['CI_MERGE_REQUEST_DIFF_BASE_SHA'] ?? '';
  if (base !== '') return base;
  const head = (await git('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'))?.trim() ?? '';
  if (head !== '') return head;
  for (const ref of ['origin/main', 'origin/master', 'main', 'master']) {
    if ((await commitOf(git, ref)) !== null) return ref;
  }
  throw new MigrateError('BAD_USAGE', 'It is not clear which branch to compare with.', {
    hint: 'Name it: migrate lint --changed=origin/develop',
  });
}

async function commitOf(git: Git, ref: string): Promise<string | null> {
  return (await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`))?.trim() ?? null;
}

async function forkPoint(git: Git, ref: string): Promise<string> {
  const isShallow = (await git('rev-parse', '--is-shallow-repository'))?.trim() === 'true';
  const fetchAll =
    'This clone has only the last commits. Fetch all: git fetch --unshallow (actions/checkout: fetch-depth: 0)';
  if ((await commitOf(git, ref)) === null) {
    throw new MigrateError('BAD_USAGE', `git knows no commit, branch or tag ${ref} here.`, {
      hint: isShallow ? fetchAll : 'Fetch it first, or name another one: migrate lint --changed=<ref>',
      details: { ref },
    });
  }
  const base = (await git('merge-base', ref, 'HEAD'))?.trim();
  if (base !== undefined && base !== '') return base;
  throw new MigrateError('BAD_USAGE', `This branch and ${ref} have no commit in common here.`, {
    hint: isShallow ? fetchAll : 'Name a ref that this branch comes from: migrate lint --changed=<ref>',
    details: { ref },
  });
}
