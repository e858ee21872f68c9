/** `migrate verify`: finished migrations, checked once more against the live schema. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { count, wrap } from '../report/wrap.ts';
import type { Call, Verb } from './call.ts';
import { withDatabase } from './database.ts';
import { namesGiven } from './names-given.ts';

export const verifyVerb: Verb = {
  name: 'verify',
  arguments: '[migrations...]',
  summary: 'check finished migrations once more',
  description:
    'Compare what finished migrations have left (tables, columns, indexes, constraints, NOT NULL) with the live schema, and ' +
    'look for helpers that should be gone. Changes nothing. The exit code is 5 when something is not as their plans say. ' +
    '"migrate diff" compares everything, and needs a stand-in for it.',
  options: [],
  examples: [
    ['migrate verify', 'after a deploy, or after a restored backup'],
    ['migrate verify 0007_require_phone --json', 'one migration, as data'],
  ],
  run: runVerify,
};

async function runVerify(call: Call): Promise<ExitCode> {
  const { verify } = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const report = await verify({ databaseUrl, schema: call.config.schema, ...namesGiven(call) });
    const { paint, width } = call.look;
    for (const { migration, what } of report.differences) {
      const text = migration === null ? what : `${migration}: ${what}`;
      call.print(`${wrap(text, width, '  ', `${paint.red('✗')} `).join('\n')}\n`);
    }
    const looked = `${count(report.compared, 'thing')} of ${count(report.migrations.length, 'finished migration')} looked at`;
    const { length } = report.differences;
    call.print(`${looked}: ${length === 0 ? 'all as their plans say.' : `${count(length, 'difference')}.`}\n`);
    call.result(report);
    return length === 0 ? exitCodes.done : exitCodes.drift;
  });
}
