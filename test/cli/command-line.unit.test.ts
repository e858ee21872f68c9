/** The command line where no database is needed: usage, files, lint, plan from files, new. */
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';
import { runMain, withFiles } from './run-main.ts';

describe('help', () => {
  test('names every verb and every exit code, within 80 columns', async () => {
    const { code, out } = await runMain(['--help']);
    expect(code).toBe(0);
    for (const { name } of verbs) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const exit of [0, 1, 2, 3, 4, 5]) expect(out).toMatch(new RegExp(`^  ${exit} `, 'm'));
    expect(widest(out)).toBeLessThanOrEqual(80);
  });

  test.each(verbs.map((verb) => verb.name))('%s has examples, within 80 columns', async (name) => {
    const { code, out } = await runMain([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Examples:\n  $ ');
    expect(widest(out.slice(0, out.indexOf('Examples:')))).toBeLessThanOrEqual(80);
  });
});

describe('usage', () => {
  test('without a verb the help is shown, and the exit code is 2', async () => {
    const { code, err } = await runMain([]);
    expect(code).toBe(2);
    expect(err).toContain('Usage: migrate <verb>');
  });

  test('a misspelt verb gets a suggestion', async () => {
    const { code, err } = await runMain(['paln']);
    expect(code).toBe(2);
    expect(err).toBe("Error: Unknown verb 'paln'.\n\nDid you mean plan?\n");
  });

  test('a misspelt option gets a suggestion', async () => {
    const { code, err } = await runMain(['plan', '--offlin']);
    expect(code).toBe(2);
    expect(err).toContain('Did you mean --offline?');
  });

  test('an option without its value is refused', async () => {
    expect((await runMain(['plan', '--out'])).code).toBe(2);
    expect((await runMain(['plan', '--pg-version', 'x'])).err).toContain('takes a whole number, 14 or more');
  });

  test('a time without its unit is refused, and sessions are ended only where somebody agreed', async () => {
    expect((await runMain(['expand', '--terminate-blockers-after', '30'])).err).toContain('a time with its unit');
    const url = ['--database-url', 'postgres://localhost:1/none'];
    const { code, err } = await runMain(['expand', ...url, '--terminate-blockers-after', '5m']);
    expect([code, err]).toEqual([2, expect.stringContaining('with --terminate-blockers-after 5min')]);
  });

  test('with --json an error is one document on stdout, and text on stderr', async () => {
    const { code, out, err } = await runMain(['plan', '--json', '--nothing']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'BAD_USAGE', exitCode: 2 } });
    expect(err).toContain("Unknown option '--nothing'.");
  });

  test('a database is needed, and none was named', async () => {
    for (const verb of ['expand', 'backfill', 'contract', 'rollback', 'status', 'up']) {
      const { code, err } = await runMain([verb]);
      expect([verb, code]).toEqual([verb, 2]);
      expect(err).toContain('Set DATABASE_URL');
    }
  });

  test.each([
    'http://user:secret@host/db',
    'postgres://user:secret@host:port/db',
    'postgres://user:se@cr/et#secret@host:port/db',
    'host=localhost password=secret',
  ])('a password in a URL that is no URL is not shown: %s', async (url) => {
    for (const flag of [[], ['--json'], ['--verbose']]) {
      const { code, out, err } = await runMain(['status', '--database-url', url, '--dir', '.', ...flag]);
      expect(code).toBe(2);
      expect(out + err).not.toContain('secret');
      expect(out + err).not.toContain('cr/et');
    }
  });
});

test('a migration may be named by its number, and a misspelt one gets a suggestion', async () => {
  await withFiles({ '0001_a.sql': 'create table a ();', '0002_phone.sql': 'create table b ();' }, async (dir) => {
    expect((await runMain(['plan', '0002', '--dir', dir])).out).toContain('Plan of 1 migration');
    expect((await runMain(['plan', '0002_phnoe', '--dir', dir])).err).toContain('Did you mean 0002_phone?');
  });
});

