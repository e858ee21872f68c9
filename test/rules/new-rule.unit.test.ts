/** `npm run new:rule`: three files in place, and nothing that exists is touched. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let copy = '';

beforeEach(() => {
  copy = mkdtempSync(path.join(tmpdir(), 'onward-new-rule-'));
  mkdirSync(path.join(copy, 'scripts'));
  mkdirSync(path.join(copy, 'rules'));
  cpSync(path.join(root, 'scripts/new-rule.js'), path.join(copy, 'scripts/new-rule.mjs'));
  cpSync(path.join(root, 'rules/index.ts'), path.join(copy, 'rules/index.ts'));
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

function newRule(...args: readonly string[]) {
  return spawnSync(process.execPath, [path.join(copy, 'scripts/new-rule.mjs'), ...args], { encoding: 'utf8' });
}

test('makes the folder and registers the rule in the order of the alphabet', () => {
  execFileSync(process.execPath, [path.join(copy, 'scripts/new-rule.mjs'), 'no-drop-column']);
  expect(readdirSync(path.join(copy, 'rules/no-drop-column')).toSorted()).toEqual(['README.md', 'rule.ts']);
  const index = readFileSync(path.join(copy, 'rules/index.ts'), 'utf8');
  const names = (line: RegExp): readonly string[] => [...index.matchAll(line)].map(([, name = '']) => name);
  for (const list of [names(/^import \{ (\w+) \} from '\.\/[a-z-]+\/rule\.ts';$/gm), names(/^ {2}(\w+),$/gm)]) {
    expect(list).toContain('noDropColumn');
    expect(list).toEqual(list.toSorted());
  }
  const rule = readFileSync(path.join(copy, 'rules/no-drop-column/rule.ts'), 'utf8');
  expect(rule).toContain("export const noDropColumn = defineRule({\n  id: 'no-drop-column',");
});

test('refuses a rule that exists', () => {
  mkdirSync(path.join(copy, 'rules/no-rename-column'));
  const before = readFileSync(path.join(copy, 'rules/index.ts'), 'utf8');
  expect(newRule('no-rename-column')).toMatchObject({
    status: 1,
    stderr: 'There is a rule no-rename-column already: rules/no-rename-column\n',
  });
  expect(readFileSync(path.join(copy, 'rules/index.ts'), 'utf8')).toBe(before);
});

test.each([[], ['drop-column'], ['no-Drop'], ['no-'], ['../no-x']])('refuses the name %j', (...args) => {
  const { status, stderr } = newRule(...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Usage: npm run new:rule/);
  expect(readdirSync(path.join(copy, 'rules'))).toEqual(['index.ts']);
});
