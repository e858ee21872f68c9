/**
 * What a migration would look like with its findings fixed: other statements in the same file, or the file cut into
 * several where that is the fix (NOT VALID here, VALIDATE in the next; CONCURRENTLY in one that runs outside a
 * transaction). Nothing is written here.
 *
 * Guarantee: a proposal was read again as its tool would read it, parsed and linted: it has fewer findings, no rule
 * fires more often than before, and the other files have exactly the findings that they had.
 */
import path from 'node:path';
import { applyFixes } from '../lint/fix.ts';
import type { Finding } from '../lint/finding.ts';
import type { LintFile } from '../lint/lint-file.ts';
import { insertAfterWord } from '../lint/statement-edit.ts';
import { blocksOf, splitParts, type Block, type Part } from '../lint/split-file.ts';
import type { MigrationFile } from '../plan/migration-file.ts';
import { followingNames } from './following-names.ts';
import { toolOf, type MigrationTool } from './migration-tool.ts';
import { splitSchemeOf, type NewFile, type SplitScheme } from './split-scheme.ts';
import { settingsFileOf, transactionModeOf } from './transaction-mode.ts';
import { upPart } from './up-part.ts';

export type FixProposal = {
  readonly file: string;
  /** sha256 of the bytes that the proposal was made for, hex. */
  readonly checksum: string;
  readonly before: string;
  readonly after: string;
  readonly made: readonly NewFile[];
  /** The migration and the new ones, as their tool would read them. */
  readonly files: readonly LintFile[];
  /** Findings that are gone. */
  readonly fixed: number;
};

/** A file that stays as it is although something in it could be fixed. */
export type FixRefusal = { readonly file: string; readonly reason: string };

export type FixTask = {
  readonly file: MigrationFile;
  /** The whole file as text: `file.source` is only its forward part. */
  readonly raw: string;
  readonly tool: MigrationTool | null;
  /** The file in which its tool looks for settings, if there is one. */
  readonly settings: string | null;
  /** Names beside the migration: files, or the folders of tools that have one for each. */
  readonly existing: readonly string[];
  /** True where the path is not free. */
  readonly isThere: (file: string) => boolean;
  /** The findings of these files in place of the migration; with `others`, those of all other files too. */
  readonly lintAs: (files: readonly LintFile[], scope: 'these' | 'all') => Promise<readonly Finding[]>;
};

/** What can be done, and what cannot; both null when there is nothing to fix. */
export type FixOutcome = { readonly proposal: FixProposal | null; readonly refusal: FixRefusal | null };

export async function proposeFix(task: FixTask): Promise<FixOutcome> {
  const { file, raw } = task;
  const refuse = (reason: string): FixRefusal => ({ file: file.path, reason });
  if (upPart(raw) !== file.source) {
    const refusal = refuse('it is a template, and the fix would write its values into it');
    return { proposal: null, refusal };
  }
  const before = await task.lintAs([file], 'all');
  const inFile = await fixedAsSent(task);
  const split = modeOf(task, inFile.text) === 'per-file' ? await splitFix(task, inFile.left) : null;
  const cutUp = split === null || typeof split === 'string' ? null : await verified(task, before, split);
  if (cutUp !== null) return { proposal: cutUp, refusal: null };
  const reason = typeof split === 'string' ? split : split === null ? null : 'the result would have other findings';
  const refusal = reason === null ? null : refuse(reason);
  if (inFile.text === raw) return { proposal: null, refusal };
  const proposal = await verified(task, before, { after: inFile.text, made: [] });
  return {
    proposal,
    refusal: proposal === null ? (refusal ?? refuse('the result would have other findings')) : refusal,
  };
}

type Text = { readonly after: string; readonly made: readonly NewFile[] };
type Mode = MigrationFile['transactionMode'];

/** How the tool would run the file if it were this text. */
function modeOf({ file, settings, tool }: FixTask, text: string): Mode {
  return transactionModeOf(file.path, text, settings, tool) ?? file.transactionMode;
}

const mostRounds = 50; // each round fixes at least one finding; more means that two fixes undo each other

/** The file after all fixes that need no other file, and the findings that are left. */
async function fixedInFile(
  task: FixTask,
  modeOfText: (text: string) => Mode,
): Promise<{ readonly text: string; readonly left: readonly Finding[] }> {
  let text = task.raw;
  for (let round = 0; ; round += 1) {
    const left = await task.lintAs([withMode({ ...task.file, source: upPart(text) }, modeOfText(text))], 'these');
    const { source: next, fixed } = applyFixes(
      text,
      left.map((finding) => inDialect(finding, task.tool)),
    );
    if (fixed.length === 0 || round === mostRounds) return { text, left };
    text = next;
  }
}

