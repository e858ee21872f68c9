/** `migrate baseline`: marks migrations as done in a database that has their schema and no history. */
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import type { BaselineResult, Difference } from '../index.ts';
import { differencesText } from '../report/differences-text.ts';
import { count } from '../report/wrap.ts';
import { hasFlag, type Call, type Verb } from './call.ts';
import { confirm } from './confirm.ts';
import { withDatabase } from './database.ts';
import { standInOption, withStandIn } from './stand-in.ts';

export const baselineVerb: Verb = {
  name: 'baseline',
  arguments: '<to>',
  summary: 'begin with a database that has no history',
  description:
    'Mark the migrations up to <to> as done, in a database that has their schema already. They are run on an empty ' +
    'stand-in first, and both schemas compared: where they differ, nothing is marked and the exit code is 5.',
  options: [standInOption, { flags: '--force', text: 'mark them although the schemas differ, or cannot be compared' }],
  examples: [
    ['migrate baseline 0042_last_one', 'compare, then mark everything up to this file'],
    ['migrate baseline 0042_last_one --force --yes', 'where the differences are known not to matter'],
  ],
  run: runBaseline,
};

async function runBaseline(call: Call): Promise<ExitCode> {
  const [to] = call.args;
  if (to === undefined)
    throw new MigrateError('BAD_USAGE', 'No migration was named.', { hint: 'Name the last that ran.' });
  const result = await withDatabase(call, (databaseUrl) => baselineOn(call, databaseUrl, to));
  if (result === null) {
    call.print('Nothing was changed.\n');
    return exitCodes.done;
  }
  const { marked, pending, differences } = result;
  if (differences.length > 0) call.print(`${count(differences.length, 'difference')} passed over.\n`);
  call.print(
    marked.length === 0
      ? 'Nothing to mark: they are all in the ledger.\n'
      : `${count(marked.length, 'migration')} marked as done, up to ${to}.\n`,
  );
  if (pending.length > 0) call.print(`Still to run: ${pending.join(', ')}\n`);
  call.print('What is next: migrate status\n');
  call.result(result);
  return exitCodes.done;
}

/** Null when the person said no. */
async function baselineOn(
  call: Call,
  databaseUrl: string,
  to: string,
): Promise<(BaselineResult & { readonly differences: readonly Difference[] }) | null> {
  const library = await import('../index.ts');
  const { dir, schema, values } = call.config;
  const force = hasFlag(call.own, 'force');
  const input = { dir, schema, values, databaseUrl, to, signal: call.signal };
  const differences = await differencesOf(call, (standInUrl) => library.diff({ ...input, standInUrl }), force);
  if (differences !== null && (differences.length > 0 || call.flags.dryRun === true)) {
    const described = differences.map((one) => ({ kind: one.kind, text: library.describeDifference(one) }));
    call.print(differencesText(described, call.look));
  }
  if (differences !== null && differences.length > 0 && !force) throw differ(to, differences.length);
  if (call.flags.dryRun === true) return null;
  if (!(await confirm(call, `Mark all migrations up to ${to} as done?`, `migrate baseline ${to}`))) return null;
  // Compared above: a second comparison would only take its time again.
  return { ...(await library.baseline({ ...input, force: true })), differences: differences ?? [] };
}

/** Null when they could not be compared, which only --force allows. */
async function differencesOf<T>(
  call: Call,
  compare: (standInUrl: string) => Promise<readonly T[]>,
  force: boolean,
): Promise<readonly T[] | null> {
  try {
    return await withStandIn(call, compare);
  } catch (error) {
    if (!force || !(error instanceof MigrateError) || call.signal.aborted) throw error;
    call.say(`The schemas were not compared: ${error.message}\n`);
    return null;
  }
}

function differ(to: string, number: number): MigrateError {
  return new MigrateError(
    'SCHEMA_DRIFT',
    `The database is not what the migrations up to ${to} make: ${count(number, 'difference')}, listed above. Nothing was marked.`,
    {
      hint: 'Is it another migration that ran last? Write what is missing as a migration after it; or, when the differences do not matter, add --force.',
    },
  );
}
