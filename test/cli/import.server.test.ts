/** Coming from another tool or from none, as a person does it. */
import { expect, test } from 'vitest';
import { withDatabase } from '../support/server.ts';
import { withFiles } from './run-main.ts';
import { shopOf } from './shop.ts';

const files = {
  '0001_a.sql': 'CREATE TABLE a (id bigint PRIMARY KEY);\n',
  '0002_b.sql': 'ALTER TABLE a ADD COLUMN b text;\n',
};

test('import shows what it found, asks, and status goes on from there', async () => {
  await withDatabase((database) =>
    withFiles(files, async (folder) => {
      const shop = shopOf(database, folder);
      expect((await shop.migrate(['import', '--yes'])).err).toContain('There is no history of a migration tool');
      await shop.query(`${files['0001_a.sql']} CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255), run_on timestamp);
        INSERT INTO pgmigrations (name, run_on) VALUES ('0001_a', now())`);

      const dry = await shop.migrate(['import', '--dry-run']);
      expect(dry.out).toContain('The history of node-pg-migrate is in public.pgmigrations.');
      expect(dry.out).toMatch(/1 ran and will be marked as done\n +0001_a\n +1 still to run\n +0002_b/);
      expect((await shop.migrate(['import'])).code).toBe(2);
      expect((await shop.migrate(['import'], { answers: ['n'] })).out).toContain('Nothing was changed.');
      expect((await shop.migrate(['import'], { answers: ['y'] })).out).toContain('Marked. Do not run node-pg-migrate');
      expect((await shop.migrate(['status'])).out).toMatch(/0001_a +done\n +0002_b +pending/);
      expect((await shop.migrate(['log'])).out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC {2}0001_a +done, no steps\n$/);
      expect((await shop.migrate(['log', '0002_b'])).err).toContain('The ledger knows no migration 0002_b.');
    }),
  );
});

test('baseline and diff list what differs: exit codes 5 and 1', async () => {
  await withDatabase((database) =>
    withDatabase((standIn) =>
      withFiles(files, async (folder) => {
        const shop = shopOf(database, folder);
        await shop.query('CREATE TABLE a (id bigint PRIMARY KEY, by_hand text)');
        const refused = await shop.migrate(['baseline', '0001_a', '--yes', '--stand-in-url', standIn.url]);
        expect(refused.code).toBe(5);
        expect(refused.out).toContain('+ table public.a column by_hand is not expected');
        expect(refused.err).toContain('Nothing was marked.');
        const forced = await shop.migrate(['baseline', '0001_a', '--yes', '--force', '--stand-in-url', standIn.url]);
        expect(forced.out).toContain('1 migration marked as done, up to 0001_a.\nStill to run: 0002_b');

        const client = await standIn.connect();
        await client.query('DROP SCHEMA public CASCADE; DROP SCHEMA onward CASCADE; CREATE SCHEMA public');
        const { code, out } = await shop.migrate(['diff', '--stand-in-url', standIn.url]);
        expect(code).toBe(1);
        expect(out).toContain('1 difference from what the migrations make:');
      }),
    ),
  );
});
