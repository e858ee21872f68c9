/**
 * The acceptance run: every migration of a folder is planned and run online (expand, backfill, contract, each in order,
 * never the shortcut for small tables) with rows in the tables, and the final catalog must equal the one that the same
 * files give when they are run directly.
 *
 * What a person would have to write is written here, and counted: a value for a required column (`migrate:using`), or
 * `migrate:raw` where the plan refuses. Rows that a new constraint forbids are removed, as a person would clean them.
 */
import { describeDifference, diffCatalogs } from '../../src/catalog/diff.ts';
import type { Catalog } from '../../src/catalog/model.ts';
import { MigrateError } from '../../src/errors.ts';
import {
  contractMigrations,
  expandMigrations,
  introspect,
  readMigrationFiles,
  withRunner,
  type Runner,
  type VerbResult,
} from './engine.ts';
import type { MigrationFile } from '../../src/plan/migration-file.ts';
import type { Plan, PlannedMigration, Step } from '../../src/plan/plan.ts';
import { planMigrations } from '../../src/plan/planner.ts';
import { sqlstateOf } from '../../src/postgres/sqlstate.ts';
import { loadParser, parseStatements } from '../../src/sql/parse.ts';
import pg from 'pg';
import { withCorpusDatabase, type Corpus } from './corpus.ts';
import { sampleValue } from './sample-rows.ts';
import { Samples, type Say } from './samples.ts';
import { addCounts, countStatements, noStatements, type StatementCounts } from './statement-counts.ts';

export type AcceptanceReport = {
  readonly files: number;
  readonly counts: StatementCounts;
  readonly steps: number;
  readonly backfills: number;
  /** What differs in the end: must be empty. */
  readonly differences: readonly string[];
};

/** Attempts at one file: each adds one line that a person would write. */
const attemptsPerFile = 40;

/** `say` is told what had to be written, and where rows had to be removed. */
export async function acceptance(corpus: Corpus, say: Say): Promise<AcceptanceReport> {
  await loadParser();
  const files = await readMigrationFiles(corpus.folder, { values: corpus.values });
  const expected = await withCorpusDatabase(corpus, files, async (url) => runDirectly(files, url));
  return withCorpusDatabase(corpus, files, async (url) => runOnline(files, url, expected, say));
}

/** As the tool would: a file in one transaction, or statement by statement where it says so or Postgres demands it. */
async function runDirectly(files: readonly MigrationFile[], url: string): Promise<Catalog> {
  return connected(url, async (client) => {
    for (const file of files) {
      const alone = file.transactionMode === 'none' || /\bconcurrently\b|\badd\s+value\b/i.test(file.source);
      const texts = alone
        ? parseStatements(file.source, { file: file.path }).map((statement) => statement.text)
        : [file.source];
      for (const text of texts) await client.query(text);
      await client.query('RESET ALL');
    }
    return introspect(client);
  });
}

async function runOnline(
  files: readonly MigrationFile[],
  url: string,
  expected: Catalog,
  say: Say,
): Promise<AcceptanceReport> {
  let steps: readonly Step[] = [];
  let counts = noStatements;
  const differences = await connected(url, async (client) => {
    const samples = new Samples(client, say);
    await withRunner({ url }, async (runner) => {
      let catalog = await introspect(client);
      for (const original of files) {
        const { file, planned } = await runFile(runner, client, original, catalog, samples, say);
        catalog = await introspect(client);
        steps = [...steps, ...planned.steps];
        counts = addCounts(counts, countStatements(file, planned));
        await samples.put(catalog);
      }
    });
    return diffCatalogs(expected, await introspect(client)).map(describeDifference);
  });
  const backfills = steps.filter(({ run }) => run.kind === 'backfill').length;
  return {
    files: files.length,
    counts,
    steps: steps.length,
    backfills,
    differences,
  };
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The file as it ran in the end, with the lines that a person would have written. */
type Done = { readonly file: MigrationFile; readonly planned: PlannedMigration };

async function runFile(
  runner: Runner,
  client: pg.Client,
  original: MigrationFile,
  before: Catalog,
  samples: Samples,
  say: Say,
): Promise<Done> {
  let file = original;
  let catalog = before;
  let plan: Plan | null = null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const options = { smallTable: null, unused: false };
      // What was begun goes on by its own plan.
      plan ??= planMigrations({ migrations: [file], catalog, fingerprint: null, options }).plan;
      throwIfFailed(await expandMigrations(runner, plan, { backfill: true }));
      throwIfFailed(await contractMigrations(runner, { names: [file.name] }));
      const [planned] = plan.migrations;
      if (planned === undefined) throw new Error(`The plan of ${file.name} is empty.`);
      return { file, planned };
    } catch (error) {
      if (!(error instanceof MigrateError) || attempt >= attemptsPerFile) throw error;
      const next = await asAPersonWould(error, file, client, catalog, samples, say);
      if (next !== file) plan = null;
      file = next;
      catalog = await introspect(client);
    }
  }
}

function throwIfFailed({ error }: VerbResult): void {
  if (error !== null) throw error;
}

/** The file with the line that the error asks for, or the table without the rows that stand in the way. */
async function asAPersonWould(
  error: MigrateError,
  file: MigrationFile,
  client: pg.Client,
  catalog: Catalog,
  samples: Samples,
  say: Say,
): Promise<MigrationFile> {
  const { details } = error;
  const line = typeof details['line'] === 'number' ? details['line'] : null;
  if (error.code === 'VALUE_REQUIRED' && line !== null) {
    const type = typeof details['type'] === 'string' ? details['type'] : 'text';
    const directive = `-- migrate:using ${sampleValue(catalog, type, 1).text}`;
    say(`${file.name}:${line}: ${directive}`);
    return withLine(file, line, directive);
  }
  if (error.code === 'CANNOT_PLAN' && line !== null) {
    say(`${file.name}:${line}: -- migrate:raw (${error.message})`);
    return withLine(file, line, '-- migrate:raw -- the acceptance run has no application beside it');
  }
  if (error.code === 'DATA_VIOLATES' || error.code === 'BACKFILL_FAILED' || isAboutData(error)) {
    await samples.empty(file.name, error, await introspect(client));
    return file;
  }
  throw error;
}

/** A statement of the person that the sample rows do not fit: the plain file would fail on them too. */
function isAboutData(error: MigrateError): boolean {
  return error.code === 'STEP_FAILED' && /^2[23]/.test(sqlstateOf(error.cause) ?? '');
}

function withLine(file: MigrationFile, line: number, directive: string): MigrationFile {
  const lines = file.source.split('\n');
  return { ...file, source: lines.toSpliced(line - 1, 0, directive).join('\n') };
}
