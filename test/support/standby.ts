/**
 * A streaming standby of a server of the tests. The embedded binaries come without pg_basebackup, so the copy is made as
 * the manual describes it for people without: pg_backup_start, copy the files, pg_backup_stop, write the label.
 *
 * https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { startOwnServer } from './own-server.ts';

export type Standby = {
  /** The superuser's URL of a database of it. */
  urlOf(database: string): string;
  /** Replay stands still, and what the primary writes is only received. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** What the primary writes from here on never arrives, as with an asynchronous standby that a network has lost. */
  stopReceiving(): Promise<void>;
  /** Makes a primary of it. */
  promote(): Promise<void>;
  stop(): Promise<void>;
};

/** `name` is what pg_stat_replication calls it. Streams already when the promise resolves. */
export async function startStandby(primary: EmbeddedServer, name: string): Promise<Standby> {
  const folder = await fs.mkdtemp(path.join(process.env['ONWARD_TEST_DATA'] || os.tmpdir(), 'onward-standby-'));
  await backUp(primary, folder);
  await fs.writeFile(path.join(folder, 'standby.signal'), '');
  const { username, password, hostname, port } = new URL(primary.url);
  const source = `host=${hostname} port=${port} user=${username} password=${password} application_name=${name}`;
  // In a file, and not on the command line, which nothing could change any more.
  await fs.appendFile(path.join(folder, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`);
  const server = await startOwnServer({ dataDirectory: folder });
  const urlOf = (database: string): string => {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    return url.href;
  };
  const standby: Standby = {
    urlOf,
    pauseReplay: () => on(server.url, (client) => client.query('select pg_wal_replay_pause()')),
    resumeReplay: () => on(server.url, (client) => client.query('select pg_wal_replay_resume()')),
    stopReceiving: () =>
      on(server.url, async (client) => {
        await client.query("alter system set primary_conninfo = ''");
        await client.query('select pg_reload_conf()');
        await until(client, 'select where not exists (select from pg_stat_wal_receiver)');
      }),
    promote: () => on(server.url, (client) => client.query('select pg_promote()')),
    stop: async () => {
      await server.stop();
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await on(primary.url, (client) => until(client, streaming, [name]));
  } catch (error) {
    await standby.stop();
    throw error;
  }
  return standby;
}

async function backUp(primary: EmbeddedServer, folder: string): Promise<void> {
  await on(primary.url, async (client) => {
    const [start, stop] =
      primary.version >= 15
        ? ["select pg_backup_start('standby', true)", 'select labelfile from pg_backup_stop(false)']
        : ["select pg_start_backup('standby', true, false)", 'select labelfile from pg_stop_backup(false, false)'];
    await client.query(start);
    await copyFiles(primary.dataDirectory, folder);
    const { rows } = await client.query<{ labelfile: string }>(stop);
    await fs.writeFile(path.join(folder, 'backup_label'), rows[0]?.labelfile ?? '');
  });
}

const streaming = `select from pg_stat_replication
  where application_name = $1 and state = 'streaming' and replay_lsn is not null`;

/** Files that belong to the running primary, or that the standby gets by streaming. */
const left = /^(?:postmaster\.(?:pid|opts)|pg_wal\/.*|pg_replslot\/.*)$/;

async function copyFiles(from: string, to: string): Promise<void> {
  for (const entry of await fs.readdir(from, { recursive: true, withFileTypes: true })) {
    const file = path.relative(from, path.join(entry.parentPath, entry.name));
    if (entry.isDirectory()) await fs.mkdir(path.join(to, file), { recursive: true });
    else if (!left.test(file)) {
      await fs.mkdir(path.dirname(path.join(to, file)), { recursive: true });
      // A file that the primary has removed meanwhile is missed by nobody: its log says so.
      await fs.copyFile(path.join(from, file), path.join(to, file)).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      });
    }
  }
}

/** Asks until there is a row. */
async function until(client: pg.Client, query: string, values: readonly string[] = []): Promise<void> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    const { rowCount } = await client.query(query, [...values]);
    if (rowCount !== null && rowCount > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`It never came to that: ${query}`);
}

/** In a connection of its own, which the server may end. */
export async function on(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
