/** `migrate rollback`: takes back what expand and backfill did. What the new version wrote into new columns goes too. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { namesGiven } from './names-given.ts';
import type { Call, Verb } from './call.ts';
import { confirm } from './confirm.ts';
import { withDatabase } from './database.ts';
import { lockOptions } from './lock-options.ts';
import { openSteps } from './open-steps.ts';
import { runVerb } from './outcome.ts';

export const rollbackVerb: Verb = {
  name: 'rollback',
  arguments: '[migrations...]',
  summary: 'before contract: take back what expand did',
  description:
    'Take back the expand and backfill of migrations that are under way, newest first. Roll the application back first. ' +
    'Once contract has begun, there is no rollback: write a new migration instead.',
  options: lockOptions,
  examples: [
    ['migrate rollback', 'everything that is under way; asks first'],
    ['migrate rollback 0007_require_phone --yes', 'one migration, without asking'],
  ],
  run: runRollback,
};

async function runRollback(call: Call): Promise<ExitCode> {
  const { rollback } = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    if (call.flags.dryRun === true) return openSteps(call, databaseUrl, 'rollback');
    let declined = false;
    const ask = async (migrations: readonly string[]): Promise<boolean> => {
      const agreed = await confirm(
        call,
        `Rolling back ${migrations.join(', ')} drops what was added, and what was written into it. Go on?`,
        'migrate rollback',
      );
      declined = !agreed;
      return agreed;
    };
    const code = await runVerb(call, databaseUrl, (options) =>
      rollback({ ...options, ...namesGiven(call), confirm: ask }),
    );
    return declined ? exitCodes.failed : code;
  });
}