/** A text of one statement that gets a second one becomes a transaction: what was fixed for none may read otherwise then. */
async function fixedAsSent(task: FixTask): ReturnType<typeof fixedInFile> {
  const asItIs = await fixedInFile(task, (text) => modeOf(task, text));
  if (modeOf(task, asItIs.text) !== 'per-file' || modeOf(task, task.raw) === 'per-file') return asItIs;
  const together = await fixedInFile(task, () => 'per-file');
  const isSent = modeOf(task, together.text) === 'per-file';
  return isSent && together.left.length <= asItIs.left.length ? together : asItIs;
}

/** Drizzle sends what stands between two marks as one statement. */
function inDialect(finding: Finding, tool: MigrationTool | null): Finding {
  const { fix } = finding;
  if (tool !== 'drizzle' || fix === null) return finding;
  const statements = blocksOf(finding.file, fix.sql) ?? [];
  const sql = statements.map(({ statement }) => statement).join(';\n--> statement-breakpoint\n');
  return statements.length < 2 ? finding : { ...finding, fix: { ...fix, sql } };
}

function withMode(file: LintFile, mode: Mode): LintFile {
  if (mode !== undefined) return { ...file, transactionMode: mode };
  const { transactionMode: _absent, ...without } = file;
  return without;
}

/** Why it cannot be cut; null when that would cure nothing. */
async function splitFix(task: FixTask, left: readonly Finding[]): Promise<Text | string | null> {
  const { file, tool } = task;
  const alone = await fixedInFile(task, () => 'none');
  if (alone.left.length >= left.length) return null;
  const scheme = splitSchemeOf(tool);
  if (typeof scheme === 'string') return scheme;
  if (/\+goose[ \t]+statement(?:begin|end)/i.test(alone.text)) return 'it has +goose StatementBegin marks';
  const written = new Set((blocksOf(file.path, file.source) ?? []).map(({ statement }) => statement));
  const blocks = blocksOf(file.path, upPart(alone.text))?.map((block) => ({
    ...block,
    isOurs: !written.has(block.statement),
  }));
  if (blocks === undefined) return 'it cannot be cut into statements';
  if (blocks.some(({ statement }) => transactionControl.test(statement))) {
    return 'it has BEGIN or COMMIT of its own, so that its transactions can be divided by hand';
  }
  const allowed = new Set(alone.left.map(nameOf));
  const parts = await splitParts(blocks.length, scheme.modes, async (candidate) => {
    const files = candidate.map((part, index) => partFile(task, alone.text, blocks, part, index));
    const last = files.at(-1)?.path;
    const findings = await task.lintAs(files, 'these');
    return findings.every((finding) => finding.file !== last || allowed.has(nameOf(finding)));
  });
  if (parts === null) return 'a statement of it has a finding in a file of its own too';
  return cut(task, scheme, alone.text, blocks, parts) ?? 'there is no free number before the next migration';
}

const transactionControl = /^(?:begin|start\s+transaction|commit|end|rollback|abort|savepoint|release)\b/i;

function nameOf({ rule, statement }: Finding): string {
  return JSON.stringify([rule, statement]);
}

/** A part as the linter sees it before there is a file for it. */
function partFile(task: FixTask, text: string, blocks: readonly MarkedBlock[], part: Part, index: number): LintFile {
  const source = upPart(partText(text, blocks, part));
  return { path: `${task.file.path}#${index}`, source, transactionMode: part.mode };
}

type MarkedBlock = Block & {
  /** True when a fix made the statement. */
  readonly isOurs: boolean;
};

/** The text of a part, which begins with the settings of the session that the statements before it made. */
function partText(text: string, blocks: readonly MarkedBlock[], part: Part): string {
  const { from, to, mode } = part;
  // Alone in its text, a statement is sent without a transaction by tools that send texts.
  const isAlone = to - from === 1 && mode === 'none';
  const before = isAlone ? [] : blocks.slice(0, from).filter(({ statement }) => sessionSetting.test(statement));
  const inOrder = [...before, ...blocks.slice(from, to)];
  const pieces = inOrder.map((block, index) => {
    const statement = inPart(block, part, inOrder.slice(0, index));
    if (index < before.length) return statement === null ? '' : `${statement};\n`;
    const whole = text.slice(block.start, block.end);
    const at = whole.lastIndexOf(block.statement);
    return whole.slice(0, at) + (statement === null ? '' : statement + whole.slice(at + block.statement.length));
  });
  const own = pieces.slice(before.length).join('');
  return from === 0 ? own : `${pieces.slice(0, before.length).join('')}${own.trim()}\n`;
}

