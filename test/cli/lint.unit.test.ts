/** `migrate lint` from the command line: formats, sets and levels of rules, which files, and exit codes. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runMain, withFiles } from './run-main.ts';

const orders = 'CREATE TABLE orders (id bigint PRIMARY KEY);\n';
const careless = { '0001_orders.sql': orders, '0002_index.sql': 'CREATE INDEX ON orders (user_id);\n' };

describe('--format', () => {
  test.each(['sarif', 'gitlab'])('%s is JSON, and nothing else is on stdout', async (format) => {
    await withFiles(careless, async (folder) => {
      const { code, out, err } = await runMain(['lint', '--dir', folder, '--format', format]);
      expect(code).toBe(1);
      expect(() => void JSON.parse(out)).not.toThrow();
      expect(err).toBe('');
    });
  });

  test('json is what --json gives', async () => {
    await withFiles(careless, async (folder) => {
      const named = await runMain(['lint', '--dir', folder, '--format', 'json']);
      expect(named).toEqual(await runMain(['lint', '--dir', folder, '--json']));
      expect(JSON.parse(named.out)).toMatchObject({
        formatVersion: 1,
        findings: [{ fingerprint: expect.any(String) }],
      });
      const error = await runMain(['lint', '--dir', 'nowhere', '--format', 'json']);
      expect(JSON.parse(error.out)).toMatchObject({ error: { code: 'NO_MIGRATIONS_FOLDER' } });
    });
  });

  test('two formats at once, and one that does not exist, are refused', async () => {
    await withFiles(careless, async (folder) => {
      const both = await runMain(['lint', '--dir', folder, '--json', '--format', 'sarif']);
      expect([both.code, both.err]).toEqual([2, expect.stringContaining('--json and --format sarif contradict')]);
      const none = await runMain(['lint', '--dir', folder, '--format', 'yaml']);
      expect([none.code, none.err]).toEqual([2, expect.stringMatching(/pretty,\s+json,\s+sarif/)]);
    });
  });

  test('paths begin at the root of the repository that the service names', async () => {
    await withFiles({ 'db/0001_a.sql': 'CREATE INDEX ON t (a);' }, async (folder) => {
      const dir = path.join(folder, 'db');
      const github = await runMain(['lint', '--dir', dir, '--format', 'github'], { env: { GITHUB_WORKSPACE: folder } });
      expect(github.out).toMatch(/^::error file=db\/0001_a\.sql,/);
      const gitlab = await runMain(['lint', '--dir', dir, '--format', 'gitlab'], { env: { CI_PROJECT_DIR: folder } });
      expect(JSON.parse(gitlab.out)).toMatchObject([{ location: { path: 'db/0001_a.sql' } }]);
    });
  });
});

describe('--compat', () => {
  const dropped = {
    '0001_a.sql': 'ALTER TABLE t DROP COLUMN a;\n',
    'c.json': '{ "rules": { "ban-drop-column": "info" } }',
  };

  test('takes the names of another linter from the command line and the config, and shows them', async () => {
    await withFiles(dropped, async (folder) => {
      const lint = ['lint', path.join(folder, '0001_a.sql')];
      const plain = await runMain([...lint, '--compat', 'squawk']);
      expect([plain.code, plain.out]).toEqual([1, expect.stringContaining('also called ban-drop-column')]);
      const off = await runMain([...lint, '--compat', 'squawk', '--rule', 'ban-drop-column=off']);
      expect([off.code, off.out]).toEqual([0, expect.stringContaining('No findings')]);
      const configured = await runMain([
        ...lint,
        '--compat',
        'squawk',
        '--config',
        path.join(folder, 'c.json'),
        '--format',
        'gcc',
      ]);
      expect(configured.out).toMatch(/: note: .* \[no-drop-column \(ban-drop-column\)\]\n$/);
    });
  });

  test('is refused for a linter that is not known, and so is a name without it', async () => {
    await withFiles(dropped, async (folder) => {
      const lint = ['lint', path.join(folder, '0001_a.sql')];
      const unknown = await runMain([...lint, '--compat', 'squak']);
      expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Did you mean squawk?')]);
      const without = await runMain([...lint, '--rule', 'ban-drop-column=off']);
      expect([without.code, without.err]).toEqual([2, expect.stringMatching(/count\s+with\s+--compat squawk/)]);
      const page = await runMain(['explain', 'ban-drop-column']);
      expect([page.code, page.err]).toEqual([2, expect.stringContaining('migrate explain no-drop-column')]);
    });
  });
});

describe('rules', () => {
  const nullable = { '0001_a.sql': 'ALTER TABLE t ALTER COLUMN a DROP NOT NULL;' };

  test('--set strict and all turn on more', async () => {
    await withFiles(nullable, async (folder) => {
      expect((await runMain(['lint', '--dir', folder])).out).toContain('No findings');
      expect((await runMain(['lint', '--dir', folder, '--set', 'strict'])).out).toContain('no-drop-not-null');
      expect((await runMain(['lint', '--dir', folder, '--set', 'all'])).out).toContain('no-drop-not-null');
    });
  });

  test('--set takes placeholders too, and a word that is neither is refused', async () => {
    await withFiles({ '0001_a.sql': 'ALTER TABLE {{ .Name }} ALTER a DROP NOT NULL;' }, async (folder) => {
      const { code, out } = await runMain(['lint', '--dir', folder, '--set', 'Name=t', '--set', 'strict']);
      expect([code, out]).toEqual([0, expect.stringContaining('no-drop-not-null')]);
      const wrong = await runMain(['lint', '--dir', folder, '--set', 'strikt']);
      expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('recommended, strict, all')]);
      expect((await runMain(['status', '--set', 'strict'])).code).toBe(2);
    });
  });

  test('--rule decides the exit code', async () => {
    await withFiles(careless, async (folder) => {
      const lint = ['lint', '--dir', folder];
      expect((await runMain(lint)).code).toBe(1);
      expect((await runMain([...lint, '--rule', 'require-concurrent-index=warning'])).code).toBe(0);
      expect((await runMain([...lint, '--rule', 'require-concurrent-index=off'])).out).toContain('No findings');
      const last = ['--rule', 'require-concurrent-index=error', '--rule', 'require-concurrent-index=info'];
      expect((await runMain([...lint, ...last])).code).toBe(0);
    });
  });

  test('a rule that does not exist is refused, with the one that was meant', async () => {
    await withFiles(careless, async (folder) => {
      const flag = await runMain(['lint', '--dir', folder, '--rule', 'require-concurent-index=off']);
      expect(flag.code).toBe(2);
      expect(flag.err).toContain('Did you mean require-concurrent-index?');
      const config = path.join(folder, 'c.json');
      await fs.writeFile(config, JSON.stringify({ dir: '.', rules: { 'no-cascad': 'off' } }));
      const file = await runMain(['lint', '--config', config]);
      expect([file.code, file.err]).toEqual([2, expect.stringContaining('Did you mean no-cascade?')]);
      expect((await runMain(['lint', '--dir', folder, '--rule', 'no-cascade=loud'])).code).toBe(2);
      expect((await runMain(['lint', '--dir', folder, '--rule', 'no-cascade'])).code).toBe(2);
    });
  });

  test('the config chooses a set', async () => {
    await withFiles({ ...nullable, 'c.json': '{ "dir": ".", "ruleSet": "strict" }' }, async (folder) => {
      const config = path.join(folder, 'c.json');
      expect((await runMain(['lint', '--config', config])).out).toContain('no-drop-not-null');
      expect((await runMain(['lint', '--config', config, '--set', 'recommended'])).out).toContain('No findings');
    });
  });
});

describe('globs', () => {
  const files = { 'a/2_b.sql': 'CREATE INDEX ON t (a);', 'a/10_c.sql': 'CREATE INDEX ON u (a);', 'a/note.md': '' };

  test('are expanded in the order of the numbers', async () => {
    await withFiles(files, async (folder) => {
      const { out } = await runMain(['lint', `${folder}/**/*.sql`, '--format', 'gcc']);
      expect([...out.matchAll(/(\w+)\.sql:/g)].map(([, name]) => name)).toEqual(['2_b', '10_c']);
    });
  });

  test('that match nothing are refused', async () => {
    await withFiles(files, async (folder) => {
      const { code, err } = await runMain(['lint', `${folder}/b/*.sql`]);
      expect([code, err]).toEqual([2, expect.stringContaining('No SQL file matches')]);
    });
  });
});
