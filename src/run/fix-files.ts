/**
 * Fixes of several migrations: made one after the other, each on what the ones before left, and written.
 *
 * Must never happen: a file that somebody changed meanwhile is written over, a file that exists is made, or half of a
 * proposal stays. New files are made first and taken back when the migration itself cannot be written.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { MigrateError } from '../errors.ts';
import type { Finding } from '../lint/finding.ts';
import type { LintFile } from '../lint/lint-file.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { toolOf, type MigrationTool } from './migration-tool.ts';
import { proposeFix, type FixProposal, type FixRefusal } from './propose-fix.ts';
import { settingsFileOf } from './transaction-mode.ts';
import { decodeUtf8 } from './utf8.ts';

export type FixesInput = {
  /** All files of the run, in order. */
  readonly files: readonly (MigrationFile & LintFile)[];
  /** Which of them may be written. */
  readonly mayFix: (path: string) => boolean;
  /** Which tool runs them, where they do not tell. */
  readonly tool: MigrationTool | null;
  readonly lint: (files: readonly LintFile[]) => Promise<readonly Finding[]>;
};

export type Fixes = {
  readonly proposals: readonly FixProposal[];
  readonly refusals: readonly FixRefusal[];
  /** The files as they would be, the new ones among them. */
  readonly files: readonly LintFile[];
};

export async function fixesOf({ files, mayFix, tool, lint }: FixesInput): Promise<Fixes> {
  const proposals: FixProposal[] = [];
  const refusals: FixRefusal[] = [];
  let current: readonly LintFile[] = files;
  for (const file of files) {
    if (file.isShipped === true || !mayFix(file.path)) continue;
    const read = await wholeFile(file.path);
    if (checksumOf(read.bytes) !== file.checksum) {
      refusals.push({ file: file.path, reason: 'it changed since it was read' });
      continue;
    }
    const at = current.findIndex((one) => one.path === file.path);
    const outcome = await proposeFix({
      file,
      raw: read.text,
      tool: tool ?? (await journalTool(file.path)) ?? toolOf(file.path, read.text),
      settings: read.settings,
      existing: [...(await namesBeside(file.path)), ...proposals.flatMap(({ made }) => made.map(nameIn(file.path)))],
      isThere: existsSync,
      async lintAs(parts, scope) {
        const these = [...current.slice(0, at), ...parts, ...(scope === 'all' ? current.slice(at + 1) : [])];
        const findings = await lint(these);
        const wanted = new Set(parts.map((part) => part.path));
        return scope === 'all' ? findings : findings.filter((finding) => wanted.has(finding.file));
      },
    });
    if (outcome.refusal !== null) refusals.push(outcome.refusal);
    if (outcome.proposal === null) continue;
    proposals.push(outcome.proposal);
    current = current.toSpliced(at, 1, ...outcome.proposal.files);
  }
  return { proposals, refusals, files: current };
}

/** Writes what was proposed, and tells which files stayed as they are because they changed meanwhile. */
export async function writeFixes(proposals: readonly FixProposal[]): Promise<readonly FixRefusal[]> {
  const refusals: FixRefusal[] = [];
  for (const proposal of proposals) {
    const refusal = await writeFix(proposal);
    if (refusal !== null) refusals.push(refusal);
  }
  return refusals;
}

async function writeFix({ file, checksum, after, made }: FixProposal): Promise<FixRefusal | null> {
  const done: string[] = [];
  const temporary = `${file}.${checksum.slice(0, 8)}.tmp`;
  try {
    for (const one of made) {
      await fs.mkdir(path.dirname(one.path), { recursive: true });
      await fs.writeFile(one.path, one.text, { flag: 'wx' });
      done.push(one.path);
    }
    const { bytes } = await wholeFile(file);
    const mark = startsWithMark(bytes) ? '\uFEFF' : '';
    await fs.writeFile(temporary, mark + after, { flag: 'wx', mode: (await fs.stat(file)).mode });
    // As late as can be: what was written since the file was read must not be lost.
    if (checksumOf((await wholeFile(file)).bytes) === checksum) {
      await fs.rename(temporary, file);
      return null;
    }
    await takeBack([...done, temporary]);
    return { file, reason: 'it changed since it was read' };
  } catch (cause) {
    await takeBack([...done, temporary]);
    throw new MigrateError('FILE_UNREADABLE', `The fix of ${file} cannot be written.`, {
      hint: 'The file is as it was. Check that this user may write to its folder.',
      details: { file },
      cause,
    });
  }
}

async function takeBack(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await fs.rm(file, { force: true });
    // The folder of a tool that has one for each migration; it stays when anything is left in it.
    await fs.rmdir(path.dirname(file)).catch(() => undefined);
  }
}

type WholeFile = { readonly bytes: Uint8Array; readonly text: string; readonly settings: string | null };

async function wholeFile(file: string): Promise<WholeFile> {
  const bytes = await fs.readFile(file);
  const settings = settingsFileOf(file);
  const text = settings === null ? null : await fs.readFile(settings, 'utf8').catch(() => null);
  return { bytes, text: decodeUtf8(bytes, file), settings: text };
}

function startsWithMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function checksumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What has the name of the migration: its folder for Prisma and Diesel, else the file. */
function placeOf(file: string): string {
  return ['migration.sql', 'up.sql'].includes(path.basename(file)) ? path.dirname(file) : file;
}

async function namesBeside(file: string): Promise<readonly string[]> {
  return fs.readdir(path.dirname(placeOf(file))).catch(() => []);
}

function nameIn(file: string): (made: { readonly path: string }) => string {
  const folder = path.dirname(placeOf(file));
  return (made) => path.relative(folder, made.path).split(path.sep)[0] ?? '';
}

/** Drizzle's files are known by the journal beside them. */
async function journalTool(file: string): Promise<MigrationTool | null> {
  const journal = path.join(path.dirname(file), 'meta', '_journal.json');
  return (await fs.stat(journal).catch(() => null)) === null ? null : 'drizzle';
}
