/** `migrate backfill`: fills existing rows, where expand did not do it already. */
import type { ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';
import { withDatabase } from './database.ts';
import { runVerb } from './outcome.ts';
import { openSteps } from './open-steps.ts';

export const backfillVerb: Verb = {
  name: 'backfill',
  arguments: '[migrations...]',
  summary: 'fill existing rows, while both versions run',
  description:
    'Fill the rows that were there before expand, in short batches. It can be stopped and started again at any time. ' +
    '"migrate expand" does it too, unless it was told --no-backfill.',
  options: [],
  examples: [
    ['migrate backfill', 'everything that is expanded'],
    ['migrate backfill 0007_require_phone', 'one migration'],
  ],
  run: runBackfill,
};

async function runBackfill(call: Call): Promise<ExitCode> {
  const { backfill } = await import('../index.ts');
  return withDatabase(call, (databaseUrl) =>
    call.flags.dryRun === true
      ? openSteps(call, databaseUrl, 'backfill')
      : runVerb(call, databaseUrl, (options) => backfill({ ...options, ...names(call) })),
  );
}

/** The migrations that were named; nothing when none was. */
export function names(call: Call): { readonly names?: readonly string[] } {
  return call.args.length === 0 ? {} : { names: call.args.map((name) => name.replace(/(?:\.up)?\.sql$/i, '')) };
}
