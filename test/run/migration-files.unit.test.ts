import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { readMigrationFiles } from '../../src/run/migration-files.ts';

let folder = '';

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-files-'));
});

afterEach(async () => {
  await fs.rm(folder, { recursive: true });
});

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await fs.writeFile(path.join(folder, name), content);
  }
}

async function namesIn(files: Readonly<Record<string, string | Uint8Array>>): Promise<readonly string[]> {
  await write(files);
  return (await readMigrationFiles(folder)).map((file) => file.name);
}

async function refusal(files: Readonly<Record<string, string | Uint8Array>>): Promise<MigrateError> {
  await write(files);
  const error: unknown = await readMigrationFiles(folder).catch((reason: unknown) => reason);
  if (!(error instanceof MigrateError)) throw new Error(`Expected a MigrateError, got ${String(error)}`);
  expect(error.hint).toBeTruthy();
  return error;
}

describe('the order of migrations', () => {
  test('is that of the numbers, not of the alphabet, then that of the names', async () => {
    expect(await namesIn({ '10_b.sql': 'select 1', '2_a.sql': 'select 1', '1_c.sql': 'select 1' })).toEqual([
      '1_c',
      '2_a',
      '10_b',
    ]);
  });

  test('names without a number come last, by code unit', async () => {
    expect(await namesIn({ 'b.sql': 's', 'B.sql.txt': 'no', 'a.sql': 's', '1.sql': 's', 'README.md': 'no' })).toEqual([
      '1',
      'a',
      'b',
    ]);
  });

  test('golang-migrate: down files are left out, and .up is no part of the name', async () => {
    const files = { '1_a.up.sql': 'select 1', '1_a.down.sql': 'drop', '2_b.up.sql': 'select 2', '2_b.down.sql': '' };
    expect(await namesIn(files)).toEqual(['1_a', '2_b']);
  });

  test('Prisma: folders by name', async () => {
    const files = {
      '20240102000000_b/migration.sql': 's',
      '20240101000000_a/migration.sql': 's',
      'migration_lock.toml': 'x',
    };
    expect(await namesIn(files)).toEqual(['20240101000000_a', '20240102000000_b']);
  });

  test('Diesel: folders by their prefix without dashes, up.sql only', async () => {
    const files = {
      '2014-11-20-000000_b/up.sql': 's',
      '20141101000000_a/up.sql': 's',
      '2014-11-20-000000_b/down.sql': '',
      '00000000000000_diesel_initial_setup/up.sql': 's',
      'dump.sql': 'a file that Diesel passes over',
    };
    expect(await namesIn(files)).toEqual([
      '00000000000000_diesel_initial_setup',
      '20141101000000_a',
      '2014-11-20-000000_b',
    ]);
  });

  test('Drizzle: the journal decides, and a file that it does not list is left out', async () => {
    const journal = JSON.stringify({ entries: [{ tag: '0001_b' }, { tag: '0000_a' }] });
    const files = {
      'meta/_journal.json': journal,
      '0000_a.sql': 'select 1;--> statement-breakpoint\nselect 2;',
      '0001_b.sql': 's',
      '0001_x.sql': 's',
    };
    expect(await namesIn(files)).toEqual(['0001_b', '0000_a']);
  });

  test('an empty folder has none', async () => {
    expect(await namesIn({})).toEqual([]);
  });
});

describe('the text of a migration', () => {
  test('goose: only the up part is left, on the lines where it was', async () => {
    await write({ '1_a.sql': '-- +goose Up\nselect 1;\n-- +goose Down\ndrop table a;\n-- +goose Up\nselect 2;\n' });
    const [file] = await readMigrationFiles(folder);
    expect(file?.source.split('\n').map((line) => line.trimEnd())).toEqual([
      '-- +goose Up',
      'select 1;',
      '',
      '',
      '-- +goose Up',
      'select 2;',
      '',
    ]);
  });

  test('dbmate: only the up part is left', async () => {
    await write({ '1_a.sql': '-- migrate:up transaction:false\nselect 1;\n\n-- migrate:down\ndrop table a;' });
    const [file] = await readMigrationFiles(folder);
    expect(file?.source.trimEnd()).toBe('-- migrate:up transaction:false\nselect 1;');
  });

  test('a byte order mark is left out of the text, and counts for the checksum', async () => {
    await write({ '1_a.sql': '\uFEFFselect 1', '2_b.sql': 'select 1' });
    const [first, second] = await readMigrationFiles(folder);
    expect(first?.source).toBe('select 1');
    expect(first?.checksum).not.toBe(second?.checksum);
    expect(second?.checksum).toBe('822ae07d4783158bc1912bb623e5107cc9002d519e1143a9c200ed6ee18b6d0f');
  });
});

describe('a folder that cannot be used is refused with what to do', () => {
  test('the folder is missing', async () => {
    const error: unknown = await readMigrationFiles(path.join(folder, 'nowhere')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'NO_MIGRATIONS_FOLDER' });
  });

  test('the folder is a file', async () => {
    await write({ 'a.sql': 's' });
    const error: unknown = await readMigrationFiles(path.join(folder, 'a.sql')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'NO_MIGRATIONS_FOLDER' });
  });

  test('Latin-1: the line and the byte are named', async () => {
    const error = await refusal({ '1_a.sql': Buffer.from("select 1;\nselect 'caf\xe9';", 'latin1') });
    expect(error.code).toBe('FILE_NOT_UTF8');
    expect(error.message).toContain('byte 0xE9 at line 2, byte 12');
  });

  test('UTF-16, with and without a byte order mark, is recognised', async () => {
    expect((await refusal({ '1_a.sql': Buffer.from('\uFEFFselect 1', 'utf16le') })).hint).toContain('UTF-16');
    expect((await refusal({ '1_a.sql': Buffer.from('select 1', 'utf16le') })).hint).toContain('UTF-16');
  });

  test.each([
    ['an overlong form', [0xc0, 0x80], 0],
    ['a surrogate', [0x61, 0xed, 0xa0, 0x80], 1],
    ['a cut character', [0x61, 0xe2, 0x82], 1],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
    ['a continuation byte alone', [0x61, 0x62, 0x80], 2],
  ])('%s', async (_, bytes, offset) => {
    expect((await refusal({ '1_a.sql': Uint8Array.from(bytes) })).details).toMatchObject({ offset });
  });

  test('an empty file, also of blanks only', async () => {
    expect((await refusal({ '1_a.sql': ' \n' })).code).toBe('FILE_EMPTY');
  });

  test('two files with one number', async () => {
    const error = await refusal({ '7_a.sql': 's', '0007_b.sql': 's' });
    expect(error.code).toBe('DUPLICATE_NAME');
    expect(error.message).toContain('number 7: ');
  });

  test('two files with one name', async () => {
    expect((await refusal({ 'a.sql': 's', 'a.up.sql': 's' })).code).toBe('DUPLICATE_NAME');
  });

  test('a Drizzle journal that lists a file which is not there', async () => {
    const error = await refusal({ 'meta/_journal.json': '{"entries":[{"tag":"0000_a"}]}' });
    expect(error.message).toContain('lists 0000_a.sql');
  });

  test('a Drizzle journal that is none', async () => {
    expect((await refusal({ 'meta/_journal.json': '[]' })).code).toBe('FILE_UNREADABLE');
  });

  test('migrations of two kinds', async () => {
    expect((await refusal({ '1_a.sql': 's', '2_b/migration.sql': 's' })).code).toBe('UNSUPPORTED_FILE');
  });
});
