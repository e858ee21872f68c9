/**
 * A real Postgres for people without one: for `--embedded`, the demo, `--shadow` and the tests.
 *
 * `initdb` makes a data directory in the temporary folder, `postgres` runs as our direct child on a free port of
 * 127.0.0.1, and `stop` removes everything again. As root, both run as another user, because Postgres refuses root.
 *
 * Guarantees: the server is reachable when the promise resolves; the superuser has a random password; durability is off
 * unless asked for. Must never happen: a server that outlives us (see the watchdog in server-process.ts).
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import {
  dismiss,
  end,
  endOfFile,
  exitOf,
  hasEnded,
  spawnLogged,
  startFailed,
  startWatchdog,
} from './server-process.ts';
import {
  canBeEnteredBy,
  findServerBinaries,
  openTemporaryFolder,
  type ServerBinaries,
  type ServerUser,
} from './server-binaries.ts';

export type EmbeddedServerOptions = {
  /** Major version; the newest that is packaged when absent, or the one of an existing data directory. */
  readonly version?: number;
  /** Folder that holds `initdb` and `postgres`, instead of those that npm installed. */
  readonly binaryDirectory?: string;
  /** Kept at stop. An existing one (a copy for a standby, for example) is run as it is; otherwise it is made. */
  readonly dataDirectory?: string;
  /** Server settings, as in postgresql.conf; they win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Survive a crash of the machine: slower, and needed only where durability itself is tested. */
  readonly durable?: boolean;
  readonly port?: number;
};

/** `fast` disconnects everybody and writes a checkpoint; `immediate` is a crash, followed by recovery. */
type RestartMode = 'fast' | 'immediate';

export type EmbeddedServer = {
  /** Superuser's URL of the database `postgres`. */
  readonly url: string;
  /** Major version. */
  readonly version: number;
  readonly port: number;
  readonly dataDirectory: string;
  /** What the server says, for diagnosis; gone after `stop`. */
  readonly logFile: string;
  /** Makes an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  restart(mode: RestartMode): Promise<void>;
  /** Stops the server and removes its files. A second call does nothing. */
  stop(): Promise<void>;
};

const superuser = 'postgres';
const passwordFileName = 'onward-password'; // inside the data directory, so that a copy of it can be run too
const readyPollMs = 20; // a start takes 100 ms or more, and a refused connection costs well under 1 ms
const readyAttempts = 3_000; // × 20 ms = one minute: recovery after a crash on a slow disk
const startAttempts = 3; // somebody else may take the free port between our look and the server's bind
const longestSocketPath = 100; // bytes; the kernel's limit is 107 on Linux and 103 on macOS

/**
 * @example
 * ```ts
 * const server = await startEmbeddedServer();
 * try {
 *   console.log(server.url);
 * } finally {
 *   await server.stop();
 * }
 * ```
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const user = await serverUser(options.dataDirectory);
  const existingVersion =
    options.dataDirectory === undefined ? null : await versionOfDataDirectory(options.dataDirectory);
  const version = options.version ?? existingVersion ?? undefined;
  const binaries = await findServerBinaries({ version, binaryDirectory: options.binaryDirectory }, user);

  const home = await fs.mkdtemp(path.join(await openTemporaryFolder(), 'onward-server-'));
  await giveTo(user, home);
  const dataDirectory = path.resolve(options.dataDirectory ?? path.join(home, 'data'));
  let watchdog: ChildProcess | null = null;
  const abandon = async (): Promise<void> => {
    dismiss(watchdog);
    await removeFolder(home);
  };

  try {
    watchdog = await startWatchdog(home, dataDirectory, user);
    const password = await prepareDataDirectory(dataDirectory, binaries, home, user);
    const actualVersion = await versionOfDataDirectory(dataDirectory);
    if (actualVersion === null) throw startFailed(`initdb left no PG_VERSION in ${dataDirectory}.`);
    const running = await startOnFreePort(options, binaries.directory, dataDirectory, home, user, password);
    return handle(running, actualVersion, password, abandon);
  } catch (error) {
    await abandon();
    throw error;
  }
}

/** Everything that is needed to start the same server again. */
type Launch = {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly port: number;
  readonly home: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly user: ServerUser;
};

