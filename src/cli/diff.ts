/** `migrate diff`: the live schema against what the migrations make that ran there. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { differencesText } from '../report/differences-text.ts';
import type { Call, Verb } from './call.ts';
import { withDatabase } from './database.ts';
import { standInOption, withStandIn } from './stand-in.ts';

export const diffVerb: Verb = {
  name: 'diff',
  arguments: '[to]',
  summary: 'what somebody changed past the migrations',
  description:
    'Compare the live schema with what the migrations make that ran there (all files where there is no ledger; with ' +
    '[to], those up to it). They are run on an empty stand-in of their own; the live database is only read. Owners and ' +
    'privileges are not compared. The exit code is 1 when there are differences.',
  options: [standInOption],
  examples: [
    ['migrate diff', 'is the database what the files say?'],
    ['migrate diff --json', 'the differences as data'],
  ],
  run: runDiff,
};

async function runDiff(call: Call): Promise<ExitCode> {
  const { describeDifference, diff } = await import('../index.ts');
  const { dir, schema, values } = call.config;
  const [to] = call.args;
  const differences = await withDatabase(call, (databaseUrl) =>
    withStandIn(call, (standInUrl) =>
      diff({ dir, schema, values, databaseUrl, standInUrl, signal: call.signal, ...(to === undefined ? {} : { to }) }),
    ),
  );
  const described = differences.map((one) => ({ kind: one.kind, text: describeDifference(one) }));
  call.print(differencesText(described, call.look));
  call.result({ differences });
  return differences.length === 0 ? exitCodes.done : exitCodes.failed;
}
