/** `migrate up`: everything at once, for databases that nobody uses meanwhile. */
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';
import { withDatabase } from './database.ts';
import { runVerb } from './outcome.ts';
import { planningOptions } from './run-options.ts';

export const upVerb: Verb = {
  name: 'up',
  summary: 'for development and CI: all phases at once',
  description:
    'Run every pending migration to its end, one after the other, on a database that nobody uses meanwhile. A fresh ' +
    'database gets the files nearly as they are. For a database that serves, use expand, backfill and contract.',
  options: [],
  examples: [
    ['migrate up --database-url postgres://localhost/shop_test', 'a development database'],
    ['migrate up --embedded', 'do all files run, from the first to the last? on a throw-away Postgres'],
  ],
  run: runUp,
};

async function runUp(call: Call): Promise<ExitCode> {
  const { status, up } = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const { dir, schema, values } = call.config;
    if (call.flags.dryRun === true) {
      const { pending } = await status({ databaseUrl, dir, schema, values });
      call.print(pending.length === 0 ? 'Nothing to run.\n' : `${pending.map((name) => `  ${name}\n`).join('')}`);
      call.print('\nThis was a dry run: nothing was changed.\n');
      call.result({ pending });
      return exitCodes.done;
    }
    return runVerb(call, databaseUrl, (options) => up({ ...options, ...planningOptions(call), dir, values }));
  });
}
