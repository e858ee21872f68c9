/**
 * The processes of an embedded server: how `initdb` and `postgres` are spawned, ended and watched.
 *
 * Guarantee: a server never outlives the Node process that started it. A watchdog, a few lines of shell, waits for the
 * end of a pipe that we hold open: when our process ends in whatever way, `kill -9` included, the kernel closes the pipe,
 * and the watchdog stops the server and removes its files. On Windows, where there is no such shell, the programs are not
 * detached, and the system ends them with us.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { MigrateError } from '../errors.ts';
import type { ServerUser } from './server-binaries.ts';

const stopGraceMs = 15_000; // a fast shutdown writes one checkpoint; whatever takes longer is ended at once

export function startFailed(message: string, hint?: string, cause?: unknown): MigrateError {
  return new MigrateError('SERVER_START_FAILED', message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}

export async function end(child: ChildProcess, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (hasEnded(child)) return;
  child.ref();
  const ended = exitOf(child);
  child.kill(signal);
  const impatience = new AbortController();
  const late = pause(stopGraceMs, 'late', { signal: impatience.signal }).catch(() => 'in time');
  if ((await Promise.race([ended, late])) === 'late') child.kill('SIGQUIT');
  await ended;
  impatience.abort();
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

export async function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    if (hasEnded(child)) resolve(child.exitCode ?? child.signalCode ?? 'unknown');
    else child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

/**
 * Output goes to a file: a pipe would have to be read for ever, and would keep this process alive. `detached` gives the
 * program a session of its own, so that Ctrl-C in a terminal reaches us alone and not the server under our feet.
 */
export async function spawnLogged(
  program: string,
  parameters: readonly string[],
  workingDirectory: string,
  logFile: string,
  user: ServerUser,
): Promise<ChildProcess> {
  const log = await fs.open(logFile, 'a');
  try {
    const options: SpawnOptions = { ...processOptions(workingDirectory, user), stdio: ['ignore', log.fd, log.fd] };
    return await spawnStarted(program, parameters, options);
  } finally {
    await log.close();
  }
}

function processOptions(workingDirectory: string, user: ServerUser): SpawnOptions {
  return {
    cwd: workingDirectory, // ours may be one that the server's user cannot enter
    detached: process.platform !== 'win32',
    windowsHide: true,
    // Nothing of our environment: PGOPTIONS and its relatives, or a broken locale, would change the server.
    ...(process.platform === 'win32' ? {} : { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } }),
    ...user,
  };
}

async function spawnStarted(
  program: string,
  parameters: readonly string[],
  options: SpawnOptions,
): Promise<ChildProcess> {
  try {
    const child = spawn(program, parameters, options); // throws for some errors, such as EPERM, and emits the others
    await once(child, 'spawn');
    return child;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = 'If this runs as root in a restricted container, run it as an ordinary user instead.';
    throw startFailed(`${program} could not be run: ${reason}`, hint, cause);
  }
}

export async function endOfFile(file: string): Promise<string> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-15).join('\n') || 'it left no log.';
}

/**
 * `read` ends with a word from us (dismissed) or at the end of the pipe (we are gone). $1 is the folder to remove,
 * $2 the data directory. Without a postmaster.pid the server may be in initdb: it gets three seconds to finish.
 */
const watchdogScript = `
read -r word && exit 0
[ -f "$2/postmaster.pid" ] || sleep 3
if [ -f "$2/postmaster.pid" ]; then
  pid=$(head -n 1 "$2/postmaster.pid")
  kill -INT "$pid"
  tries=0
  while kill -0 "$pid"; do
    tries=$((tries + 1))
    [ "$tries" -eq 100 ] && kill -QUIT "$pid"
    [ "$tries" -ge 200 ] && break
    sleep 0.1
  done
fi
rm -rf "$1"
`;

export async function startWatchdog(
  home: string,
  dataDirectory: string,
  user: ServerUser,
): Promise<ChildProcess | null> {
  if (process.platform === 'win32') return null; // no shell to run it
  const parameters = ['-c', watchdogScript, 'onward-watchdog', home, dataDirectory];
  const options: SpawnOptions = { ...processOptions('/', user), stdio: ['pipe', 'ignore', 'ignore'] };
  const watchdog = await spawnStarted('/bin/sh', parameters, options);
  watchdog.stdin?.on('error', () => undefined); // somebody may have killed it before we dismiss it
  watchdog.unref();
  // The pipe is a socket for Node, and would keep the process alive.
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return watchdog;
}

export function dismiss(watchdog: ChildProcess | null): void {
  watchdog?.stdin?.end('dismissed\n');
}
