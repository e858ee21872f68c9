/** The HTTP server on a real database: what it tells, whom it lets change something, and how it stops. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { serve, type ServeOptions } from '../../src/serve/server.ts';
import { writeFiles } from '../cli/run-main.ts';
import { phoneFile, withShop, type Shop } from '../cli/shop.ts';

const token = 'a-token-that-nobody-guesses';

/** A backfill that has begun and that nobody works on, with a row that was left out. */
const begun = `INSERT INTO onward.backfill (migration, step, purpose, status, estimate)
  SELECT migration, id, 'run', 'paused', 2000 FROM onward.step WHERE phase = 'backfill' LIMIT 1;
  INSERT INTO onward.backfill_quarantine (migration, step, purpose, ordinal, table_schema, table_name, columns, key,
    sqlstate, message)
  SELECT migration, step, purpose, 1, 'public', '<script>alert(1)</script>', '{id}', '{7}', '23514', 'no "good"'
  FROM onward.backfill`;

type Site = { readonly shop: Shop; readonly url: string; readonly stop: () => void; readonly stopped: Promise<void> };

async function withServer(work: (site: Site) => Promise<void>, options: Partial<ServeOptions> = {}): Promise<void> {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand', '--no-backfill']);
    await shop.query(begun);
    const stopping = new AbortController();
    const database = { databaseUrl: shop.database.url, everyMs: 200 };
    const { url, stopped } = await serve({ ...database, port: 0, token, signal: stopping.signal, ...options });
    try {
      await work({ shop, url, stop: () => stopping.abort(), stopped });
    } finally {
      stopping.abort();
      await stopped;
    }
  });
}

function post(url: string, headers: Readonly<Record<string, string>> = {}, body = '{}'): Promise<Response> {
  const own = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers: { ...own, ...headers }, body });
}

test('it tells how far everything is: to people, to Prometheus and to programs', async () => {
  await withServer(async ({ url }) => {
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    // Nothing on the page comes from elsewhere, and none of it is data.
    expect(await page.text()).not.toMatch(/https?:|0002_phone/);
    expect(await (await fetch(`${url}page.js`)).text()).not.toMatch(
      /innerHTML|insertAdjacentHTML|document\.write|eval\(/,
    );

    expect((await fetch(`${url}health/live`)).status).toBe(200);
    expect((await fetch(`${url}health/ready`)).status).toBe(200);
    const metrics = await fetch(`${url}metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await metrics.text();
    expect(text).toContain('onward_up 1');
    expect(text).toContain('onward_migrations{status="done"} 1');
    expect(text).toMatch(/onward_backfill_quarantined_rows\{migration="0002_phone",step="[^"]+",purpose="run"\} 1/);

    const status: unknown = await (await fetch(`${url}api/status`)).json();
    const left = { table: { name: '<script>alert(1)</script>' }, key: ['7'] };
    expect(status).toMatchObject({
      trouble: null,
      migrations: [{ name: '0001_users' }, { name: '0002_phone', phase: 'backfill' }],
      backfills: [{ migration: '0002_phone', quarantine: { count: 1, first: [left] } }],
    });
    expect((await fetch(`${url}nothing`)).status).toBe(404);
  });
});

test('who has the token pauses and resumes, and those who listen see it', async () => {
  await withServer(async ({ shop, url, stop, stopped }) => {
    const events = await fetch(`${url}api/events`);
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const until = async (text: string): Promise<void> => {
      while (!heard.includes(text)) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done || value === undefined) throw new Error(`The events ended before ${text}.`);
        heard += value;
      }
    };
    await until('event: look');

    const pause = `${url}api/backfills/0002_phone/pause`;
    expect((await post(pause, { authorization: '' })).status).toBe(401);
    expect((await post(pause, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(pause, { 'content-type': 'text/plain' })).status).toBe(415);
    expect(await shop.query(`SELECT FROM onward.backfill WHERE desired <> 'run'`)).toEqual([]);

    const paused = await post(pause);
    expect(await paused.json()).toMatchObject({ backfills: [{ migration: '0002_phone', changed: true }] });
    expect(await shop.query('SELECT desired FROM onward.backfill')).toEqual([{ desired: 'pause' }]);
    await until('paused by a person');

    const throttle = `${url}api/backfills/throttle`;
    expect((await post(throttle, {}, '{"nice":"x"}')).status).toBe(400);
    expect((await post(throttle, {}, 'x'.repeat(20_000))).status).toBe(413);
    expect((await post(throttle, {}, '{"nice":2}')).status).toBe(200);
    expect((await post(`${url}api/backfills/0009_none/pause`)).status).toBe(400);
    expect((await post(`${url}api/backfills/0001_users/pause`)).status).toBe(409);
    expect((await post(`${url}api/backfills/resume`)).status).toBe(200);
    expect(await shop.query('SELECT desired, nice FROM onward.backfill')).toEqual([{ desired: 'run', nice: 2 }]);

    // Told to stop, it ends the events and is gone.
    stop();
    await stopped;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});

test('bound elsewhere it tells nothing without the token, and it is not ready while the database refuses it', async () => {
  await withServer(
    async ({ shop, url }) => {
      const local = url.replace('0.0.0.0', '127.0.0.1');
      const authorization = `Bearer ${token}`;
      for (const path of ['metrics', 'api/status', 'api/backfills', 'api/events']) {
        expect((await fetch(`${local}${path}`)).status).toBe(401);
      }
      expect((await fetch(`${local}metrics`, { headers: { authorization } })).status).toBe(200);

      // The next look finds no ledger to read.
      await shop.query('ALTER TABLE onward.backfill RENAME TO elsewhere');
      let status = 200;
      while (status === 200) ({ status } = await fetch(`${local}health/ready`));
      expect(status).toBe(503);
      const metrics = await fetch(`${local}metrics`, { headers: { authorization } });
      expect(await metrics.text()).toContain('onward_up 0');
      await shop.query('ALTER TABLE onward.elsewhere RENAME TO backfill');
      while (status !== 200) ({ status } = await fetch(`${local}health/ready`));
    },
    { address: '0.0.0.0' },
  );
});

test('the command refuses to listen for others without a token', async () => {
  await withShop({}, async (shop) => {
    const refused = await shop.migrate(['serve', '--address', '0.0.0.0', '--port', '0']);
    expect(refused.err).toContain('it needs a token');
    expect(refused.code).toBe(2);
    await writeFiles(shop.folder, { 'token.txt': 'short' });
    const weak = await shop.migrate(['serve', '--port', '0', '--token-file', path.join(shop.folder, 'token.txt')]);
    expect(weak.err).toContain('The token is not a good one');

    const served = await shop.migrate(['serve', '--port', '0'], {
      onOutput: (text, send) => {
        if (text.includes('#token=') && !text.includes('Stopping')) send('SIGTERM');
      },
    });
    expect(served.out).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=[0-9a-f]{48}\n/);
    expect(served.code).toBe(0);
  });
});
