/**
 * The history of another tool against the files: which of them have run. Pure. A history that failed half way, that has
 * gaps, or that is not that of these files is refused: to go on from there would leave two databases with one list of names
 * and different schemas.
 */
import path from 'node:path';
import { MigrateError } from '../../errors.ts';
import type { MigrationFile } from '../../plan/migration-file.ts';
import { isFlywayRepeatable } from '../flyway-names.ts';
import type { HistoryEntry, HistoryTool } from './history-tool.ts';

export type MatchedFile = {
  readonly file: MigrationFile;
  /** When it ran; null where the tool does not keep it. */
  readonly at: Date | null;
  /** As the tool kept it; null where it keeps none. */
  readonly checksum: string | null;
};

export type HistoryMatch = {
  /** Files that have run, in their order. */
  readonly ran: readonly MatchedFile[];
  /** Files that have not. */
  readonly pending: readonly MigrationFile[];
  /** What ran as code: it stays with the other tool. */
  readonly code: readonly string[];
  /** What ran and of which there is no file. */
  readonly missing: readonly string[];
};

export type MatchInput = {
  readonly tool: HistoryTool;
  readonly entries: readonly HistoryEntry[];
  readonly files: readonly MigrationFile[];
  /** The tool's id of each file. */
  readonly ids: readonly string[];
  /** Names of migrations in the folder that are code. */
  readonly codeNames: ReadonlySet<string>;
};

export function matchHistory({ tool, entries, files, ids, codeNames }: MatchInput): HistoryMatch {
  const failed = entries.find(({ state }) => state === 'failed');
  if (failed !== undefined) throw unfinished(tool, failed);
  const byId = new Map(ids.map((id, index) => [id, index]));
  const { compare } = tool;
  const indexOf = (id: string): number =>
    byId.get(id) ?? (compare === undefined ? -1 : ids.findIndex((candidate) => compare(candidate, id) === 0));
  const ran = new Map<number, HistoryEntry | null>();
  const code: string[] = [];
  const missing: string[] = [];
  for (const entry of entries) {
    const index = indexOf(entry.id);
    if (entry.state === 'up to') {
      for (const [at, id] of ids.entries())
        if (compare !== undefined && compare(id, entry.id) <= 0 && !ran.has(at)) ran.set(at, null);
    } else if (index !== -1) ran.set(index, entry);
    else if (entry.state === 'code' || codeNames.has(entry.id)) code.push(entry.id);
    else missing.push(entry.id);
  }
  const pending = files.filter((_, index) => !ran.has(index));
  refuseGap(tool, files, ran, pending);
  return {
    ran: files.flatMap((file, index) => {
      const entry = ran.get(index);
      return entry === undefined ? [] : [{ file, at: entry?.at ?? null, checksum: entry?.checksum ?? null }];
    }),
    pending,
    code,
    missing,
  };
}

function unfinished(tool: HistoryTool, { id }: HistoryEntry): MigrateError {
  return new MigrateError(
    'HISTORY_UNFINISHED',
    `${tool.title}'s history says that ${id} began and did not end. Nothing was taken over.`,
    { hint: `${tool.repair(id)}\nThen: migrate import`, details: { tool: tool.name, migration: id } },
  );
}

function refuseGap(
  tool: HistoryTool,
  files: readonly MigrationFile[],
  ran: ReadonlyMap<number, unknown>,
  pending: readonly MigrationFile[],
): void {
  const last = files.findLastIndex((file, index) => ran.has(index) && !isFlywayRepeatable(path.basename(file.path)));
  const overtaken = pending.find((file) => files.indexOf(file) < last);
  const lastFile = files[last];
  if (overtaken === undefined || lastFile === undefined) return;
  throw new MigrateError(
    'FILE_OUT_OF_ORDER',
    `${overtaken.path} has not run by ${tool.title}'s history, and it comes before ${lastFile.name}, which has.`,
    {
      hint: `Run it with ${tool.title} first, or give it a number after the last one that ran. Nothing was taken over.`,
      details: { file: overtaken.path, migration: overtaken.name, lastApplied: lastFile.name },
    },
  );
}
