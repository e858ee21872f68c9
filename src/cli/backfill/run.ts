/** `migrate backfill run`, which `migrate backfill` means too: fills existing rows, where expand did not do it already. */
import { closestName } from '../../closest-name.ts';
import { MigrateError, type ExitCode } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';
import { withDatabase } from '../database.ts';
import { runVerb } from '../outcome.ts';
import { openSteps } from '../open-steps.ts';
import { namesGiven } from '../names-given.ts';
import { functionFile, newVersionOption, runFunctionFile } from './function-file.ts';
import { onErrorOption, workersOption, workOptions } from './work-options.ts';

export const backfillRun: Verb = {
  name: 'run',
  arguments: '[migrations...]',
  summary: 'fill existing rows; what "migrate backfill" does',
  description:
    'Fill the rows that were there before expand, in short batches. It can be stopped and started again at any time. ' +
    '"migrate expand" does it too, unless it was told --no-backfill. A file whose default export is made by ' +
    'defineBackfill is a backfill of your own: it is run in place of those of migrations.',
  options: [workersOption, onErrorOption, newVersionOption],
  examples: [
    ['migrate backfill', 'everything that is expanded'],
    ['migrate backfill 0007_require_phone', 'one migration'],
    ['migrate backfill --workers 4', 'up to four sessions at a time'],
    ['migrate backfill run hash-emails.ts', 'a backfill of your own'],
  ],
  run: runBackfill,
};

async function runBackfill(call: Call): Promise<ExitCode> {
  const { backfill } = await import('../../index.ts');
  const file = functionFile(call);
  if (file !== null) return withDatabase(call, (databaseUrl) => runFunctionFile(call, databaseUrl, file));
  return withDatabase(call, (databaseUrl) =>
    call.flags.dryRun === true
      ? openSteps(call, databaseUrl, 'backfill')
      : runVerb(call, databaseUrl, (options) =>
          backfill({ ...workOptions(call, options), ...namesGiven(call) }).catch((error: unknown) => {
            throw mistyped(call.args, error) ?? error;
          }),
        ),
  );
}

const others = ['status', 'pause', 'resume', 'cancel', 'throttle', 'retry', 'join', 'workers'];

/** `migrate backfill resum` was looked up as a migration. */
function mistyped(args: readonly string[], error: unknown): MigrateError | null {
  const [first] = args;
  if (first === undefined || args.length > 1) return null;
  const meant = closestName(first, others);
  if (meant === null || !(error instanceof MigrateError) || error.code !== 'NOT_EXPANDED') return null;
  return new MigrateError('BAD_USAGE', `There is neither a "migrate backfill ${first}" nor a migration ${first}.`, {
    hint: `Did you mean: migrate backfill ${meant}`,
    cause: error,
  });
}