type Running = { readonly launch: Launch; readonly child: ChildProcess };

function handle(first: Running, version: number, password: string, remove: () => Promise<void>): EmbeddedServer {
  const { launch } = first;
  let child = first.child;
  let stopping: Promise<void> | null = null;
  return {
    url: urlOf(launch.port, password, 'postgres'),
    version,
    port: launch.port,
    dataDirectory: launch.dataDirectory,
    logFile: launch.logFile,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: urlOf(launch.port, password, 'postgres') });
      await client.connect();
      try {
        await client.query(`create database ${pg.escapeIdentifier(name)}`);
      } finally {
        await client.end();
      }
      return urlOf(launch.port, password, name);
    },
    async restart(mode) {
      await end(child, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      child = await launchAndWait(launch, password);
    },
    stop() {
      stopping ??= end(child, 'SIGINT').then(remove);
      return stopping;
    },
  };
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

// --- who runs it, and in which folders ---------------------------------------------------------------------------

/**
 * As root: the owner of an existing data directory, else `postgres`, else `nobody`. A number without an entry in
 * /etc/passwd will not do: initdb looks its own user up and stops when there is none.
 */
async function serverUser(dataDirectory: string | undefined): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return null;
  if (dataDirectory !== undefined) {
    const owner = await fs.stat(dataDirectory).catch(() => null);
    if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  }
  const accounts = (await fs.readFile('/etc/passwd', 'utf8').catch(() => ''))
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const account = accounts.find((fields) => fields[0] === name);
    const uid = Number(account?.[2]);
    const gid = Number(account?.[3]);
    if (Number.isInteger(uid) && uid > 0 && Number.isInteger(gid)) return { uid, gid };
  }
  throw startFailed(
    'Postgres refuses to run as root, and this machine has neither a user postgres nor a user nobody.',
    'Run this as an ordinary user, or add a user: "useradd --system postgres".',
  );
}

async function giveTo(user: ServerUser, folder: string): Promise<void> {
  if (user !== null) await fs.chown(folder, user.uid, user.gid);
}

async function versionOfDataDirectory(dataDirectory: string): Promise<number | null> {
  const text = await fs.readFile(path.join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => null);
  return text === null ? null : Number.parseInt(text, 10);
}

/** Makes the data directory unless it is there already; returns the superuser's password. */
async function prepareDataDirectory(
  dataDirectory: string,
  binaries: ServerBinaries,
  home: string,
  user: ServerUser,
): Promise<string> {
  const passwordFile = path.join(dataDirectory, passwordFileName);
  if ((await versionOfDataDirectory(dataDirectory)) !== null) {
    await takeOver(dataDirectory, user);
    try {
      return (await fs.readFile(passwordFile, 'utf8')).trim();
    } catch (cause) {
      const message = `The data directory ${dataDirectory} was not made by onward: it has no file ${passwordFileName}.`;
      throw startFailed(message, 'Start that server yourself and give its URL.', cause);
    }
  }
  await fs.mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await giveTo(user, dataDirectory);
  if (!(await canBeEnteredBy(dataDirectory, user))) {
    throw startFailed(
      `The user that runs Postgres (uid ${user?.uid}) cannot enter ${dataDirectory}.`,
      'Choose a folder that every user can reach: Postgres does not run as root.',
    );
  }
  const password = randomBytes(18).toString('hex');
  const initialPassword = path.join(home, 'password');
  await fs.writeFile(initialPassword, `${password}\n`, { mode: 0o600 });
  await giveTo(user, initialPassword);
  await runInitdb(dataDirectory, binaries, home, initialPassword, user);
  // Last and at once, so that a data directory with this file is a finished one. It may be on another disk than the first.
  const written = `${passwordFile}.tmp`;
  await fs.writeFile(written, `${password}\n`, { mode: 0o600 });
  await giveTo(user, written);
  await fs.rename(written, passwordFile);
  return password;
}

