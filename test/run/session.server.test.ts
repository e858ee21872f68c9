/** Connections that cannot be made, are lost, or are not what we need: each with its own code, none with a password. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';
import pg from 'pg';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { systemClock } from '../../src/run/clock.ts';
import { openSession, type Session, type SessionOptions } from '../../src/run/session.ts';
import { serverVersion, startOwnServer, withDatabase } from '../support/server.ts';
import { startUnreliableProxy } from '../support/unreliable-proxy.ts';

const secret = 'S3cret-of-the-test';
const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function listening(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    onSocket(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // a TCP server's address is always an AddressInfo
}

async function open(url: string, more: Partial<SessionOptions> = {}): Promise<Session> {
  return openSession({ url, applicationName: 'onward-test', clock: systemClock, ...more });
}

async function failure(url: string, more: Partial<SessionOptions> = {}): Promise<MigrateError> {
  try {
    await (await open(url, more)).close();
  } catch (error) {
    if (!(error instanceof MigrateError)) throw error;
    const everything = `${inspect(error, { depth: 20, showHidden: false })} ${JSON.stringify(error.details)} ${error.stack ?? ''}`;
    if (everything.includes(secret)) throw new Error('The error shows the password.', { cause: error });
    return error;
  }
  throw new Error('It should have failed.');
}

/** The test server's URL with parts replaced. */
function urlWith(change: (url: URL) => void): string {
  const url = new URL(inject('serverUrl'));
  change(url);
  return url.href;
}

describe('a connection that cannot be made', () => {
  test('names host and port when nothing listens', async () => {
    const port = await listening(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    const error = await failure(`postgres://me:${secret}@127.0.0.1:${port}/db`);
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });

  test('names the host when it cannot be resolved', async () => {
    const error = await failure(`postgres://me:${secret}@no-such-host.invalid/db`);
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain('no-such-host.invalid');
  });

  test('gives up when the server does not answer', async () => {
    const port = await listening(() => undefined);
    const error = await failure(`postgres://me:${secret}@127.0.0.1:${port}/db?connect_timeout=1`);
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message).toContain('timed out');
  });

  test('says so when the other end is no Postgres', async () => {
    const port = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failure(`postgres://me:${secret}@127.0.0.1:${port}/db`)).toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  test('asks for a right password', async () => {
    const error = await failure(urlWith((url) => (url.password = secret)));
    expect(error.code).toBe('AUTHENTICATION_FAILED');
  });

  test('asks for a password where none was given', async () => {
    const error = await failure(urlWith((url) => (url.password = '')));
    expect(error.code).toBe('AUTHENTICATION_FAILED');
    expect(error.hint).toContain('PGPASSWORD');
  });

  test('names a role that does not exist', async () => {
    const error = await failure(
      urlWith((url) => {
        url.username = 'nobody_here';
        url.password = secret;
      }),
    );
    expect(error.code).toBe('AUTHENTICATION_FAILED');
    expect(error.message).toContain('nobody_here');
  });

  test('shows how to create a database that is missing', async () => {
    const error = await failure(urlWith((url) => (url.pathname = '/no_such_db')));
    expect(error.code).toBe('DATABASE_MISSING');
    expect(error.hint).toMatch(/createdb .*no_such_db/);
  });

  test('shows the GRANT when the role may not connect', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const role = `r${database.name}`;
      await client.query(
        `create role ${role} login password '${secret}'; revoke connect on database ${database.name} from public`,
      );
      try {
        const url = new URL(database.url);
        url.username = role;
        url.password = secret;
        const error = await failure(url.href);
        expect(error.code).toBe('PERMISSION_DENIED');
        expect(error.hint).toContain(`GRANT CONNECT ON DATABASE ${database.name} TO ${role}`);
      } finally {
        await client.query(`drop role ${role}`);
      }
    });
  });

  test.each([
    'host=localhost dbname=app password=S3cret-of-the-test',
    'mysql://me:S3cret-of-the-test@localhost/db',
    'postgres://me:S3cret-of-the-test@a:b,c/db',
    'postgres://me:S3cret-of-the-test@local host/db',
    '',
  ])('refuses what is not a database URL, without showing it: %#', async (url) => {
    expect(await failure(url)).toMatchObject({ code: 'BAD_DATABASE_URL', exitCode: 2 });
  });

  test.each(['prefer', 'allow', 'disable'])(
    'goes without encryption where the server has none: sslmode=%s',
    async (mode) => {
      const session = await open(urlWith((url) => (url.search = `?sslmode=${mode}`)));
      expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await session.close();
    },
  );

  test('understands sslmode as libpq does, and warns about nothing', async () => {
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', note);
    const error = await failure(urlWith((url) => (url.search = '?sslmode=require')));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(error.code).toBe('CONNECTION_FAILED'); // the embedded server has no certificate
    expect(error.hint).toContain('sslmode=disable');
    expect(warnings).toEqual([]);
  });
});

describe('a server that will not do', () => {
  test('a read-only database is refused, except for reading', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`alter database ${database.name} set default_transaction_read_only = on`);
      expect(await failure(database.url)).toMatchObject({ code: 'READ_ONLY_SERVER' });
      await (await open(database.url, { readOnly: true })).close();
    });
  });

  test('a standby is refused, except for reading', async () => {
    const server = await startOwnServer();
    try {
      await writeFile(path.join(server.dataDirectory, 'standby.signal'), '');
      await server.restart('fast');
      const error = await failure(server.url);
      expect(error.code).toBe('READ_ONLY_SERVER');
      expect(error.hint).toContain('primary');
      await (await open(server.url, { readOnly: true })).close();
    } finally {
      await server.stop();
    }
  });

  test('a pooler in transaction mode is recognised', async () => {
    await withDatabase(async (database) => {
      const pooler = await transactionPooler(database.url);
      const error = await failure(pooler.url);
      await pooler.close();
      expect(error.code).toBe('UNSUPPORTED_SERVER');
      expect(error.hint).toContain('direct URL');
    });
  });
});

