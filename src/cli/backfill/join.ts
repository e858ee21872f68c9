/** `migrate backfill join`: works on the backfills that another process leads, from this machine. */
import { exitCodes, type ExitCode } from '../../errors.ts';
import { hasFlag, type Call, type Verb } from '../call.ts';
import { withDatabase } from '../database.ts';
import { namesGiven } from '../names-given.ts';
import { openSteps } from '../open-steps.ts';
import { showProgress } from '../progress.ts';
import { runOptions } from '../run-options.ts';
import { functionFile, runFunctionFile } from './function-file.ts';
import { workersOption, workOptions } from './work-options.ts';

export const backfillJoin: Verb = {
  name: 'join',
  arguments: '[migrations...]',
  summary: 'work on what another process leads, from here',
  description:
    'Take part in the backfills that "migrate backfill" leads somewhere else. Any number of machines may; each chunk of ' +
    'a table has one worker at a time, and the chunk of a worker that dies is taken over.',
  options: [workersOption, { flags: '--stay', text: 'wait for the next backfill instead of ending' }],
  examples: [
    ['migrate backfill join', 'until nothing is left to do'],
    ['migrate backfill join --workers 4 --stay', 'as a service'],
    ['migrate backfill join hash-emails.ts', 'a backfill of your own, which needs its file here too'],
  ],
  run: runJoin,
};

async function runJoin(call: Call): Promise<ExitCode> {
  const { workOnBackfills } = await import('../../index.ts');
  const file = functionFile(call);
  if (file !== null) {
    return withDatabase(call, (databaseUrl) => runFunctionFile(call, databaseUrl, file, { join: true }));
  }
  return withDatabase(call, async (databaseUrl) => {
    if (call.flags.dryRun === true) return openSteps(call, databaseUrl, 'backfill');
    const progress = showProgress(call);
    try {
      const options = workOptions(call, runOptions(call, databaseUrl, progress));
      const until = hasFlag(call.own, 'stay') ? 'interrupted' : 'idle';
      await workOnBackfills({ ...options, ...namesGiven(call), until });
    } finally {
      progress.stop();
    }
    call.print('No backfill is left to work on.\n');
    call.result({ error: null });
    return exitCodes.done;
  });
}