describe('plan --format', () => {
  const files = { '1_a.sql': 'create table a (id int primary key);' };

  test('writes the plan for a pull request, for a browser, as a script and as data', async () => {
    await withFiles(files, async (dir) => {
      const planned = async (...flags: string[]): Promise<string> =>
        (await runMain(['plan', '--dir', dir, ...flags])).out;
      expect(await planned('--format', 'markdown')).toContain('### Migration plan');
      expect(await planned('--format', 'html')).toContain('<!doctype html>');
      expect(await planned('--format', 'sql')).toBe(await planned('--sql'));
      expect(JSON.parse(await planned('--format', 'json'))).toEqual(JSON.parse(await planned('--json')));
    });
  });

  test('two formats at once are refused', async () => {
    await withFiles(files, async (dir) => {
      const { code, err } = await runMain(['plan', '--dir', dir, '--format', 'html', '--sql']);
      expect(code).toBe(2);
      expect(err).toContain('asked for as html and as sql');
    });
  });
});

describe('files that cannot be used are refused with exit code 2, and told what to do', () => {
  test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    ['not UTF-8', { '1_a.sql': Buffer.from("select '\xe9'", 'latin1') }, /not UTF-8: byte 0xE9 at line 1[\s\S]*iconv/],
    ['empty', { '1_a.sql': '\n' }, /1_a\.sql is empty\.\n\nWrite the SQL into it/],
    ['a syntax error', { '1_a.sql': 'select 1;\nselct 2;' }, /1_a\.sql:2:1: .*\n.*2 \| selct 2;\n.*\| \^/],
    ['two with one number', { '1_a.sql': 'select 1', '1_b.sql': 'select 1' }, /two migrations\s+with\s+the\s+number 1/],
    ['a directive that is none', { '1_a.sql': '-- migrate:usng 1\nselect 1' }, /there is no directive "usng"/],
  ])('%s', async (_, files, message) => {
    await withFiles(files, async (folder) => {
      const { code, err } = await runMain(['plan', '--dir', folder]);
      expect(err).toMatch(message);
      expect(code).toBe(2);
    });
  });

  test('a folder that is missing', async () => {
    const { code, err } = await runMain(['plan', '--dir', 'nowhere']);
    expect(code).toBe(2);
    expect(err).toBe(
      'Error: There is no migrations folder nowhere.\n\n' +
        'Name another one with --dir or "dir" in onward.config.json, or make it: migrate\ninit\n',
    );
  });
});

describe('plan from files', () => {
  const files = {
    '0001_users.sql': 'CREATE TABLE users (id bigint PRIMARY KEY);',
    '0002_phone.sql': 'ALTER TABLE users ADD COLUMN phone text NOT NULL;',
  };

  test('NOT NULL without a value shows the line to write', async () => {
    await withFiles(files, async (folder) => {
      const { code, err } = await runMain(['plan', '0002_phone', '--dir', folder]);
      expect(code).toBe(1);
      expect(err).toMatch(/0002_phone\.sql:1:/);
      expect(err).toMatch(/-- migrate:using \S+/);
    });
  });

  test('on an empty database the same file needs nothing', async () => {
    await withFiles(files, async (folder) => {
      const { code, out } = await runMain(['plan', '--dir', folder]);
      expect(code).toBe(0);
      expect(out).toContain('Plan of 2 migrations, from the files');
      expect(out).not.toContain('CONTRACT');
      expect(widest(out)).toBeLessThanOrEqual(80);
    });
  });

  test('a migration that is not there is named, with the last ones that are', async () => {
    await withFiles(files, async (folder) => {
      const { code, err } = await runMain(['plan', '0003', '--dir', folder]);
      expect(code).toBe(2);
      expect(err).toContain('There is no migration 0003.');
      expect(err).toContain('0001_users, 0002_phone');
    });
  });

  test('a plan that was changed by hand is refused', async () => {
    await withFiles(files, async (folder) => {
      const plan = path.join(folder, 'plan.json');
      expect((await runMain(['plan', '--dir', folder, '--out', plan])).code).toBe(0);
      const text = await fs.readFile(plan, 'utf8');
      await fs.writeFile(plan, text.replace('CREATE TABLE', 'CREATE UNLOGGED TABLE'));
      const url = 'postgres://localhost:1/none';
      const { code, err } = await runMain(['expand', '--plan', plan, '--dir', folder, '--database-url', url]);
      expect(code).toBe(2);
      expect(err).toContain('was changed after it was made');
    });
  });
});

