/** The ways to name a server that psql knows: several hosts, sockets, service files, .pgpass, TLS. */
import * as fs from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { systemClock } from '../../src/run/clock.ts';
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { openSession, type Session } from '../../src/run/session.ts';
import { runMain } from '../cli/run-main.ts';
import { startOwnServer, withDatabase } from '../support/server.ts';

const open = async (url: string): Promise<Session> =>
  openSession({ url, applicationName: 'onward-test', clock: systemClock });

async function failure(url: string): Promise<MigrateError> {
  try {
    await (await open(url)).close();
  } catch (error) {
    if (error instanceof MigrateError) return error;
    throw error;
  }
  throw new Error('It should have failed.');
}

/** A port at which nobody listens any more. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is always an AddressInfo
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-connection-'));
  try {
    return await work(folder);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

describe('several hosts', () => {
  const server = new URL(inject('serverUrl'));
  const withHosts = (hosts: string, query = ''): string =>
    `postgres://${server.username}:${server.password}@${hosts}${server.pathname}${query}`;

  test('are tried in their order, until one will do', async () => {
    const dead = `127.0.0.1:${await deadPort()}`;
    const session = await open(withHosts(`${dead},${server.host}`));
    expect(session.place).toBe(server.host);
    // The second connection goes to the same server.
    expect(await session.observe('select 1 as one')).toEqual([{ one: 1 }]);
    await session.close();
    const asLists = `?host=127.0.0.1,${server.hostname}&port=${dead.split(':')[1]},${server.port}`;
    await (await open(withHosts('', asLists))).close();
    await (await open(withHosts(`${dead},${server.host}`, '?target_session_attrs=prefer-standby'))).close();

    const error = await failure(withHosts(`${dead},${dead}`));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.message.split(`Nothing listens at ${dead}`)).toHaveLength(3);
  });

  test('are asked once: another session of a runner goes to the host that was chosen', async () => {
    const port = await deadPort();
    const session = await open(withHosts(`127.0.0.1:${port},${server.host}`));
    // The first host is back.
    let asked = 0;
    const back = createServer((socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((listening) => back.listen(port, '127.0.0.1', listening));
    const again = await session.openAgain('onward-test/worker');
    expect([again.place, asked]).toEqual([server.host, 0]);
    await again.close();
    await session.close();
    back.close();
  });

  test('of which none can be written to are told by their reasons', async () => {
    const error = await failure(withHosts(server.host, '?target_session_attrs=standby'));
    expect(error).toMatchObject({ code: 'READ_ONLY_SERVER', message: expect.stringContaining('is not standby') });
    const both = await failure(
      withHosts(`127.0.0.1:${await deadPort()},${server.host}`, '?target_session_attrs=read-only'),
    );
    expect(both).toMatchObject({
      code: 'READ_ONLY_SERVER',
      message: expect.stringMatching(/Nothing listens.*not read-only/s),
    });
  });
});

test.each([
  ['sslmode=verify-ca', 'sslrootcert'],
  ['sslmode=strict', 'verify-full'],
  ['sslmode=require&sslrootcert=/no/such/file', '/no/such/file'],
  ['sslcrl=x', 'sslcrl'],
  ['channel_binding=require', 'verify-full'],
  ['target_session_attrs=writable', 'read-write'],
])('%s is refused with what to do', async (query, told) => {
  const error = await failure(`postgres://me:secret@localhost:1/db?${query}`);
  expect(error.code).toBe('BAD_DATABASE_URL');
  expect(`${error.message} ${error.hint}`).toContain(told);
});

test('of several listeners only the last one is called', async () => {
  await withDatabase(async (database) => {
    const session = await open(database.url);
    const heard: string[] = [];
    for (const name of ['first', 'second']) session.onNotification(() => heard.push(name));
    await session.query('listen something');
    await session.query('notify something');
    await session.close();
    expect(heard).toEqual(['second']);
  });
});

test('a Unix socket is named by its folder', async () => {
  const server = await startOwnServer();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ folder: string }>(
      `select split_part(setting, ', ', 1) as folder from pg_settings where name = 'unix_socket_directories'`,
    );
    const folder = rows[0]?.folder ?? '';
    if (folder === '') return; // a platform without them
    const { username, password, port } = new URL(server.url);
    const credentials = `${username}:${password}`;
    for (const url of [
      `postgres://${credentials}@${encodeURIComponent(folder)}:${port}/postgres`,
      `postgres://${credentials}@/postgres?host=${folder}&port=${port}`,
    ]) {
      const session = await open(url);
      expect((await session.query('select inet_server_addr() as address')).rows).toEqual([{ address: null }]);
      await session.close();
    }
  } finally {
    await client.end();
    await server.stop();
  }
});

describe('the command line', () => {
  test('reads the variables, the service file and the password file of libpq', async () => {
    await withDatabase(async (database) =>
      withFolder(async (folder) => {
        const url = new URL(database.url);
        const password = decodeURIComponent(url.password);
        const migrations = path.join(folder, 'migrations');
        await fs.mkdir(migrations);
        await fs.writeFile(path.join(migrations, '0001_a.sql'), 'create table a (id int);');
        const run = (env: Readonly<Record<string, string>>) => runMain(['status', '--dir', migrations], { env });
        const services = path.join(folder, 'services.conf');
        await fs.writeFile(
          services,
          `# ours\n[other]\nhost=nowhere.invalid\n[shop]\nhost=${url.hostname}\nport=${url.port}\nuser=${decodeURIComponent(url.username)}\ndbname=${database.name}\n`,
        );
        const passwords = path.join(folder, 'passwords');
        await fs.writeFile(
          passwords,
          `${url.hostname}:*:${database.name}:*:${password.replaceAll(/[:\\]/g, '\\$&')}\n`,
        );
        await fs.chmod(passwords, 0o600);
        // The driver itself reads these two.
        vi.stubEnv('PGPASSFILE', passwords);
        const warned = vi.spyOn(process, 'emitWarning');
        try {
          const named = { PGHOST: url.hostname, PGPORT: url.port, PGUSER: url.username, PGDATABASE: database.name };
          expect(await run(named)).toMatchObject({ code: 0, out: expect.stringContaining('0001_a') });
          const service = { PGSERVICEFILE: services, PGSERVICE: 'shop' };
          expect(warned).not.toHaveBeenCalled();
          expect(await run(service)).toMatchObject({ code: 0 });
          expect(await run({ PGSERVICEFILE: services, DATABASE_URL: 'postgres://?service=shop' })).toMatchObject({
            code: 0,
          });
          const missing = await run({ ...service, PGSERVICE: 'none' });
          expect(missing.code).toBe(2);
          expect(missing.err).toContain('there is no service "none"');
          vi.stubEnv('PGPASSFILE', path.join(folder, 'none'));
          expect((await run(named)).err).toContain('PGPASSWORD');
        } finally {
          vi.unstubAllEnvs();
          warned.mockRestore();
        }
      }),
    );
  });
});

describe('a server with a certificate', () => {
  const files = path.join(import.meta.dirname, 'tls');
  const root = path.join(files, 'server.crt');
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await startOwnServer();
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    for (const name of ['server.crt', 'server.key']) {
      // Written by the server: it wants its key to be its own, and nobody else's to read.
      const lines = (await fs.readFile(path.join(files, name), 'utf8')).trim().split('\n');
      const target = path.join(server.dataDirectory, name).replaceAll("'", "''");
      await client.query(`copy (select unnest(array['${lines.join("','")}']))
        to program 'cat > "${target}" && chmod 600 "${target}"'`);
    }
    await client.query('alter system set ssl = on');
    await client.query('select pg_reload_conf()');
    await client.end();
  });

  afterAll(async () => {
    await server.stop();
  });

  const urlWith = (hostname: string, query: string): string => {
    const url = new URL(server.url);
    url.hostname = hostname;
    url.search = query;
    return url.href;
  };

  test.each([
    ['localhost', 'sslmode=require'],
    ['127.0.0.1', 'sslmode=prefer'],
    ['127.0.0.1', `sslmode=verify-ca&sslrootcert=${root}`],
    ['localhost', `sslmode=verify-full&sslrootcert=${root}`],
  ])('is reached, encrypted: %s with %s', async (hostname, query) => {
    const session = await open(urlWith(hostname, query));
    const { rows } = await session.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
    await session.close();
  });

  test.each([
    ['localhost', 'sslmode=verify-full'],
    ['127.0.0.1', `sslmode=verify-full&sslrootcert=${root}`],
  ])('is refused when it cannot be verified: %s with %s', async (hostname, query) => {
    const error = await failure(urlWith(hostname, query));
    expect(error.code).toBe('CONNECTION_FAILED');
    expect(error.hint).toContain('sslrootcert=<file>');
  });
});
