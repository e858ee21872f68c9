/** `migrate backfill run <file>`: a backfill of the person's own, from the command line, in processes that are killed. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { repositoryFolder, withDatabase } from '../support/server.ts';
import { runMain, withFiles } from './run-main.ts';

const library = pathToFileURL(path.join(repositoryFolder, 'dist/js/index.js')).href;

const counting = `import { defineBackfill } from '${library}';
export default defineBackfill({
  name: 'count', table: 'users', columns: ['id'], batchSize: 25,
  handler: async (rows, db) => {
    const ids = rows.map(({ id }) => id);
    await db.updateTable('users').set((value) => ({ n: value('n', '+', 1) })).where('id', 'in', ids).execute();
    console.error('a batch'); // not yet committed
  },
});`;

const kills = 2;

type Ended = { readonly code: number | null; readonly wasKilled: boolean; readonly text: string };

/** The program itself; killed after its second batch when it is mortal. */
async function program(url: string, file: string, isMortal: boolean): Promise<Ended> {
  const args = [path.join(repositoryFolder, 'bin', 'migrate.js'), 'backfill', 'run', file];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (isMortal && lines.length === 2) child.kill('SIGKILL');
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, wasKilled: child.signalCode === 'SIGKILL', text: lines.join('\n') };
}

test('every row is changed once by processes that are killed', async () => {
  await withFiles({ 'count.mjs': counting }, (folder) =>
    withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`create table users (id text primary key, n int not null default 0);
        insert into users select md5(g::text) from generate_series(1, 3000) g`);
      const file = path.join(folder, 'count.mjs');
      for (let killed = 0; killed < kills; killed += 1) {
        expect(await program(database.url, file, true)).toMatchObject({ wasKilled: true });
      }
      expect(await program(database.url, file, false)).toMatchObject({ code: 0 });
      const { rows } = await client.query(`select n, count(*)::int,
        (select sum(rows_done)::int from onward.backfill_chunk) as counted from users group by n`);
      expect(rows).toEqual([{ n: 1, count: 3000, counted: 3000 }]);
    }),
  );
});

test('a file is run, looked at and told what to do like the backfill of a migration', async () => {
  const files = {
    'count.mjs': counting,
    'other.mjs': 'export default 42;',
    'count.ts': `export default ${JSON.stringify({ kind: 'none' })} as object;`,
  };
  await withFiles(files, (folder) =>
    withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`create table users (id int primary key, n int not null default 0);
        insert into users select g from generate_series(1, 100) g`);
      const env = { DATABASE_URL: database.url };
      const migrate = (...args: readonly string[]) => runMain(args, { env });
      const file = path.join(folder, 'count.mjs');

      const early = await migrate('backfill', 'join', file);
      expect(early.err).toContain('Nobody has begun the backfill count.');
      expect(early.code).toBe(1);
      const done = await migrate('backfill', 'run', file);
      expect(done.err).toBe('');
      expect(done.out).toContain('count is done: 100 rows.');
      expect((await migrate('backfill', 'run', file)).out).toContain('Nothing to do: count is done already.');
      const status = await migrate('backfill', 'status', 'count');
      expect(status.out).toMatch(/^count {2}function\n {2}Give the rows of users to a function \(version 1\)\n/);
      expect((await migrate('backfill', 'pause', 'count')).err).toContain('The backfill of count is done already.');
      expect((await migrate('backfill', 'status', 'cont')).err).toContain('Did you mean count?');

      expect((await migrate('backfill', 'run', path.join(folder, 'other.mjs'))).err).toContain(
        'does not export a backfill.',
      );
      const typed = await program(database.url, path.join(folder, 'count.ts'), false);
      const takesTypes = 'typescript' in process.features && process.features.typescript !== false;
      expect(typed.text).toContain(takesTypes ? 'does not export a backfill.' : 'cannot run');
      expect(typed.code).toBe(2);
    }),
  );
});