/**
 * A timeout of ours ends with the transaction, where there is one: the tool's connection goes on to other files. Null when
 * the part has set it already, which the trial without a transaction did not see.
 */
function inPart({ statement, isOurs }: MarkedBlock, { mode }: Part, before: readonly MarkedBlock[]): string | null {
  const name = timeoutSetBy(statement);
  if (!isOurs || mode !== 'per-file' || name === null) return statement;
  return before.some((other) => timeoutSetBy(other.statement) === name)
    ? null
    : insertAfterWord(statement, 'SET', 'LOCAL');
}

function timeoutSetBy(statement: string): string | null {
  return /^set\s+(?:local\s+|session\s+)?((?:lock|statement)_timeout)\b/i.exec(statement)?.[1]?.toLowerCase() ?? null;
}

const sessionSetting = /^set\s+(?:local\s+|session\s+)?(?:lock_timeout|statement_timeout|search_path|role)\b/i;

function cut(
  { file, existing, isThere }: FixTask,
  scheme: SplitScheme,
  text: string,
  blocks: readonly MarkedBlock[],
  parts: readonly Part[],
): Text | null {
  const [first, ...later] = parts;
  if (first === undefined) return null;
  const place = scheme.isNested ? path.dirname(file.path) : file.path;
  const titles = later.map((part, index) => titleOf(part, blocks, index + 2));
  const names = followingNames({ name: path.basename(place), existing }, titles);
  if (names === null) return null;
  const behindUp = blocks.at(-1)?.end ?? text.length;
  const kept = partText(text, blocks, first) + text.slice(behindUp);
  const marked = first.mode === 'none' && scheme.modes.single === 'per-file';
  const own = marked ? scheme.outside(file.path, kept) : { text: kept, beside: [] };
  const made = later.flatMap((part, index) =>
    scheme.files(
      path.join(path.dirname(place), names[index] ?? ''),
      partText(text, blocks, part),
      part.mode,
      path.basename(place, '.sql'),
    ),
  );
  const all = [...own.beside, ...made];
  return all.some((one) => isThere(one.path)) ? null : { after: own.text, made: all };
}

function titleOf({ from, to, mode }: Part, blocks: readonly Block[], number: number): string {
  const statements = blocks.slice(from, to).map(({ statement }) => statement);
  if (statements.every((statement) => /\bvalidate\s+constraint\b/i.test(statement))) return 'validate';
  if (mode === 'none' && statements.every((statement) => /\bconcurrently\b/i.test(statement))) return 'concurrently';
  return `part_${number}`;
}

/** The proposal, read and linted as it would stand on the disk; null when that is not better in every respect. */
async function verified(task: FixTask, before: readonly Finding[], { after, made }: Text): Promise<FixProposal | null> {
  const { file, raw, tool } = task;
  const settings = new Map(made.map((one) => [one.path, one.text]));
  const settingsOf = (place: string): string | null => settings.get(settingsFileOf(place) ?? '') ?? null;
  const read = (place: string, text: string, own: string | null): LintFile =>
    withMode(
      { ...file, path: place, source: upPart(text) },
      transactionModeOf(place, text, settingsOf(place) ?? own, tool ?? toolOf(place, text)) ?? file.transactionMode,
    );
  const first = read(file.path, after, task.settings);
  const others = made.filter((one) => isMigration(one.path)).map((one) => read(one.path, one.text, null));
  const now = await task.lintAs([first, ...others], 'all');
  const mine = new Set([file.path, ...others.map((one) => one.path)]);
  const fixed = before.length - now.length;
  const isBetter = fixed > 0 && !now.some((finding) => isMoreThan(finding.rule, now, before, mine));
  const strangers = (all: readonly Finding[]): string =>
    JSON.stringify(
      all.filter((finding) => !mine.has(finding.file)).map((finding) => [finding.file, finding.line, finding.rule]),
    );
  if (!isBetter || strangers(now) !== strangers(before)) {
    return null;
  }
  return { file: file.path, checksum: file.checksum, before: raw, after, made, files: [first, ...others], fixed };
}

function isMigration(place: string): boolean {
  return /\.sql$/i.test(place) && path.basename(place) !== 'down.sql';
}

function isMoreThan(
  rule: string,
  now: readonly Finding[],
  before: readonly Finding[],
  mine: ReadonlySet<string>,
): boolean {
  const count = (all: readonly Finding[]): number =>
    all.filter((finding) => finding.rule === rule && mine.has(finding.file)).length;
  return count(now) > count(before);
}
