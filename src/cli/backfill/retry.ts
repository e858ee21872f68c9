/** `migrate backfill retry`: the rows that were left out, once more. */
import type { ExitCode } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';
import { withDatabase } from '../database.ts';
import { namesGiven } from '../names-given.ts';
import { openSteps } from '../open-steps.ts';
import { runVerb } from '../outcome.ts';
import { functionFile, runFunctionFile } from './function-file.ts';

export const backfillRetry: Verb = {
  name: 'retry',
  arguments: '[migrations...]',
  summary: 'try the rows that were left out once more',
  description:
    'Try the rows that could not be changed again, once you have corrected them, and finish the backfill. "migrate ' +
    'backfill status" lists them with the reason of each.',
  options: [],
  examples: [
    ['migrate backfill retry', 'all that were left out'],
    ['migrate backfill retry 0007_require_phone', 'of one migration'],
    ['migrate backfill retry hash-emails.ts', 'of a backfill of your own'],
  ],
  run: runRetry,
};

async function runRetry(call: Call): Promise<ExitCode> {
  const { retryBackfill } = await import('../../index.ts');
  const file = functionFile(call);
  if (file !== null) {
    return withDatabase(call, (databaseUrl) => runFunctionFile(call, databaseUrl, file, { join: true, retry: true }));
  }
  return withDatabase(call, (databaseUrl) =>
    call.flags.dryRun === true
      ? openSteps(call, databaseUrl, 'backfill')
      : runVerb(call, databaseUrl, (options) => retryBackfill({ ...options, ...namesGiven(call) })),
  );
}
