/**
 * Postgres for the tests: one server for a whole run, one database for a test.
 *
 * The server is the one of TEST_DATABASE_URL, or a container when ONWARD_TEST_CONTAINERS=1, or else the embedded one;
 * ONWARD_TEST_PG=14…18 picks the version of the last two. ONWARD_TEST_DATA names a folder for the embedded one's data, which
 * may be in memory. A server that cannot start fails the run: nothing is skipped.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { repositoryFolder, startOwnServer, wantedVersion } from './own-server.ts';

export { repositoryFolder, startOwnServer };

const leakGraceMs = 3_000; // a backend needs a moment to notice that its client is gone
const leakPollMs = 10;

// --- the server of a run: called once, by the global setup ---------------------------------------------------------

export type TestServer = { readonly url: string; readonly version: number; stop(): Promise<void> };

export async function startTestServer(): Promise<TestServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return serverOf(given, async () => undefined);
  if (process.env['ONWARD_TEST_CONTAINERS'] === '1') return startContainer();
  const folder = process.env['ONWARD_TEST_DATA'];
  if (folder === undefined || folder === '') return startOwnServer();
  const dataDirectory = path.join(folder, `server-${randomBytes(8).toString('hex')}`);
  const server = await startOwnServer({ dataDirectory });
  return {
    url: server.url,
    version: server.version,
    async stop() {
      await server.stop();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

async function startContainer(): Promise<TestServer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(`postgres:${wantedVersion()}-alpine`)
    .withEnvironment({ POSTGRES_PASSWORD: 'test' })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200'])
    .withExposedPorts(5432)
    // Twice: the image starts a first server for its own set-up.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  const url = `postgres://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return serverOf(url, async () => {
    await container.stop();
  });
}

async function serverOf(url: string, stop: () => Promise<void>): Promise<TestServer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    return { url, version: Math.floor(Number(rows[0]?.version) / 10_000), stop };
  } finally {
    await client.end();
  }
}

// --- the databases of a test -----------------------------------------------------------------------------------------

export type TestDatabase = {
  readonly url: string;
  readonly name: string;
  /** A connected client that `drop` closes, so that a test need not. */
  connect(applicationName?: string): Promise<pg.Client>;
  /** Removes the database. Fails when anybody but `connect` left a session in it. */
  drop(): Promise<void>;
};

/** The major version of the run's server, for what only some versions can do. */
export function serverVersion(): number {
  return inject('serverVersion');
}

/** A fresh, empty database that lasts as long as `work`. */
export async function withDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createTestDatabase();
  let result: T;
  try {
    result = await work(database);
  } catch (error) {
    // What the test has to say matters more than a session that it left open because it failed.
    await database.drop().catch(() => undefined);
    throw error;
  }
  await database.drop();
  return result;
}

/** A fresh, empty database; the caller drops it. Prefer `withDatabase`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await admin().query(`create database ${name}`);
  const location = new URL(inject('serverUrl'));
  location.pathname = `/${name}`;
  const url = location.href;
  const clients: pg.Client[] = [];
  return {
    url,
    name,
    async connect(applicationName = 'test') {
      const client = new pg.Client({ connectionString: url, application_name: applicationName });
      client.on('error', () => undefined); // a test may kill this session on purpose
      await client.connect();
      clients.push(client);
      return client;
    },
    async drop() {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      const leaked = await sessionsLeftIn(name);
      await admin().query(`drop database if exists ${name} with (force)`);
      if (leaked.length > 0) {
        throw new Error(`The test left ${leaked.length} session(s) open:\n${leaked.join('\n')}`);
      }
    },
  };
}

let adminPool: pg.Pool | null = null;

/** Few connections for the whole test file; they do not keep the process alive. */
function admin(): pg.Pool {
  adminPool ??= new pg.Pool({ connectionString: inject('serverUrl'), max: 2, allowExitOnIdle: true });
  return adminPool;
}

async function sessionsLeftIn(database: string): Promise<readonly string[]> {
  for (let waitedMs = 0; ; waitedMs += leakPollMs) {
    const { rows } = await admin().query<{ description: string }>(
      `select format('pid %s, application %s, %s: %s', pid, application_name, state, query) as description
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || waitedMs >= leakGraceMs) return rows.map((row) => row.description);
    await new Promise((resolve) => setTimeout(resolve, leakPollMs));
  }
}
