/**
 * `migrate import`: takes over from another migration tool. What its history says has run is entered into our ledger as
 * done; everything that comes after is ours. The other tool's table is only read, and the files stay as they are.
 */
import * as fs from 'node:fs/promises';
import { MigrateError } from '../../errors.ts';
import type { MigrationFile } from '../../plan/migration-file.ts';
import { qualified } from '../../sql/template.ts';
import { compareWithLedger } from '../applied-files.ts';
import { markDone } from '../ledger/mark-done.ts';
import type { Runner } from '../runner.ts';
import type { Session } from '../session.ts';
import { readHistory } from '../situation.ts';
import { codeFiles } from './code-files.ts';
import { findHistory, nameText, type HistoryChoice } from './find-history.ts';
import type { HistoryEntry, HistoryTool } from './history-tool.ts';
import { matchHistory, type HistoryMatch, type MatchedFile } from './match-history.ts';

export type ImportWanted = HistoryChoice & {
  readonly files: readonly MigrationFile[];
  readonly folder: string;
  /** Takes over although files differ from what ran, or are missing. */
  readonly force: boolean;
};

export type HistorySurvey = {
  readonly tool: string;
  /** Where the history is: `public._prisma_migrations`. */
  readonly table: string;
  /** Files that have run and are not in the ledger yet. */
  readonly toMark: readonly string[];
  /** Files that have run and are in the ledger already. */
  readonly known: readonly string[];
  /** Files that are still to run. */
  readonly pending: readonly string[];
  /** What ran as code. It stays with the other tool. */
  readonly code: readonly string[];
  /** Code that has not run: it has to, by the other tool. */
  readonly pendingCode: readonly string[];
  /** Ran, and there is no file of it. Empty unless forced. */
  readonly missing: readonly string[];
  /** Edited after they ran, by the other tool's own checksum. Empty unless forced. */
  readonly edited: readonly string[];
};

/** Nothing is written. */
export async function surveyHistory(session: Session, schema: string, wanted: ImportWanted): Promise<HistorySurvey> {
  return (await survey(session, schema, wanted)).report;
}

export type ImportResult = HistorySurvey & {
  /** False when the question was answered with no. */
  readonly imported: boolean;
};

/** `confirm` is asked when there is something to mark, with everything known and nothing written. */
export async function importHistory(
  runner: Runner,
  wanted: ImportWanted,
  confirm: (survey: HistorySurvey) => Promise<boolean>,
): Promise<ImportResult> {
  const { report, toMark } = await survey(runner.session, runner.ledger.schema, wanted);
  if (toMark.length > 0 && !(await confirm(report))) return { ...report, imported: false };
  const note = `It ran by ${report.tool}, whose history is in ${report.table}.`;
  await markDone(
    runner.ledger,
    toMark.map(({ file, at }) => ({ file, at, note })),
  );
  return { ...report, imported: true };
}

async function survey(
  session: Session,
  schema: string,
  { files, folder, force, ...choice }: ImportWanted,
): Promise<{ readonly report: HistorySurvey; readonly toMark: readonly MatchedFile[] }> {
  const { tool, table } = await findHistory(session, choice);
  const scope = (await tool.scopeOf?.(files)) ?? null;
  const { rows: entries } = await session.query<HistoryEntry>(tool.entries(qualified(table), scope).text);
  const code = await codeFiles(folder);
  const codeIds = await tool.idsOf(code);
  const match = matchHistory({ tool, entries, files, ids: await tool.idsOf(files), codeNames: new Set(codeIds) });
  const edited = await editedFiles(tool, match.ran);
  if (!force) refuseDifferent(tool, match, edited);

  const { records } = await readHistory(session, schema, files);
  const inLedger = new Set(records.map(({ name }) => name));
  const toMark = match.ran.filter(({ file }) => !inLedger.has(file.name));
  // With these in the ledger, is it a history from which one can go on?
  const [problem] = compareWithLedger(files, [...records, ...toMark.map(({ file }) => file)]).problems;
  if (problem !== undefined) throw problem;
  return {
    toMark,
    report: {
      tool: tool.name,
      table: nameText(table),
      toMark: toMark.map(({ file }) => file.name),
      known: files.filter(({ name }) => inLedger.has(name)).map(({ name }) => name),
      pending: match.pending.filter(({ name }) => !inLedger.has(name)).map(({ name }) => name),
      code: match.code,
      // Only what is named like a migration: helpers lie beside them.
      pendingCode: code
        .filter((file, index) => /^\d/.test(file.name) && !hasRun(entries, codeIds[index]))
        .map(({ name }) => name),
      missing: match.missing,
      edited,
    },
  };
}

function hasRun(entries: readonly HistoryEntry[], id: string | undefined): boolean {
  return entries.some((entry) => entry.id === id);
}

/** Names of files that are not what the tool's own checksum says. Other line ends are no other file. */
async function editedFiles({ checksum }: HistoryTool, ran: readonly MatchedFile[]): Promise<readonly string[]> {
  if (checksum === undefined) return [];
  const edited: string[] = [];
  for (const { file, checksum: kept } of ran) {
    if (kept === null) continue;
    const text = (await fs.readFile(file.path)).toString('utf8');
    const unix = text.replaceAll('\r\n', '\n');
    const asItMayBe = [text, unix, unix.replaceAll('\n', '\r\n')];
    if (!asItMayBe.some((each) => checksum(Buffer.from(each)) === kept)) edited.push(file.name);
  }
  return edited;
}

function refuseDifferent(tool: HistoryTool, { missing }: HistoryMatch, edited: readonly string[]): void {
  if (missing.length > 0) {
    throw new MigrateError(
      'FILE_MISSING',
      `${tool.title}'s history has ${listed(missing)}, and the folder has no file of ${missing.length === 1 ? 'it' : 'them'}.`,
      {
        hint: 'Is this the right folder (--dir) and the right branch? To take over without: migrate import --force',
        details: { tool: tool.name, missing },
      },
    );
  }
  if (edited.length > 0) {
    throw new MigrateError(
      'CHECKSUM_CHANGED',
      `Edited after ${tool.title} ran ${edited.length === 1 ? 'it' : 'them'}: ${listed(edited)}.`,
      {
        hint: 'Put the files back as they were (git log -p shows how). To take them as they are now: migrate import --force',
        details: { tool: tool.name, edited },
      },
    );
  }
}

const namesShown = 5;

function listed(names: readonly string[]): string {
  const more = names.length - namesShown;
  return `${names.slice(0, namesShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
