/** `migrate init`: what it finds, what it makes, what it asks, and that nothing that exists is overwritten. */
import * as fs from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveConfig } from '../../src/config.ts';
import { configText } from '../../src/cli/init/config-text.ts';
import { withScripts } from '../../src/cli/init/npm-scripts.ts';
import { workflowText } from '../../src/cli/init/ci-workflow.ts';
import { runMain, withFiles, type Run, type RunOptions } from './run-main.ts';

const start = process.cwd();
afterEach(() => process.chdir(start));

async function inProject<T>(
  files: Readonly<Record<string, string>>,
  work: (init: (flags?: readonly string[], options?: RunOptions) => Promise<Run>) => Promise<T>,
): Promise<T> {
  return withFiles(files, async (folder) => {
    process.chdir(folder);
    try {
      return await work((flags = [], options = {}) => runMain(['init', ...flags], options));
    } finally {
      process.chdir(start);
    }
  });
}

test('in a pipe it makes a config, a folder and a sample, and the second time nothing', async () => {
  await inProject({ 'package.json': '{}' }, async (init) => {
    expect((await init()).code).toBe(0);
    expect((await fs.readdir('.')).toSorted()).toEqual(['migrations', 'onward.config.yaml', 'package.json']);
    expect((await runMain(['plan'])).out).toContain('0001_example');
    await fs.writeFile('onward.config.yaml', 'dir: migrations # mine\n');
    expect((await init()).out).toContain('exists  onward.config.yaml');
    expect(await fs.readFile('onward.config.yaml', 'utf8')).toBe('dir: migrations # mine\n');
    expect(await fs.readFile('package.json', 'utf8')).toBe('{}');
  });
});

test("it finds another tool's folder, and names the way to take over", async () => {
  const files = { 'prisma/migrations/2024_a/migration.sql': 'CREATE TABLE a ();\n' };
  await inProject(files, async (init) => {
    const { out } = await init();
    expect(out).toContain('exists  prisma/migrations/');
    expect(out).toContain('what has run already, by prisma');
    expect(parse(await fs.readFile('onward.config.yaml', 'utf8'))).toEqual({ dir: 'prisma/migrations' });
  });
});

test('--yes adds the workflow and the scripts; --dry-run writes nothing', async () => {
  const files = { 'package.json': '{\n    "scripts": { "db:up": "mine" }\n}\n', '.github/CODEOWNERS': '* @a\n' };
  await inProject(files, async (init) => {
    expect((await init(['--yes', '--dry-run'])).out).toContain('would make  .github/workflows/migrations.yml');
    expect((await fs.readdir('.')).toSorted()).toEqual(['.github', 'package.json']);
    await init(['--yes']);
    expect(await fs.readFile('.github/workflows/migrations.yml', 'utf8')).toContain('migrate lint --changed');
    expect(JSON.parse(await fs.readFile('package.json', 'utf8'))).toEqual({
      scripts: { 'db:up': 'mine', 'db:lint': 'migrate lint', 'db:plan': 'migrate plan', 'db:status': 'migrate status' },
    });
  });
});

test('a person is asked for the folder, the workflow and the scripts', async () => {
  await inProject({ 'package.json': '{}' }, async (init) => {
    const { out } = await init([], { answers: ['sql/changes', 'y', 'n'] });
    expect(out).toMatch(/made {2}sql\/changes\/\n {2}made {2}sql\/changes\/0001_example.sql\n {2}made {2}\.github/);
    expect(await fs.readFile('package.json', 'utf8')).toBe('{}');
  });
});

test('a config that exists in any language, or in package.json, stays the only one', async () => {
  for (const file of ['onward.config.json', 'onward.config.mjs']) {
    const content = file.endsWith('mjs') ? 'export default {};' : '{}';
    await inProject({ [file]: content }, async (init) => expect((await init()).out).toContain(`exists  ${file}`));
  }
  await inProject({ 'package.json': '{ "onward": {} }' }, async (init) =>
    expect((await init()).out).toContain('exists  package.json ("onward")'),
  );
});

test('every setting that the config explains is one, also those behind a #', () => {
  const all = configText({ dir: 'a "b"', tool: 'prisma' }).replaceAll(/^# (?=\s*[a-zA-Z-]+: ?\S*$|rules:)/gm, '');
  const value: unknown = parse(all.replaceAll(/^#   /gm, '  '));
  const config = resolveConfig({ file: 'x', text: all, within: null, read: { value, positionOf: () => null } });
  expect(config).toMatchObject({ dir: 'a "b"', pgVersion: 17, lockTimeoutMs: 2_000, ruleSet: 'strict' });
});

test('scripts keep the indentation of a package.json, and one that is none stays as it is', () => {
  expect(withScripts('{\n\t"name": "a"\n}\n')?.text).toMatch(/^\{\n\t"name": "a",\n\t"scripts": \{\n\t\t"db:lint"/);
  for (const text of ['', '[]', '{', '{ "scripts": 1 }']) expect(withScripts(text)).toBeNull();
});

test('the workflow is YAML, whatever the folder is called', () => {
  expect(parse(workflowText(`a "b" #c`))).toMatchObject({ on: { pull_request: { paths: ['a "b" #c/**'] } } });
});
