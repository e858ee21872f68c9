/**
 * Reads a folder of migrations. Nothing is skipped in silence: a file that cannot be read, decoded or ordered is an
 * error that says what to do, because a migration that is passed over is a schema that differs between two machines.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { MigrateError } from '../errors.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { fillTemplate, type TemplateValues } from './fill-template.ts';
import { locateMigrations, migrationName, orderFileIn, type FolderEntry } from './folder-layout.ts';
import { toolOf, type MigrationTool } from './migration-tool.ts';
import { sqitchPlanFile } from './sqitch-plan.ts';
import { settingsFileOf, transactionModeOf } from './transaction-mode.ts';
import { upPart } from './up-part.ts';
import { decodeUtf8 } from './utf8.ts';

/** Costs a third of what the one with a file handle does, and there may be thousands of files. */
const bytesOf = promisify(readFile);

const filesAtOnce = 32; // enough to hide the latency of a network disk, far below any limit of open files

export type ReadingOptions = {
  /** For migrations that are templates: the value of each placeholder, by name. */
  readonly values?: TemplateValues;
  /** What takes the place of files on the disk, by absolute path: documents that an editor has not saved. */
  readonly texts?: ReadonlyMap<string, Uint8Array>;
  /** Which tool runs the files, where their names and marks do not tell; null and absent: as they tell. */
  readonly tool?: MigrationTool | null;
};

/** The migrations of a folder, in the order in which they run. An empty folder has none. */
export async function readMigrationFiles(
  folder: string,
  options: ReadingOptions = {},
): Promise<readonly MigrationFile[]> {
  const entries = await listFolder(folder);
  const listed = orderFileIn(entries);
  const parent = path.join(folder, '..');
  if (path.basename(folder) === 'deploy' && (await readIfThere(path.join(parent, sqitchPlanFile))) !== null)
    return readMigrationFiles(parent, options);
  const orderPath = listed === null ? null : path.join(folder, listed.file);
  const order =
    listed === null || orderPath === null
      ? null
      : { kind: listed.kind, text: decodeUtf8(await readBytes(orderPath), orderPath) };
  const tool = options.tool ?? (order?.kind === 'drizzle' ? 'drizzle' : null);
  const located = locateMigrations(entries, order, folder);
  const files: MigrationFile[] = [];
  for (let at = 0; at < located.length; at += filesAtOnce) {
    const group = located.slice(at, at + filesAtOnce);
    files.push(
      ...(await Promise.all(
        group.map(({ name, file }) => readMigrationFile(path.join(folder, file), { ...options, tool, name })),
      )),
    );
  }
  return files;
}

export type FileOptions = ReadingOptions & {
  /** What the ledger calls it; the file's own name when absent. */
  readonly name?: string;
};

/** One file. `checksum` is that of the bytes as they are on the disk; `source` is what goes forward of it. */
export async function readMigrationFile(file: string, options: FileOptions = {}): Promise<MigrationFile> {
  const settings = settingsFileOf(file);
  const bytes = options.texts?.get(path.resolve(file)) ?? (await readBytes(file));
  return fileFrom(bytes, file, options, settings === null ? null : await readIfThere(settings));
}

/** The same from bytes that came another way, for instance from standard input. */
export function migrationFileOf(bytes: Uint8Array, file: string, options: FileOptions = {}): MigrationFile {
  return fileFrom(bytes, file, options, null);
}

function fileFrom(bytes: Uint8Array, file: string, options: FileOptions, settings: string | null): MigrationFile {
  const whole = decodeUtf8(bytes, file);
  if (whole.trim() === '') {
    throw new MigrateError('FILE_EMPTY', `${file} is empty.`, {
      hint: 'Write the SQL into it, or delete the file. A migration that does nothing on purpose says so in a comment.',
      details: { file },
    });
  }
  const transactionMode = transactionModeOf(file, whole, settings, options.tool ?? toolOf(file, whole));
  return {
    name: options.name ?? migrationName(path.basename(file)),
    path: file,
    source: fillTemplate(upPart(whole), options.values ?? {}, file),
    checksum: checksumOf(bytes),
    ...(transactionMode === undefined ? {} : { transactionMode }),
  };
}

function checksumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await bytesOf(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function readIfThere(file: string): Promise<string | null> {
  const bytes = await bytesOf(file).catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT') return null;
    throw unreadable(file, cause);
  });
  return bytes === null ? null : decodeUtf8(bytes, file);
}

async function listFolder(folder: string): Promise<readonly FolderEntry[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw cannotList(folder, cause);
  });
  return Promise.all(
    entries.map(async (entry): Promise<FolderEntry> => {
      const place = path.join(folder, entry.name);
      if (!(await isFolder(place, entry))) return { kind: 'file', name: entry.name };
      const files = await fs.readdir(place).catch((cause: unknown) => {
        throw unreadable(place, cause);
      });
      return { kind: 'folder', name: entry.name, files };
    }),
  );
}

/** Follows links: Nix and Bazel lay out their inputs as links. A link to nothing is left to the reading of the file. */
async function isFolder(place: string, entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await fs.stat(place).catch(() => null))?.isDirectory() ?? false;
}

function cannotList(folder: string, cause: unknown): MigrateError {
  const code = systemCode(cause);
  if (code === 'ENOENT') {
    return new MigrateError('NO_MIGRATIONS_FOLDER', `There is no migrations folder ${folder}.`, {
      hint: 'Name another one with --dir or "dir" in onward.config.json, or make it: migrate init',
      details: { folder },
      cause,
    });
  }
  if (code === 'ENOTDIR') {
    return new MigrateError('NO_MIGRATIONS_FOLDER', `${folder} is a file, not a folder of migrations.`, {
      hint: 'Name the folder that holds it with --dir.',
      details: { folder },
      cause,
    });
  }
  return unreadable(folder, cause);
}

function unreadable(place: string, cause: unknown): MigrateError {
  const code = systemCode(cause);
  const reason = reasons[code] ?? `the system says ${code}`;
  return new MigrateError('FILE_UNREADABLE', `${place} cannot be read: ${reason}.`, {
    hint: 'Check that it exists and that this user may read it.',
    details: { file: place },
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ELOOP: 'its links go round in a circle',
  EMFILE: 'too many files are open',
};

function systemCode(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string'
    ? cause.code
    : 'an unknown error';
}
