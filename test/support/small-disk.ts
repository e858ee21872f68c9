/**
 * A server with a tablespace on a disk of its own that can be filled and emptied: a tmpfs of some megabytes, so what the
 * server meets is the kernel's own ENOSPC. Root mounts it; an ordinary user starts the server in a mount namespace of its
 * own, where it may. Where neither is allowed, this throws and says so: nothing is skipped.
 */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';
import type { EmbeddedServer } from '../../src/run/embedded-server.ts';
import { findServerBinaries } from '../../src/run/server-binaries.ts';
import { startOwnServer } from './server.ts';
import { on } from './standby.ts';

const run = promisify(execFile);

export type SmallDisk = {
  readonly server: EmbeddedServer;
  /** Lies on the disk. */
  readonly tablespace: string;
  /** Takes all room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  stop(): Promise<void>;
};

export async function startOnSmallDisk(megabytes: number): Promise<SmallDisk> {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'onward-disk-'));
  await fs.chmod(home, 0o755);
  const disk = path.join(home, 'disk');
  await fs.mkdir(disk);
  const isRoot = process.getuid?.() === 0;
  const server = isRoot ? await startOwnServer() : await startInNamespace(home, disk, megabytes);
  const stop = async (): Promise<void> => {
    await server.stop();
    if (isRoot) await run('umount', [disk]).catch(() => undefined);
    await fs.rm(home, { recursive: true, force: true });
  };
  const shell = (client: pg.Client, script: string): Promise<unknown> =>
    client.query(`copy (select) to program '${script}'`);
  const filler = path.join(disk, 'filler');
  try {
    if (isRoot) {
      await refused(run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk]));
      const { uid, gid } = await fs.stat(server.dataDirectory);
      await fs.chown(disk, uid, gid);
    }
    await on(server.url, async (client) => {
      await shell(client, `mkdir ${path.join(disk, 'space')}`);
      await client.query(`create tablespace small location '${path.join(disk, 'space')}'`);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    tablespace: 'small',
    // It ends when nothing more can be written.
    fill: () => on(server.url, (client) => shell(client, `dd if=/dev/zero of=${filler} bs=8k 2> /dev/null || true`)),
    free: () => on(server.url, (client) => shell(client, `rm -f ${filler}`)),
    stop,
  };
}

/** The server's own programs, started by scripts of the same name that make the disk first. */
async function startInNamespace(home: string, disk: string, megabytes: number): Promise<EmbeddedServer> {
  const { directory } = await findServerBinaries({}, null);
  const programs = path.join(home, 'programs');
  await fs.mkdir(programs);
  const enter = 'unshare --user --map-current-user --mount --keep-caps';
  const mount = `mount -t tmpfs -o size=${megabytes}m tmpfs ${disk}`;
  await refused(run('sh', ['-c', `${enter} sh -c '${mount}'`]));
  const script = (then: string): string => `#!/bin/sh\n${then}\n`;
  await fs.writeFile(path.join(programs, 'initdb'), script(`exec ${directory}/initdb "$@"`), { mode: 0o755 });
  await fs.writeFile(
    path.join(programs, 'postgres'),
    script(`exec ${enter} sh -c '${mount} && exec ${directory}/postgres "$@"' postgres "$@"`),
    { mode: 0o755 },
  );
  return startOwnServer({ binaryDirectory: programs });
}

async function refused(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw new Error(
      'A disk of its own is not allowed here. Run this as root with CAP_SYS_ADMIN, or as a user who may make namespaces ' +
        '(unshare --user --mount; sysctl kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu).',
      { cause },
    );
  }
}
