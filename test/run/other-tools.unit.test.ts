/** Folders of other tools: which files are migrations, their order, what runs of them, and in which transaction. */
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { readMigrationFile, readMigrationFiles, type ReadingOptions } from '../../src/run/migration-files.ts';

let folder = '';

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-tools-'));
});

afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

async function write(files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await fs.writeFile(path.join(folder, name), content);
  }
}

async function read(files: Files, options: ReadingOptions = {}, within = '') {
  await write(files);
  return readMigrationFiles(path.join(folder, within), options);
}

async function namesIn(files: Files, within = ''): Promise<readonly string[]> {
  return (await read(files, {}, within)).map((file) => file.name);
}

async function modes(files: Files): Promise<readonly (string | undefined)[]> {
  return (await read(files)).map((file) => file.transactionMode);
}

async function refusal(files: Files, options: ReadingOptions = {}): Promise<MigrateError> {
  const error: unknown = await read(files, options).catch((reason: unknown) => reason);
  if (!(error instanceof MigrateError)) throw new Error(`Expected a MigrateError, got ${String(error)}`);
  expect(error.hint).toBeTruthy();
  return error;
}

describe('Flyway', () => {
  test('versions by their parts as numbers, then repeatable ones by name; undo files are left out', async () => {
    const files = {
      'V10__c.sql': 's',
      'V2__a.sql': 's',
      'V2_1__b.sql': 's',
      'V2.10__bb.sql': 's',
      'U2__a.sql': 's',
      'R__views.sql': 's',
      'R__functions.sql': 's',
    };
    expect(await namesIn(files)).toEqual(['V2__a', 'V2_1__b', 'V2.10__bb', 'V10__c', 'R__functions', 'R__views']);
  });

  test('a baseline counts only where the versions before it are gone', async () => {
    expect(await namesIn({ 'B5__base.sql': 's', 'V4__a.sql': 's', 'V6__b.sql': 's' })).toEqual(['V4__a', 'V6__b']);
    await fs.rm(path.join(folder, 'V4__a.sql'));
    expect(await namesIn({})).toEqual(['B5__base', 'V6__b']);
  });

  test('two files of one version have no order, and a file of another kind has none among them', async () => {
    expect((await refusal({ 'V1__a.sql': 's', 'V1.0__b.sql': 's' })).code).toBe('DUPLICATE_NAME');
    await fs.rm(path.join(folder, 'V1.0__b.sql'));
    expect((await refusal({ '2_other.sql': 's' })).code).toBe('UNSUPPORTED_FILE');
  });

  test('a transaction for each file, unless the settings beside it say otherwise', async () => {
    const files = { 'V1__a.sql': 's', 'V2__b.sql': 's', 'V2__b.sql.conf': 'executeInTransaction=false\n' };
    expect(await modes(files)).toEqual(['per-file', 'none']);
  });

  test('placeholders', async () => {
    const [file] = await read({ 'V1__a.sql': 'create table ${schema}.t ()' }, { values: { schema: 'shop' } });
    expect(file?.source).toBe('create table shop.t ()');
  });
});

describe('sqitch', () => {
  const plan = [
    '%syntax-version=1.0.0',
    '%project=shop',
    '',
    '# a remark',
    'schema 2024-01-01T00:00:00Z A <a@example.org> # the schema',
    'users [schema] 2024-01-02T00:00:00Z A <a@example.org>',
    '@v1 2024-01-03T00:00:00Z A <a@example.org> # first',
    'admin 2024-01-04T00:00:00Z A <a@example.org>',
    'users [users@v1] 2024-01-05T00:00:00Z A <a@example.org> # reworked',
  ].join('\n');
  const files = {
    'sqitch.plan': plan,
    'sqitch.conf': '[core]',
    'deploy/schema.sql': '-- Deploy shop:schema to pg\nBEGIN;\nselect 1;\nCOMMIT;',
    'deploy/users@v1.sql': 's',
    'deploy/admin.sql': 's',
    'deploy/users.sql': 's',
    'revert/schema.sql': 'r',
    'verify/schema.sql': 'v',
  };

  test('the plan decides; a reworked change has its first script under the tag', async () => {
    expect(await namesIn(files)).toEqual(['schema', 'users@v1', 'admin', 'users']);
    expect(await namesIn({}, 'deploy')).toEqual(['schema', 'users@v1', 'admin', 'users']);
  });

  test('the scripts have transactions of their own', async () => {
    expect((await modes(files))[0]).toBe('none');
  });

  test('a script that is missing, and a line that is not understood', async () => {
    expect((await refusal({ 'sqitch.plan': 'a' })).code).toBe('FILE_UNREADABLE');
    expect((await refusal({ 'sqitch.plan': 'a\n-a' })).message).toContain('sqitch.plan:2: ');
  });
});

describe('goose', () => {
  test('a transaction, unless the file says otherwise, above or below the mark', async () => {
    const files = {
      '1_a.sql': '-- +goose Up\nselect 1;',
      '2_b.sql': '-- +goose Up\n-- +goose NO TRANSACTION\nselect 1;',
      '3_c.sql': '-- +goose no transaction\n-- +goose up\nselect 1;',
      '4_d.sql': '-- +goose Up\nselect 1;\n-- +goose Down\n-- +goose NO TRANSACTION\nselect 2;',
    };
    expect(await modes(files)).toEqual(['per-file', 'none', 'none', 'none']);
  });

  test('a body between StatementBegin and StatementEnd is one statement as it is', async () => {
    const body = 'do $$ begin perform 1; end $$;';
    const [file] = await read({
      '1_a.sql': `-- +goose Up\n-- +goose StatementBegin\n${body}\n-- +goose StatementEnd\n-- +goose Down\ndrop x;`,
    });
    expect(file?.source.trimEnd()).toBe(`-- +goose Up\n-- +goose StatementBegin\n${body}\n-- +goose StatementEnd`);
  });
});

