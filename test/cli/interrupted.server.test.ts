/** Signals, with the program as it is installed: what was done is recorded, the lease is free, the next run goes on. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFolder } from '../support/server.ts';
import { withShop, type Shop } from './shop.ts';

const program = path.join(repositoryFolder, 'bin', 'migrate.js');

/** A backfill of 20 batches with a pause after each: there is time to interrupt it. */
const slowFile = {
  '0002_phone.sql':
    "-- migrate:using ''\n-- migrate:batch size=100 pause=100\nALTER TABLE users ADD COLUMN phone text NOT NULL;\n",
};

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

function start(shop: Shop, ...args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [program, ...args, '--dir', shop.folder], {
    env: { ...process.env, DATABASE_URL: shop.database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return { child, ended };
}

async function until(shop: Shop, sql: string): Promise<void> {
  const client = await shop.database.connect();
  for (;;) {
    try {
      if ((await client.query(sql)).rows.length > 0) return;
    } catch {
      // The ledger is not installed yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle of a backfill is exit code %i, and the next run finishes it', async (signal, code) => {
  await withShop(slowFile, async (shop) => {
    const { child, ended } = start(shop, 'expand');
    await until(shop, 'SELECT FROM onward.backfill_chunk WHERE rows_done > 0');
    child.kill(signal);
    const result = await ended;
    expect(result.code).toBe(code);
    expect(result.err).toContain('Stopping');
    expect(result.err).toContain('Run the same command again');

    const [left] = await shop.query('SELECT count(*)::int AS n FROM users WHERE phone IS NULL');
    expect(left?.['n']).toBeGreaterThan(0);
    expect(await shop.query('SELECT FROM onward.lease WHERE token IS NOT NULL')).toEqual([]);
    const status = await shop.migrate(['status']);
    expect(status.out).toMatch(/0002_phone +filling rows\n[\s\S]*Now:\n +migrate backfill/);

    const again = await start(shop, 'expand').ended;
    expect(again.err).toBe('');
    expect(again.code).toBe(0);
    expect(await shop.query('SELECT FROM users WHERE phone IS NULL')).toEqual([]);
  });
});

test('SIGINT while it waits for a lock ends it at once, with nothing changed', async () => {
  const file = { '0002_a.sql': 'ALTER TABLE users ADD COLUMN phone text;' };
  await withShop(file, async (shop) => {
    const blocker = await shop.database.connect();
    await blocker.query('BEGIN; SELECT FROM users LIMIT 1');
    const { child, ended } = start(shop, 'expand');
    await until(shop, `SELECT FROM onward.step WHERE migration = '0002_a' AND attempts > 0`);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    await blocker.query('ROLLBACK');
    expect(await shop.query(`SELECT FROM pg_attribute WHERE attname = 'phone'`)).toEqual([]);
    expect((await shop.migrate(['expand'])).code).toBe(0);
  });
});

test('kill -9 in the middle of a backfill: the next run finishes it', async () => {
  await withShop(slowFile, async (shop) => {
    const { child, ended } = start(shop, 'expand');
    await until(shop, 'SELECT FROM onward.backfill_chunk WHERE rows_done > 0');
    child.kill('SIGKILL');
    await ended;
    const again = await start(shop, 'expand').ended;
    expect(again.err).toBe('');
    expect(again.code).toBe(0);
    expect(await shop.query('SELECT FROM users WHERE phone IS NULL')).toEqual([]);
  });
});

test('a reader that goes away early is no error', async () => {
  await withShop(slowFile, async (shop) => {
    const command = `"${process.execPath}" "${program}" plan --dir "${shop.folder}" | head -n 1`;
    const child = spawn('sh', ['-c', command], {
      env: { ...process.env, DATABASE_URL: shop.database.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    await new Promise((resolve) => child.once('close', resolve));
    expect(text).toMatch(/^Plan of 1 migration, .*\n$/);
  });
});