describe('a session', () => {
  test('keeps the settings that decide what SQL means, and sets those that we rely on', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      await client.query(`alter database ${database.name} set timezone = 'Asia/Tokyo';
        alter database ${database.name} set statement_timeout = '3s'; alter database ${database.name} set idle_session_timeout = '3s';
        alter database ${database.name} set search_path = app`);
      if (serverVersion() >= 17) await client.query(`alter database ${database.name} set transaction_timeout = '3s'`);
      const session = await open(database.url);
      const { rows } = await session.query<Record<string, string>>(
        `select current_setting('timezone') as zone, current_setting('idle_session_timeout') as idle,
                coalesce(current_setting('transaction_timeout', true), '0') as whole, current_setting('statement_timeout') as timeout,
                current_setting('search_path') as path, current_setting('client_connection_check_interval') as interval`,
      );
      await session.close();
      expect(rows).toEqual([{ zone: 'Asia/Tokyo', idle: '0', whole: '0', timeout: '0', path: 'app', interval: '1s' }]);
      expect(session.serverVersion).toBe(serverVersion());
    });
  });

  test('says that the connection was lost, and does not take the process down', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const session = await open(database.url);
      const sleeping = session.query('select pg_sleep(60)');
      await expect(
        Promise.all([sleeping, client.query('select pg_terminate_backend($1)', [session.backendPid])]),
      ).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await expect(session.query('select 1')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await session.close();
    });
  });

  test('gives up a connection that does not answer and is never closed, and only such a one', async () => {
    await withDatabase(async (database) => {
      let haste = 1;
      const hurried = {
        ...systemClock,
        sleep: (ms: number, stop?: AbortSignal) => systemClock.sleep(ms / haste, stop),
      };
      let opened = 0;
      const proxy = await startUnreliableProxy(database.url, () => {
        opened += 1;
        return opened === 1 ? { kind: 'silence', of: 'server', afterBytes: 10_000 } : null;
      });
      const session = await open(proxy.url, { clock: hurried });
      haste = 20;
      await session.query('select pg_sleep(1)');
      await expect(session.query("select repeat('x', 20000)")).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      expect(proxy.met('silence')).toBe(1);
      await session.close();
      await proxy.close();
    });
  });

  test('that is cut off while it authenticates says nothing about the password', async () => {
    const cutOff = { kind: 'cut', of: 'server', afterBytes: 40 } as const;
    const proxy = await startUnreliableProxy(inject('serverUrl'), () => cutOff);
    expect(await failure(proxy.url)).toMatchObject({ code: 'CONNECTION_FAILED' });
    await proxy.close();
  });

  test('cancels a statement when the signal aborts, and can be used afterwards', async () => {
    await withDatabase(async (database) => {
      const session = await open(database.url);
      const stop = new AbortController();
      const sleeping = session.query('select pg_sleep(60)', [], { signal: stop.signal });
      stop.abort('SIGINT');
      await expect(sleeping).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
      expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await session.close();
    });
  });

  test('rolls a transaction back when its work throws', async () => {
    await withDatabase(async (database) => {
      const session = await open(database.url);
      await session.query('create table t (n int)');
      const work = session.transaction(async () => {
        await session.query('insert into t values (1)');
        throw new Error('no');
      });
      await expect(work).rejects.toThrow('no');
      expect((await session.query('select * from t')).rowCount).toBe(0);
      await session.close();
    });
  });

  test('has no password that anybody could print', async () => {
    await withDatabase(async (database) => {
      const client = await database.connect();
      const session = await open(database.url);
      const password = decodeURIComponent(new URL(database.url).password);
      expect(inspect(session, { depth: 20 })).not.toContain(password);
      await session.close();
      await client.end();
    });
  });
});

/**
 * What PgBouncer does in transaction mode: all clients share one backend, a statement or a transaction at a time, and
 * are told a pid that is made up.
 */
async function transactionPooler(url: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const backend = new pg.Client({ connectionString: url });
  await backend.connect();
  backend.on('error', () => undefined); // it is ended by its socket
  const upstream = backend.connection.stream;
  upstream.removeAllListeners('data');
  const waiting: { readonly client: Socket; readonly data: Buffer }[] = [];
  let owner: Socket | null = null;
  let pid = 1_000_000;

  function serveNext(): void {
    const next = owner === null ? waiting.shift() : undefined;
    if (next === undefined) return;
    owner = next.client;
    upstream.write(next.data);
  }
  upstream.on('data', (data: Buffer) => {
    owner?.write(data);
    if (!data.subarray(-6).equals(readyAndIdle)) return;
    owner = null;
    serveNext();
  });
  const port = await listening((client) => {
    let started = false;
    client.on('error', () => undefined);
    client.on('data', (data: Buffer) => {
      if (!started) {
        started = true;
        pid += 1;
        client.write(welcome(pid));
      } else if (data.toString('latin1', 0, 1) === 'X') client.end();
      else if (owner === client) upstream.write(data);
      else {
        waiting.push({ client, data });
        serveNext();
      }
    });
  });
  const target = new URL(url);
  target.port = String(port);
  return { url: target.href, close: async () => void upstream.destroy() };
}

const readyAndIdle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]); // ReadyForQuery, no transaction

/** AuthenticationOk, BackendKeyData, ReadyForQuery. */
function welcome(pid: number): Buffer {
  const ok = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
  const key = Buffer.from([0x4b, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1]);
  key.writeInt32BE(pid, 5);
  return Buffer.concat([ok, key, readyAndIdle]);
}