describe('lint', () => {
  test('findings at error level make the exit code 1', async () => {
    await withFiles({ '1_a.sql': 'CREATE INDEX i ON t (a);' }, async (folder) => {
      const { code, out } = await runMain(['lint', '--dir', folder]);
      expect(code).toBe(1);
      expect(out).toContain('error  require-concurrent-index');
      expect(out).toContain('CREATE INDEX CONCURRENTLY i ON t (a);');
      expect(out).toContain('1 error in 1 file (1 statement).');
      expect(widest(out)).toBeLessThanOrEqual(Math.max(80, folder.length + 60));
    });
  });

  test('nothing found is exit code 0', async () => {
    const { code, out } = await runMain(['lint', '-'], { input: 'CREATE TABLE t (id bigint PRIMARY KEY);' });
    expect(code).toBe(0);
    expect(out).toBe('No findings in 1 file (1 statement).\n');
  });

  test('standard input is reported under the name that was given', async () => {
    const flags = ['--stdin-filename', '0007_a.sql'];
    const { out } = await runMain(['lint', '-', ...flags], { input: 'CREATE INDEX i ON t (a);' });
    expect(out).toContain('0007_a.sql:1:1');
  });

  test('--json is the result as data', async () => {
    const { out, err } = await runMain(['lint', '-', '--json'], { input: 'CREATE INDEX i ON t (a);' });
    expect(JSON.parse(out)).toMatchObject({ findings: [{ rule: 'require-concurrent-index', line: 1 }] });
    expect(err).toBe('');
  });
});

describe('migrations that are templates', () => {
  const migration = 'create table {{ .Schema }}.t (a {{ .Type }});';

  test('the command line gives the values, and wins over the config', async () => {
    const config = JSON.stringify({ dir: '.', values: { Schema: 'one', Type: 'text' } });
    await withFiles({ '0001_a.sql': migration, 'onward.config.json': config }, async (folder) => {
      const file = `${folder}/onward.config.json`;
      const { code, out } = await runMain(['plan', '--sql', '--config', file, '--set', 'Schema=two']);
      expect(code).toBe(0);
      expect(out).toContain('create table two.t (a text)');
    });
  });

  test('a value that is missing, and one that is not one', async () => {
    await withFiles({ '0001_a.sql': migration }, async (folder) => {
      const { code, err } = await runMain(['plan', '--dir', folder, '--set', 'Schema=two']);
      expect(code).toBe(2);
      expect(err).toContain('0001_a.sql:1:33: {{ .Type }} has no value.');
      expect(err).toContain('--set Type=…');
      expect((await runMain(['plan', '--set', 'Schema'])).err).toContain('--set takes a name and a value');
    });
  });
});

describe('explain', () => {
  test('lists the rules, and prints the page of one', async () => {
    const list = await runMain(['explain']);
    expect(list.out).toContain('no-set-not-null');
    const page = await runMain(['explain', 'no-set-not-null']);
    expect(page.out.split('\n').length).toBeGreaterThan(10);
  });

  test('a misspelt rule gets a suggestion', async () => {
    const { code, err } = await runMain(['explain', 'no-set-notnull']);
    expect(code).toBe(2);
    expect(err).toContain('Did you mean no-set-not-null?');
  });
});

describe('new', () => {
  test('new makes the next file, once', async () => {
    await withFiles({ '0007_a.sql': 'select 1' }, async (folder) => {
      const { code, out } = await runMain(['new', 'add', 'phone', '--dir', folder]);
      expect(code).toBe(0);
      expect(out).toContain('0008_add_phone.sql');
      expect(await fs.readdir(folder)).toEqual(['0007_a.sql', '0008_add_phone.sql']);
      expect((await runMain(['plan', '--dir', folder])).code).toBe(0);
    });
  });

  test("new leaves another tool's folder alone", async () => {
    await withFiles({ '2024_a/migration.sql': 'select 1' }, async (folder) => {
      expect((await runMain(['new', 'x', '--dir', folder])).err).toContain('laid out by another tool');
    });
  });
});

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}
