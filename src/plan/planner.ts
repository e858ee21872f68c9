/**
 * From migration files to a plan: decode each statement into changes, ask each change's operation for its steps, keep
 * the file's order wherever it matters, and let the operations say what each step locks.
 *
 * Two catalogs are folded. The logical one has every change applied as soon as it is read, and is what operations plan
 * on. The physical one follows the steps in the order in which they will run, and is what the claims about locks are
 * made from (`annotate.ts`).
 *
 * Order: a change that meets one which had to wait (a later phase) waits with it; everything else goes as early as its
 * operation allows. A migration that meets another pending migration's contract waits for that contract as a whole.
 */
import type { Catalog } from '../catalog/model.ts';
import { applyChange, decodeStatement } from '../operations/index.ts';
import type { Companion } from '../operations/operation.ts';
import { parseFile } from '../sql/parse.ts';
import { forwardStatements } from '../sql/sections.ts';
import { annotateSteps } from './annotate.ts';
import { planChecksum } from './checksum.ts';
import { draftMigration, type DraftOutcome } from './draft-migration.ts';
import { totalEstimate } from './estimate.ts';
import type { MigrationFile } from './migration-file.ts';
import { History } from './order.ts';
import { directivesOf } from './plan-directives.ts';
import type { PlanOptions } from './plan-options.ts';
import { planFormatVersion, type Plan } from './plan.ts';
import { versionPromises } from './version-promises.ts';
import type { VersionPromise } from './version-promise.ts';

export type PlanInput = {
  /** The pending migrations, in the order in which they are to run. */
  readonly migrations: readonly MigrationFile[];
  /** The schema before the first of them: live, or folded from the migrations before. */
  readonly catalog: Catalog;
  /** Fingerprint of the live catalog; null without a database. */
  readonly fingerprint: string | null;
  /** Migrations that were expanded but not contracted: a pending one that meets them waits. */
  readonly unfinished?: readonly MigrationFile[];
  readonly options: PlanOptions;
};

export type PlanOutcome = {
  readonly plan: Plan;
  /** The schema after all of them, as far as it can be folded. */
  readonly catalog: Catalog;
};

/**
 * The plan for these migrations.
 *
 * Throws MigrateError: SYNTAX_ERROR and BAD_DIRECTIVE with a position; VALUE_REQUIRED with the line to write;
 * CANNOT_PLAN with what stands in the way.
 */
export function planMigrations(input: PlanInput): PlanOutcome {
  const history = new History();
  for (const file of input.unfinished ?? []) history.addUnfinished(file.name, changesOf(file), input.catalog);

  let catalog = input.catalog;
  const drafted: DraftOutcome[] = [];
  for (const file of input.migrations) {
    const outcome = draftMigration(file, catalog, history, input.options, input.fingerprint !== null);
    catalog = outcome.catalog;
    if (outcome.migration.waitsFor !== null) history.noteWaiting(file.name);
    drafted.push(outcome);
  }
  const versions = input.options.unused ? drafted.map(() => []) : promisesOf(drafted);
  const migrations = annotateSteps(
    drafted.map(({ migration }, index) => ({ ...migration, versions: versions[index] ?? [] })),
    input.catalog,
    input.options,
  );
  const plan: Omit<Plan, 'checksum'> = {
    formatVersion: planFormatVersion,
    fingerprint: input.fingerprint,
    serverVersion: input.catalog.version,
    migrations,
    estimate: totalEstimate(migrations.flatMap(({ steps }) => steps.map(({ estimate }) => estimate))),
  };
  return { plan: { ...plan, checksum: planChecksum(plan) }, catalog };
}

/** One that waits for another one's contract comes with a later deploy, whose old version knows what the others leave. */
function promisesOf(drafted: readonly DraftOutcome[]): readonly (readonly VersionPromise[])[] {
  const isNow = ({ migration }: DraftOutcome) => migration.waitsFor === null;
  const now = versionPromises(drafted.map((outcome) => (isNow(outcome) ? outcome.changes : [])));
  return drafted.map((outcome, index) =>
    isNow(outcome) ? (now[index] ?? []) : (versionPromises([outcome.changes])[0] ?? []),
  );
}

/** Only the schema after the migrations: what lint's history and a plan without a database start from. */
export function foldMigrations(files: readonly MigrationFile[], catalog: Catalog): Catalog {
  return files.reduce(
    // What a file sets holds until its end.
    (before, file) => ({
      ...changesOf(file).reduce((current, { change }) => applyChange(current, change), before),
      searchPath: before.searchPath,
    }),
    catalog,
  );
}

function changesOf(file: MigrationFile): readonly Companion[] {
  return forwardStatements(parseFile(file.source, { file: file.path })).flatMap((statement) =>
    decodeStatement(statement).map((change) => ({ change, directives: directivesOf(statement.directives) })),
  );
}