describe('Diesel', () => {
  test('a transaction, unless metadata.toml says otherwise', async () => {
    const files = {
      '2024-01-01-000000_a/up.sql': 's',
      '2024-01-02-000000_b/up.sql': 's',
      '2024-01-02-000000_b/metadata.toml': 'run_in_transaction = false\n',
    };
    expect(await modes(files)).toEqual(['per-file', 'none']);
    const alone = await readMigrationFile(path.join(folder, '2024-01-02-000000_b/up.sql'));
    expect(alone.transactionMode).toBe('none');
  });
});

describe('other tools', () => {
  test('dbmate, sqlx, Prisma, Drizzle and golang-migrate open a transaction where they say so', async () => {
    const files = {
      '01_a.sql': '-- migrate:up\nselect 1;',
      '02_b.sql': '-- migrate:up transaction:false\nselect 1;',
      '03_c.sql': '-- no-transaction\nselect 1;',
      '04_d.sql': 'select 1;--> statement-breakpoint\nselect 2;',
      '05_e.up.sql': 'select 1; select 2;',
      '06_f.sql': 'select 1;',
    };
    expect(await modes(files)).toEqual(['per-file', 'none', 'none', 'per-file', 'per-file', undefined]);
    await fs.rm(folder, { recursive: true });
    const prisma = {
      '1_a/migration.sql': '-- one\ncreate index concurrently on t (a);\n',
      '2_b/migration.sql': 'select 1;\nselect 2;',
      '3_c/migration.sql': 'select 1;\nBEGIN;\nselect 2;\nCOMMIT;',
    };
    expect(await modes(prisma)).toEqual(['none', 'per-file', 'none']);
  });

  test('node-pg-migrate: only the part below "Up Migration"', async () => {
    const [file] = await read({ '1_a.sql': '-- Up Migration\nselect 1;\n\n-- Down Migration of it\nselect 2;' });
    expect(file?.source.trimEnd()).toBe('-- Up Migration\nselect 1;');
    expect(file?.transactionMode).toBe('per-file');
  });

  test('a remark about a down migration hides nothing', async () => {
    const source = '-- Down migration is not possible after this.\nselect 1;';
    expect((await read({ '1_a.sql': source }))[0]?.source).toBe(source);
  });

  test("pop: files for other servers are left out, and the server's name is no part of a migration's", async () => {
    const files = { '1_a.postgres.up.sql': 's', '1_a.mysql.up.sql': 's', '2_b.up.sql': 's', '2_b.down.sql': 's' };
    expect(await namesIn(files)).toEqual(['1_a', '2_b']);
  });
});

describe('templates', () => {
  const source = 'create table {{ index .Options "Namespace" }}.t (a text);\n';

  test('the values are filled in, whichever of the forms is used', async () => {
    const forms = `${source}comment on table {{.Namespace}}.t is '{{ .Options.Namespace }}';`;
    const [file] = await read({ '1_a.up.sql': forms }, { values: { Namespace: 'auth' } });
    expect(file?.source).toBe("create table auth.t (a text);\ncomment on table auth.t is 'auth';");
  });

  test('the checksum is that of the file, whatever the values', async () => {
    const [first] = await read({ '1_a.up.sql': source }, { values: { Namespace: 'auth' } });
    const [second] = await read({}, { values: { Namespace: 'other' } });
    expect(first?.checksum).toBe(second?.checksum);
  });

  test('a placeholder without a value is an error with its place', async () => {
    for (const values of [{}, { other: 'x' }]) {
      const error = await refusal({ '1_a.up.sql': `\n${source}` }, { values });
      expect(error.code).toBe('TEMPLATE_VALUE_MISSING');
      expect(error.message).toContain('1_a.up.sql:2:14: {{ index .Options "Namespace" }} has no value.');
      expect(error.hint).toContain('--set Namespace=…');
    }
  });

  test('a placeholder of the down part needs no value', async () => {
    const [file] = await read({ '1_a.sql': `-- +goose Up\nselect 1;\n-- +goose Down\n${source}` });
    expect(file?.source).toContain('select 1;');
  });

  test('data that looks like a template is left alone, with values and without', async () => {
    const data = "select '{{1,2},{3,4}}'::int[][], 'Dear {{name}}';";
    expect((await read({ '1_a.sql': data }))[0]?.source).toBe(data);
    expect((await read({}, { values: { Namespace: 'auth' } }))[0]?.source).toBe(data);
    const mail = "select 'Dear {{ .Name }}';";
    expect((await read({ '1_a.sql': mail }))[0]?.source).toBe(mail);
  });

  test('what is more than a value is refused', async () => {
    const error = await refusal({ '1_a.sql': '{{ if .Big }}select 1;{{ end }}' }, { values: { Big: 'yes' } });
    expect(error.code).toBe('UNSUPPORTED_FILE');
    expect(error.message).toContain('1_a.sql:1:1: {{ if .Big }}');
  });

  test('${name} is a placeholder for Flyway and goose, and text for everybody else', async () => {
    const files = {
      '1_a.sql': "-- +goose Up\n-- +goose ENVSUB ON\nselect '${name}';",
      '2_b.sql': "-- +goose Up\nselect '${name}';",
    };
    const [first, second] = await read(files, { values: { name: 'x' } });
    expect(first?.source).toContain("select 'x';");
    expect(second?.source).toContain("select '${name}';");
  });
});
