/** `migrate contract`: removes what only the old version needed. There is no way back, so it asks. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { namesGiven } from './names-given.ts';
import type { Call, Verb } from './call.ts';
import { confirm } from './confirm.ts';
import { withDatabase } from './database.ts';
import { lockOptions } from './lock-options.ts';
import { openSteps } from './open-steps.ts';
import { runVerb } from './outcome.ts';

export const contractVerb: Verb = {
  name: 'contract',
  arguments: '[migrations...]',
  summary: 'when the old version is gone: remove what it needed',
  description:
    'Run the contract phase: tighten, swap, drop. Do this when no old version of the application runs any more; there is ' +
    'no rollback afterwards. It refuses to begin while rows are still to be filled.',
  options: lockOptions,
  examples: [
    ['migrate contract', 'everything that is ready; asks first'],
    ['migrate contract 0007_require_phone --yes', 'one migration, without asking'],
    ['migrate contract --dry-run', 'what it would run'],
  ],
  run: runContract,
};

async function runContract(call: Call): Promise<ExitCode> {
  const { contract } = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    if (call.flags.dryRun === true) return openSteps(call, databaseUrl, 'contract');
    let declined = false;
    const ask = async (migrations: readonly string[]): Promise<boolean> => {
      const agreed = await confirm(
        call,
        `Contract of ${migrations.join(', ')} removes what the old version needs, and cannot be taken back. Is the old version gone?`,
        'migrate contract',
      );
      declined = !agreed;
      return agreed;
    };
    const code = await runVerb(call, databaseUrl, (options) =>
      contract({ ...options, ...namesGiven(call), confirm: ask }),
    );
    return declined ? exitCodes.failed : code;
  });
}
