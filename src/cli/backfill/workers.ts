/** `migrate backfill workers`: who works, on which machine, and how fast. */
import { exitCodes, type ExitCode } from '../../errors.ts';
import { workersText } from '../../report/backfill-report-text.ts';
import type { Call, Verb } from '../call.ts';
import { withDatabase } from '../database.ts';

export const backfillWorkers: Verb = {
  name: 'workers',
  summary: 'who works, on which machine, and how fast',
  description: 'List the workers of all machines, with the database session of each. Those that died are not listed.',
  options: [],
  examples: [
    ['migrate backfill workers', 'for people'],
    ['migrate backfill workers --json', 'for a program'],
  ],
  run: runWorkers,
};

async function runWorkers(call: Call): Promise<ExitCode> {
  const { backfillStatus } = await import('../../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const { at, workers } = await backfillStatus({ databaseUrl, schema: call.config.schema });
    call.print(workersText(workers, call.look));
    call.result({ at, workers });
    return exitCodes.done;
  });
}
