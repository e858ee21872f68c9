/**
 * A file whose default export is a backfill of the person's own: `migrate backfill run hash-emails.ts`. It is told from the
 * name of a migration by its ending, and loaded as a module of JavaScript; newer versions of Node take TypeScript too.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { exitCodes, MigrateError, type ExitCode } from '../../errors.ts';
import type { BackfillDefinition, FunctionRun, RunOptions } from '../../index.ts';
import { errorJson, errorText } from '../../report/error-text.ts';
import { functionResultText } from '../../report/function-result-text.ts';
import { lookOf, textFlag, type Call, type VerbOption } from '../call.ts';
import { isJsonLog, logError, logEvents } from '../json-log.ts';
import { showProgress, type Progress } from '../progress.ts';
import { runOptions } from '../run-options.ts';
import { workOptions } from './work-options.ts';

export const newVersionOption: VerbOption = {
  flags: '--new-version <what>',
  text: 'of a file: another version of its function has begun it',
  choices: ['continue', 'restart'],
};

/** Null when migrations were named, or nothing. Throws BAD_USAGE when a file is not the only one. */
export function functionFile({ args }: Pick<Call, 'args'>): string | null {
  const file = args.find((arg) => /\.[cm]?[jt]s$/i.test(arg));
  if (file === undefined) return null;
  if (args.length === 1) return file;
  throw new MigrateError('BAD_USAGE', 'A file with a backfill of your own is run alone.', {
    hint: `migrate backfill run ${file}`,
  });
}

export async function runFunctionFile(
  call: Call,
  databaseUrl: string,
  file: string,
  more: FunctionRun & { readonly retry?: boolean } = {},
): Promise<ExitCode> {
  const definition = await loadDefinition(file);
  if (call.flags.dryRun === true) {
    call.print(`${definition.name}, version ${definition.version}: the rows of ${definition.table}\n`);
    call.print('\nThis was a dry run: nothing was changed.\n');
    call.result({ name: definition.name, version: definition.version, table: definition.table });
    return exitCodes.done;
  }
  const { runBackfill } = await import('../../index.ts');
  const { retry = false, ...run } = more;
  const newVersion = textFlag(call.own, 'newVersion');
  const progress: Progress = isJsonLog(call.flags) ? logEvents(call) : showProgress(call);
  try {
    const given = workOptions(call, runOptions(call, databaseUrl, progress));
    const options: RunOptions & FunctionRun = {
      ...given,
      backfills: { ...given.backfills, retry },
      ...run,
      ...(newVersion === 'continue' || newVersion === 'restart' ? { newVersion } : {}),
    };
    const result = await runBackfill(definition, options);
    progress.stop();
    if (result.error === null) {
      call.print(functionResultText(result));
      call.result(result);
      return exitCodes.done;
    }
    const look = lookOf(call.terminal.err, call.flags, call.terminal.env);
    if (isJsonLog(call.flags)) logError(call.terminal.err, result.error);
    else call.terminal.err.write(`\n${errorText(result.error, { ...look, verbose: call.flags.verbose === true })}`);
    call.result({ ...result, ...errorJson(result.error) });
    return result.error.exitCode;
  } finally {
    progress.stop();
  }
}

async function loadDefinition(file: string): Promise<BackfillDefinition> {
  const { isBackfillDefinition } = await import('../../index.ts');
  const loaded = await load(file);
  const value = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
  if (isBackfillDefinition(value)) return value;
  throw new MigrateError('BAD_USAGE', `${file} does not export a backfill.`, {
    hint: "Write: export default defineBackfill({ name: '…', table: '…', handler: async (rows, db) => { … } });",
    details: { file },
  });
}

async function load(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path.resolve(file)).href);
  } catch (cause) {
    if (isUnknownEnding(cause)) throw takesNoTypes(file, cause);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrateError('BAD_USAGE', `${file} cannot be loaded: ${reason.replace(/\.$/, '')}.`, {
      hint: 'It is loaded as a module of JavaScript; what it throws and what it cannot import ends here.',
      details: { file },
      cause,
    });
  }
}

/** Node before 22.18, without a loader that takes TypeScript. */
function isUnknownEnding(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
}

function takesNoTypes(file: string, cause: unknown): MigrateError {
  return new MigrateError('BAD_USAGE', `Node ${process.version} cannot run ${file}: it takes no TypeScript.`, {
    hint: [
      'Use Node 22.18 or later, which leaves the types out by itself. Or one of:',
      `  npx tsc ${file} && migrate backfill run ${file.replace(/ts$/i, 'js')}`,
      `  NODE_OPTIONS="--import tsx" migrate backfill run ${file}`,
    ].join('\n'),
    details: { file },
    cause,
  });
}