/** A copy made by root belongs to root and is readable by others; Postgres accepts neither. */
async function takeOver(dataDirectory: string, user: ServerUser): Promise<void> {
  if (user === null || (await fs.stat(dataDirectory)).uid === user.uid) return;
  await fs.chmod(dataDirectory, 0o700);
  await fs.chown(dataDirectory, user.uid, user.gid);
  for (const entry of await fs.readdir(dataDirectory, { recursive: true })) {
    await fs.lchown(path.join(dataDirectory, entry), user.uid, user.gid);
  }
}

async function runInitdb(
  dataDirectory: string,
  { directory, version }: ServerBinaries,
  home: string,
  passwordFile: string,
  user: ServerUser,
): Promise<void> {
  const logFile = path.join(home, 'initdb.log');
  const child = await spawnLogged(
    path.join(directory, 'initdb'),
    [
      `--pgdata=${dataDirectory}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      // Thousands of rounds guard a password that can be guessed. Ours is random, and they would be most of the time that
      // a connection takes. Servers before 16 have no such setting.
      ...(version !== null && version >= 16 ? ['--set=scram_iterations=1'] : []),
      // The only locale that every machine has; it sorts by code point, the same everywhere.
      '--locale=C',
      '--encoding=UTF8',
      '--no-sync',
      '--no-instructions',
    ],
    home,
    logFile,
    user,
  );
  const code = await exitOf(child);
  if (code !== 0) throw startFailed(`initdb failed (${code}): ${await endOfFile(logFile)}`);
}

// --- the server process --------------------------------------------------------------------------------------------

async function startOnFreePort(
  options: EmbeddedServerOptions,
  binaryDirectory: string,
  dataDirectory: string,
  home: string,
  user: ServerUser,
  password: string,
): Promise<Running> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const settings: Record<string, string> = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories:
        process.platform === 'win32' || Buffer.byteLength(home) > longestSocketPath - '/.s.PGSQL.65535'.length
          ? ''
          : home,
      max_connections: '200', // tests of a whole run share one server
      timezone: 'UTC',
      ...(options.durable === true ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
      ...options.settings,
    };
    const launch: Launch = {
      program: path.join(binaryDirectory, 'postgres'),
      parameters: [
        '-D',
        dataDirectory,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      port,
      home,
      dataDirectory,
      logFile: path.join(home, 'server.log'),
      user,
    };
    try {
      return { launch, child: await launchAndWait(launch, password) };
    } catch (error) {
      if (options.port !== undefined || attempt === startAttempts) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(startFailed('The system gave no free port.'));
        else resolve(address.port);
      });
    });
  });
}

/** Resolves when the server accepts connections. */
async function launchAndWait(launch: Launch, password: string): Promise<ChildProcess> {
  const child = await spawnLogged(launch.program, launch.parameters, launch.home, launch.logFile, launch.user);
  // Our process may end although the server runs; the watchdog takes care of it then.
  child.unref();
  for (let attempt = 0; attempt < readyAttempts; attempt += 1) {
    if (hasEnded(child)) {
      const log = await endOfFile(launch.logFile);
      throw startFailed(
        `Postgres ended while it was starting (${child.exitCode ?? child.signalCode}): ${log}`,
        'The log above says why; a port in use, a full disk and too little memory are the usual reasons.',
      );
    }
    if (await accepts(urlOf(launch.port, password, 'postgres'))) return child;
    await pause(readyPollMs);
  }
  await end(child, 'SIGQUIT');
  throw startFailed(
    `Postgres did not accept connections within ${(readyAttempts * readyPollMs) / 1000} s: ${await endOfFile(launch.logFile)}`,
    'Look at the log above; a slow disk or a long recovery are the usual reasons.',
  );
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // a server that is still starting may cut the connection at any time
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function removeFolder(folder: string): Promise<void> {
  // Windows keeps files locked for a moment after their process ended.
  await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
