/** The language server as an editor meets it: a process of its own, spoken to in the protocol. */
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEditor, type Editor } from './editor.ts';

const index = 'CREATE INDEX orders_user_idx ON orders (user_id);\n';

let folder: string;
let editor: Editor;

beforeEach(async () => {
  folder = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'onward-editor-')));
  await fs.mkdir(path.join(folder, 'migrations'));
  await write('migrations/0001_orders.sql', 'CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL);\n');
  editor = await openEditor(folder);
});

afterEach(async () => {
  await editor.quit();
  await fs.rm(folder, { recursive: true });
});

async function write(file: string, text: string): Promise<void> {
  await fs.writeFile(path.join(folder, file), text);
}

describe('diagnostics', () => {
  test('say what a statement of a file that is not saved yet would lock', async () => {
    await editor.open('migrations/0002_index.sql', index);
    const found = await editor.diagnostics('migrations/0002_index.sql');
    expect(found).toMatchObject([
      {
        source: 'onward',
        code: 'require-concurrent-index',
        severity: 1,
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: index.indexOf(';') } },
      },
    ]);
    expect(found[0]?.message).toContain('writes to orders wait');
    expect(found[0]?.message).toContain('CREATE INDEX CONCURRENTLY orders_user_idx');
  });

  test('go when the text is mended, and come with every change', async () => {
    await editor.open('migrations/0002_index.sql', index);
    expect(await editor.diagnostics('migrations/0002_index.sql')).toHaveLength(1);
    await editor.type('migrations/0002_index.sql', index.replace('INDEX', 'INDEX CONCURRENTLY'));
    expect(await editor.diagnostics('migrations/0002_index.sql')).toEqual([]);
    await editor.type('migrations/0002_index.sql', 'CREATE INDX');
    expect(await editor.diagnostics('migrations/0002_index.sql')).toMatchObject([{ code: 'no-syntax-error' }]);
    await editor.type('migrations/0002_index.sql', '  \n');
    expect(await editor.diagnostics('migrations/0002_index.sql')).toEqual([]);
  });

  test('know the schema of the migrations before, as it stands in the editor', async () => {
    const required = 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n';
    await write('migrations/0002_note.sql', 'ALTER TABLE orders ADD COLUMN note text;\n');
    await write('migrations/0003_required.sql', required);
    await editor.open('migrations/0003_required.sql', required);
    expect(await editor.diagnostics('migrations/0003_required.sql')).toMatchObject([{ code: 'no-set-not-null' }]);
    await editor.open('migrations/0002_note.sql', 'ALTER TABLE orders ADD COLUMN note text;\n');
    await editor.type(
      'migrations/0002_note.sql',
      'ALTER TABLE orders ADD COLUMN note text CONSTRAINT note_there CHECK (note IS NOT NULL);\n',
    );
    await editor.type('migrations/0003_required.sql', `${required}-- again\n`);
    expect(await editor.diagnostics('migrations/0003_required.sql')).toEqual([]);
  });

  test('follow what the config says of the tool, of some files and of another linter', async () => {
    const build =
      '-- squawk-ignore ban-drop-column\nALTER TABLE orders DROP COLUMN note;\nCREATE INDEX CONCURRENTLY ON orders (user_id);\n';
    await write(
      'onward.config.json',
      '{ "tool": "flyway", "compat": "squawk", "timeouts": "runner", "overrides": [{ "files": "migrations/0003*", "rules": { "no-concurrent-in-transaction": "info" } }] }',
    );
    await editor.open('migrations/0002_build.sql', build);
    expect(await editor.diagnostics('migrations/0002_build.sql')).toMatchObject([
      { code: 'no-concurrent-in-transaction', severity: 1 },
    ]);
    await editor.open('migrations/0003_build.sql', build);
    expect(await editor.diagnostics('migrations/0003_build.sql')).toMatchObject([{ severity: 3 }]);
  });

  test('follow the config, and a broken config is told', async () => {
    await write('onward.config.json', '{ "rules": { "require-concurrent-index": "warning" } }');
    await editor.open('migrations/0002_index.sql', index);
    expect(await editor.diagnostics('migrations/0002_index.sql')).toMatchObject([{ severity: 2 }]);
    await write('onward.config.json', '{ "ruls": {} }');
    await editor.type('migrations/0002_index.sql', `${index}\n`);
    expect(await editor.diagnostics('migrations/0002_index.sql')).toMatchObject([{ severity: 2 }]);
    expect(editor.messages.join('\n')).toContain('Did you mean "rules"?');
  });
});

describe('quick fixes', () => {
  test('are the rule’s own fix, and silencing it', async () => {
    await editor.open('migrations/0002_index.sql', index);
    await editor.diagnostics('migrations/0002_index.sql');
    const actions = await editor.actions('migrations/0002_index.sql', { line: 0, character: 3 });
    expect(actions.map(({ title }) => title)).toEqual([
      'Write it as require-concurrent-index asks',
      'Ignore require-concurrent-index for this statement',
      'Fix all that onward can fix',
    ]);
    const texts = actions.map(({ edit }) => Object.values(edit?.changes ?? {})[0]?.[0]?.newText);
    expect(texts).toEqual([
      'CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id)',
      '-- migrate:ignore require-concurrent-index -- why it does no harm here\n',
      'CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id)',
    ]);
    // What was inserted is understood.
    await editor.type('migrations/0002_index.sql', `${texts[1] ?? ''}${index}`);
    expect(await editor.diagnostics('migrations/0002_index.sql')).toEqual([]);
  });

  test('can be asked for by kind', async () => {
    await editor.open('migrations/0002_index.sql', index);
    await editor.diagnostics('migrations/0002_index.sql');
    const at = { line: 0, character: 3 };
    const all = await editor.actions('migrations/0002_index.sql', at, ['source.fixAll']);
    expect(all.map(({ kind }) => kind)).toEqual(['source.fixAll.onward']);
    expect(await editor.actions('migrations/0002_index.sql', at, ['refactor'])).toEqual([]);
  });
});

describe('hover', () => {
  test('shows the locks of the statement and why the rule speaks', async () => {
    await editor.open('migrations/0002_index.sql', index);
    await editor.diagnostics('migrations/0002_index.sql');
    const text = await editor.hover('migrations/0002_index.sql', { line: 0, character: 3 });
    expect(text).toContain('| `orders` | SHARE | writes wait, reads go on | every row is read, an index is built |');
    expect(text).toContain('### require-concurrent-index');
    expect(text).toContain('#### Why it hurts');
    expect(text).not.toContain('```');
  });

  test('says so where nobody waits', async () => {
    const table = 'CREATE TABLE notes (id bigint PRIMARY KEY);\n\n';
    await editor.open('migrations/0002_notes.sql', table);
    await editor.diagnostics('migrations/0002_notes.sql');
    expect(await editor.hover('migrations/0002_notes.sql', { line: 0, character: 3 })).toBe(
      'No lock on a table that is in use.',
    );
    expect(await editor.hover('migrations/0002_notes.sql', { line: 2, character: 0 })).toBeNull();
  });
});
