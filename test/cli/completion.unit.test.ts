/** The completions, asked of the shells themselves where they are; bash is everywhere that the tests run. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';
import { runMain, withFiles } from './run-main.ts';

const run = promisify(execFile);
const hasShell = async (shell: string): Promise<boolean> =>
  run(shell, ['-c', 'exit 0']).then(
    () => true,
    () => false,
  );
const [hasZsh, hasFish] = await Promise.all([hasShell('zsh'), hasShell('fish')]);

async function withScript<T>(shell: string, work: (file: string) => Promise<T>): Promise<T> {
  const { code, out } = await runMain(['completion', shell]);
  expect(code).toBe(0);
  return withFiles({ [`migrate.${shell}`]: out }, (folder) => work(path.join(folder, `migrate.${shell}`)));
}

test('bash completes verbs, options, their values and files', async () => {
  const asked = ['pl', 'plan --form', 'plan --format ht', 'completion ', 'status --no', '--dir migrate.b'];
  await withScript('bash', async (file) => {
    const lines = asked.map((words) => `t migrate ${words.replace(/ $/, " ''")}`).join('; ');
    const script = `source ${file}; cd ${path.dirname(file)}; t() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _migrate; echo "\${COMPREPLY[*]}"; }; ${lines}`;
    const { stdout } = await run('bash', ['--norc', '-c', script]);
    expect(stdout.trim().split('\n')).toEqual([
      'plan',
      '--format',
      'html',
      'bash zsh fish',
      '--notify --no-color',
      'migrate.bash',
    ]);
  });
});

test.runIf(hasZsh)('zsh takes it', async () => {
  await withScript('zsh', async (file) => {
    const { stdout } = await run('zsh', [
      '-fc',
      `autoload -Uz compinit && compinit -u -D && source ${file} && whence _migrate`,
    ]);
    expect(stdout).toBe('_migrate\n');
  });
});

test.runIf(hasFish)('fish completes verbs and values', async () => {
  await withScript('fish', async (file) => {
    const { stdout } = await run('fish', [
      '-c',
      `source ${file}; complete -C 'migrate pl'; complete -C 'migrate completion '`,
    ]);
    expect(stdout).toMatch(/^plan\t.*\nbash\nfish\nzsh\n$/);
  });
});

test.each(['bash', 'zsh', 'fish'])('%s knows every verb and every option', async (shell) => {
  await withScript(shell, async (file) => {
    const script = await fs.readFile(file, 'utf8');
    for (const { name, options } of verbs.flatMap((verb) => [verb, ...(verb.parts ?? [])])) {
      expect(script).toContain(name);
      for (const { flags } of options) expect(script).toContain(/--([a-z-]+)/.exec(flags)?.[1]);
    }
  });
});

test('a shell that is not known is refused', async () => {
  const { code, err } = await runMain(['completion', 'csh']);
  expect(code).toBe(2);
  expect(err).toContain('There is one for bash, zsh and fish.');
});
