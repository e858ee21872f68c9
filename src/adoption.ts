/**
 * Beginning with a database that has a past, as a part of the library: taking over from another migration tool, entering
 * what is there already, and comparing a schema with the files that should have made it.
 */
import type { Difference } from './catalog/diff.ts';
import { MigrateError } from './errors.ts';
import type { BaselineResult } from './run/import/baseline.ts';
import type { HistorySurvey, ImportResult, ImportWanted } from './run/import/import-history.ts';
import { filesOf, positionOf, type MigrationSource } from './run/migration-source.ts';
import type { DatabaseOptions } from './run/reading.ts';
import { running, withoutUndefined, type RunOptions } from './run/running.ts';
import { loadParser } from './sql/parse.ts';

export type { BaselineResult, HistorySurvey, ImportResult };

export type ImportInput = MigrationSource &
  RunOptions & {
    /** The tool to take over from; by default the one whose history is in the database. */
    readonly tool?: string;
    /** Where it was told to keep its history: `name` or `schema.name`. */
    readonly historyTable?: string;
    /** Takes over although files were edited after they ran, or are missing. */
    readonly force?: boolean;
    /** Asked with everything known and nothing written; false leaves everything as it is. */
    readonly confirm?: (survey: HistorySurvey) => Promise<boolean>;
  };

/**
 * Takes over from another migration tool: what its history says has run is done for us too. That history is only read.
 *
 * @example
 * ```ts
 * import { importHistory } from 'onward';
 *
 * const { tool, toMark, pending } = await importHistory({
 *   databaseUrl: 'postgres://localhost/shop',
 *   dir: 'prisma/migrations',
 * });
 * console.log(`${toMark.length} migrations ran by ${tool}; still to run: ${pending.join(', ')}`);
 * ```
 */
export async function importHistory(input: ImportInput): Promise<ImportResult> {
  const wanted = await importWanted(input);
  const taken = await import('./run/import/import-history.ts');
  return running(input, (runner) =>
    taken.importHistory(runner, wanted, input.confirm ?? (() => Promise.resolve(true))),
  );
}

/** What `importHistory` would do. Writes nothing. */
export async function surveyHistory(input: Omit<ImportInput, 'confirm'>): Promise<HistorySurvey> {
  const wanted = await importWanted(input);
  const taken = await import('./run/import/import-history.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) => taken.surveyHistory(session, schema, wanted));
}

async function importWanted({ tool, historyTable, force, ...source }: ImportInput): Promise<ImportWanted> {
  const files = await filesOf(source);
  return { files, folder: source.dir ?? '.', tool: tool ?? null, table: historyTable ?? null, force: force === true };
}

export type StandInOptions = {
  /** An empty database on which the files are run, to know exactly what schema they make. */
  readonly standInUrl: string;
};

export type DiffInput = MigrationSource &
  DatabaseOptions &
  StandInOptions & {
    /** The last migration to count; by default what the ledger says has begun, or all files where there is no ledger. */
    readonly to?: string;
    readonly signal?: AbortSignal;
  };

/**
 * What differs between a live schema and what the files make that ran there. Owners and privileges are not compared.
 *
 * @example
 * ```ts
 * import { diff, startEmbeddedServer } from 'onward';
 *
 * const standIn = await startEmbeddedServer();
 * const differences = await diff({ databaseUrl: 'postgres://localhost/shop', standInUrl: standIn.url });
 * for (const { kind, path } of differences) console.log(kind, path);
 * await standIn.stop();
 * ```
 */
export async function diff(input: DiffInput): Promise<readonly Difference[]> {
  await loadParser();
  const files = await filesOf(input);
  const { to, standInUrl, signal } = input;
  const { compareWithFiles } = await import('./run/compare-with-files.ts');
  const { readHistory } = await import('./run/situation.ts');
  const { reading } = await import('./run/reading.ts');
  const ran = await reading(input, async (session, schema) => {
    const { records } = await readHistory(session, schema, files);
    return new Set(records.map(({ name }) => name));
  });
  const wanted =
    to === undefined
      ? files.filter(({ name }) => ran.size === 0 || ran.has(name))
      : files.slice(0, positionOf(files, to) + 1);
  return compareWithFiles(wanted, { live: input, standInUrl, ...withoutUndefined({ signal }) });
}

export type BaselineInput = MigrationSource &
  RunOptions & {
    /** The last migration whose changes are in the database. */
    readonly to: string;
    /** Absent: the schema is not compared, which only `force` allows. */
    readonly standInUrl?: string;
    /** Marks them although the schema differs from what they make. */
    readonly force?: boolean;
  };

/**
 * Enters the migrations up to a name as done, in a database that has their schema and no history. Throws SCHEMA_DRIFT when
 * it is another schema.
 *
 * @example
 * ```ts
 * import { baseline, startEmbeddedServer } from 'onward';
 *
 * const standIn = await startEmbeddedServer();
 * await baseline({ databaseUrl: 'postgres://localhost/shop', to: '0042_last_one', standInUrl: standIn.url });
 * await standIn.stop();
 * ```
 */
export async function baseline(
  input: BaselineInput,
): Promise<BaselineResult & { readonly differences: readonly Difference[] }> {
  await loadParser();
  const files = await filesOf(input);
  const { to, standInUrl, force = false, signal } = input;
  const count = positionOf(files, to) + 1;
  if (standInUrl === undefined && !force) {
    throw new MigrateError('BAD_USAGE', 'There is no stand-in to compare the schema with.', {
      hint: 'Name an empty database as standInUrl, or say with force that the schema is known to be right.',
    });
  }
  const { compareWithFiles } = await import('./run/compare-with-files.ts');
  const { markBaseline, notTheSame } = await import('./run/import/baseline.ts');
  const differences =
    standInUrl === undefined
      ? []
      : await compareWithFiles(files.slice(0, count), { live: input, standInUrl, ...withoutUndefined({ signal }) });
  if (differences.length > 0 && !force) throw notTheSame(to, differences);
  return { ...(await running(input, (runner) => markBaseline(runner, { files, count }))), differences };
}
