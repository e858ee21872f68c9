/** `migrate log`: what ran on a database, when, and how long it took. */
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import { logText } from '../report/log-text.ts';
import { numberFlag, wholeNumber, type Call, type Verb } from './call.ts';
import { withDatabase } from './database.ts';

const usualNumber = 20; // about a screen

export const logVerb: Verb = {
  name: 'log',
  arguments: '[migration]',
  summary: 'what ran when, and how long it took',
  description:
    'List the migrations of the ledger, the latest first, with the time of each phase; with the name of one, its ' +
    'steps. Changes nothing.',
  options: [
    {
      flags: '-n, --number <n>',
      text: `how many migrations (default: ${usualNumber})`,
      parse: wholeNumber('--number', 1),
    },
  ],
  examples: [
    ['migrate log', `the last ${usualNumber}`],
    ['migrate log 0007_require_phone', 'the steps of one of them'],
    ['migrate log --json', 'all of it as data'],
  ],
  run: runLog,
};

async function runLog(call: Call): Promise<ExitCode> {
  const { readLog } = await import('../index.ts');
  const { schema } = call.config;
  const report = await withDatabase(call, (databaseUrl) => readLog({ databaseUrl, schema }));
  const [name] = call.args;
  const newestFirst = report.migrations.toReversed();
  const wanted = name === undefined ? newestFirst : newestFirst.filter((migration) => migration.name === name);
  if (name !== undefined && wanted.length === 0) {
    throw new MigrateError('BAD_USAGE', `The ledger knows no migration ${name}.`, {
      hint: 'All it knows: migrate log',
    });
  }
  const number = numberFlag(call.own, 'number') ?? usualNumber;
  const verbose = name !== undefined || call.flags.verbose === true;
  call.print(logText(wanted.slice(0, number), { ...call.look, verbose, hidden: Math.max(0, wanted.length - number) }));
  call.result({ migrations: wanted });
  return exitCodes.done;
}
