/** `migrate status`: how far every migration is, and what to do now. */
import { exitCodes, type ExitCode } from '../errors.ts';
import { errorJson } from '../report/error-text.ts';
import { nextActions } from '../report/next-action.ts';
import { statusText } from '../report/status-text.ts';
import type { Call, Verb } from './call.ts';
import { withDatabase } from './database.ts';

export const statusVerb: Verb = {
  name: 'status',
  summary: 'what has run, what is under way, what to do now',
  description:
    'Compare the folder with the database. Changes nothing, and works while another runner is at work. The exit code is ' +
    '5 when a file was edited, overtaken or removed after it ran.',
  options: [],
  examples: [
    ['migrate status', 'what to do now'],
    ['migrate status --json', 'for a dashboard or a deploy script'],
  ],
  run: runStatus,
};

async function runStatus(call: Call): Promise<ExitCode> {
  const { status } = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const { dir, schema, values } = call.config;
    const found = await status({ databaseUrl, dir, schema, values });
    call.print(statusText(found, { ...call.look, verbose: call.flags.verbose === true }));
    call.result({ ...found, problems: found.problems.map(errorJson), next: nextActions(found) });
    const [problem] = found.problems;
    return problem === undefined ? exitCodes.done : problem.exitCode;
  });
}
