/** `migrate demo`: the whole thing on an embedded Postgres, with two application versions running against it. */
import type { ExitCode } from '../errors.ts';
import type { Call, Verb } from './call.ts';

export const demoVerb: Verb = {
  name: 'demo',
  summary: 'see it happen, in two minutes',
  description:
    'Start a throw-away Postgres with some hundred thousand rows, let an old and a new version of an application read ' +
    'and write all the time, and run careless migrations through lint, plan, expand, backfill and contract.',
  options: [],
  examples: [['migrate demo', 'nothing else is needed']],
  run: runDemoVerb,
};

async function runDemoVerb(call: Call): Promise<ExitCode> {
  const { runDemo } = await import('./demo.ts');
  return runDemo(call);
}
