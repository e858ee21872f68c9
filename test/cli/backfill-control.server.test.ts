/** Pause, resume, cancel, throttle and look at backfills from the command line, beside whoever works. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFolder } from '../support/server.ts';
import { phoneFile, withShop, type Shop } from './shop.ts';

/** A backfill that has begun and that nobody works on. */
const begun = `INSERT INTO onward.backfill (migration, step, purpose, status, estimate)
  SELECT migration, id, 'run', 'paused', 2000 FROM onward.step WHERE phase = 'backfill' LIMIT 1;
  INSERT INTO onward.backfill_chunk (migration, step, purpose, ordinal, sweep, table_schema, table_name, kind, columns,
    types, upper, status, estimate, rows_scanned, rows_done, lower)
  SELECT migration, step, purpose, n, 1, 'public', 'users', 'key', '{id}', '{bigint}', ARRAY[(n * 1000)::text],
    CASE n WHEN 1 THEN 'done' ELSE 'pending' END, 1000, CASE n WHEN 1 THEN 1000 ELSE 0 END, 0, NULL
  FROM onward.backfill, generate_series(1, 2) n`;

async function desired(shop: Shop): Promise<unknown> {
  const [row] = await shop.query('SELECT desired, nice, target_ms, max_workers FROM onward.backfill');
  return row;
}

test('a person says what is wanted; it is written once, and told', async () => {
  await withShop(phoneFile, async (shop) => {
    const early = await shop.migrate(['backfill', 'pause']);
    expect(early.err).toContain('There is nothing to pause. No backfill is under way.');
    expect(early.code).toBe(1);

    await shop.migrate(['expand', '--no-backfill']);
    const none = await shop.migrate(['backfill', 'pause', '0001_users']);
    expect(none.err).toContain('0001_users has no backfill that has begun');
    await shop.query(begun);
    const listener = await shop.database.connect();
    await listener.query('LISTEN onward_backfill');
    const woken = new Promise<string>((resolve) => listener.on('notification', ({ channel }) => resolve(channel)));

    const paused = await shop.migrate(['backfill', 'pause', '0002_phone.sql', '--json']);
    expect(paused.err).toBe('');
    expect(JSON.parse(paused.out)).toMatchObject({ backfills: [{ migration: '0002_phone', changed: true }] });
    expect(await woken).toBe('onward_backfill');
    expect(await desired(shop)).toMatchObject({ desired: 'pause' });
    expect((await shop.migrate(['backfill', 'pause'])).out).toContain('· 0002_phone: paused already');

    const status = await shop.migrate(['backfill', 'status']);
    expect(status.out).toMatch(/0002_phone {2}backfill-1\n[^]*50\.0 % {2}paused\n[^]*paused by a person, for/);
    expect(status.out.split('\n').filter((line) => line.length > 80)).toEqual([]);

    await shop.migrate(['backfill', 'throttle', '--nice', '1.5', '--target-ms', '80', '--max-workers', '1']);
    const set = { nice: 1.5, target_ms: 80, max_workers: 1 };
    expect(await desired(shop)).toEqual({ desired: 'pause', ...set });
    await shop.migrate(['backfill', 'throttle', '--max-workers', '0']);
    expect((await shop.migrate(['backfill', 'resume'])).out).toMatch(/0002_phone: goes on\n.*migrate backfill/s);
    expect(await desired(shop)).toEqual({ desired: 'run', ...set, max_workers: null });
    await shop.migrate(['backfill', 'cancel']);
    expect(await desired(shop)).toMatchObject({ desired: 'cancel' });

    const events = await shop.query('SELECT kind FROM onward.backfill_event ORDER BY position');
    expect(events.map(({ kind }) => kind)).toEqual(
      ['pause', 'throttle', 'throttle', 'resume', 'cancel'].map((verb) => `wished_${verb}`),
    );
  });
});

test('a watch whose reader goes away ends', async () => {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand', '--no-backfill']);
    await shop.query(begun);
    const program = path.join(repositoryFolder, 'bin', 'migrate.js');
    const args = [program, 'backfill', 'status', '--watch', '--every', '0.2'];
    const env = { ...process.env, DATABASE_URL: shop.database.url };
    const child = spawn(process.execPath, args, { cwd: shop.folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  });
});

test('what cannot be is refused with what to do instead', async () => {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand', '--no-backfill']);
    await shop.query(begun);
    const unknown = await shop.migrate(['backfill', 'status', '0002_fone']);
    expect(unknown.err).toContain('There is no migration 0002_fone');
    expect(unknown.err).toContain('Did you mean 0002_phone?');
    expect(unknown.code).toBe(2);
    const mistyped = await shop.migrate(['backfill', 'resum']);
    expect(mistyped.err).toContain('Did you mean: migrate backfill resume');
    expect(mistyped.code).toBe(2);
    expect((await shop.migrate(['backfill', 'throttle'])).err).toContain('None of its options was given');
    expect((await shop.migrate(['backfill', 'throttle', '--nice', 'much'])).err).toContain('takes a number, 0 or more');

    // Who may only look, may look.
    const role = `reader_${shop.database.name}`;
    await shop.query(`CREATE ROLE ${role} LOGIN PASSWORD 'look' ; GRANT USAGE ON SCHEMA onward TO ${role};
      GRANT SELECT ON ALL TABLES IN SCHEMA onward TO ${role}`);
    try {
      const url = new URL(shop.database.url);
      url.username = role;
      url.password = 'look';
      const as = ['--database-url', url.href];
      expect((await shop.migrate(['backfill', 'status', ...as])).out).toContain('0002_phone  backfill-1');
      const refused = await shop.migrate(['backfill', 'pause', ...as, '--json']);
      expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'PERMISSION_DENIED' } });
      expect(refused.err).toContain('GRANT');
    } finally {
      await shop.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

test('status --watch gives one JSON object an interval, and ends when all is done', async () => {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand', '--no-backfill']);
    await shop.query(begun);
    const finished: Promise<unknown>[] = [];
    const watched = await shop.migrate(['backfill', 'status', '--watch', '--json', '--every', '0.2'], {
      onOutput: (text) => {
        if (finished.length > 0 || !text.includes('"percent":50')) return;
        finished.push(shop.query(`UPDATE onward.backfill SET status = 'done'`));
      },
    });
    await Promise.all(finished);
    const looks = watched.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; backfills: readonly { status: string; percent: number }[] });
    expect(looks[0]).toMatchObject({ kind: 'seen', backfills: [{ status: 'paused', percent: 50 }] });
    expect(looks.at(-1)).toMatchObject({ kind: 'seen', backfills: [{ status: 'done', percent: 100 }] });
  });
});
