/** `migrate expand`: what must be there before the deploy, and the backfill after it. */
import * as fs from 'node:fs/promises';
import { exitCodes, MigrateError, type ExitCode } from '../errors.ts';
import type { Plan } from '../index.ts';
import { planText } from '../report/plan-text.ts';
import { textFlag, type Call, type Verb } from './call.ts';
import { withDatabase } from './database.ts';
import { lockOptions } from './lock-options.ts';
import { runVerb } from './outcome.ts';
import { planningOptions } from './run-options.ts';

export const expandVerb: Verb = {
  name: 'expand',
  summary: 'before the deploy: add what is new, then fill it',
  description:
    'Run the expand phase of every pending migration, then the backfills. The running application goes on undisturbed. ' +
    'After an interruption, run it again: it goes on where it stopped.',
  options: [
    { flags: '--plan <file>', text: 'run this reviewed plan and nothing else' },
    { flags: '--no-backfill', text: 'leave the backfills for: migrate backfill' },
    ...lockOptions,
  ],
  examples: [
    ['migrate expand', 'in the deploy pipeline, before the new version starts'],
    ['migrate expand --plan plan.json', 'exactly what was reviewed'],
    ['migrate expand --dry-run', 'what it would run'],
  ],
  run: runExpand,
};

async function runExpand(call: Call): Promise<ExitCode> {
  const library = await import('../index.ts');
  const file = textFlag(call.own, 'plan');
  const reviewed = file === undefined ? null : await readPlanFile(file);
  return withDatabase(call, async (databaseUrl) => {
    const { dir, schema, values } = call.config;
    const planning = planningOptions(call);
    if (call.flags.dryRun === true) {
      const plan = reviewed ?? (await library.plan({ dir, values, databaseUrl, schema, ...planning }));
      call.print(planText(plan, { ...call.look, verbose: call.flags.verbose === true }));
      call.print('\nThis was a dry run: nothing was changed.\n');
      call.result(plan);
      return exitCodes.done;
    }
    return runVerb(call, databaseUrl, (options) =>
      library.expand({
        ...options,
        ...planning,
        dir,
        values,
        backfill: call.own['backfill'] !== false,
        ...(reviewed === null ? {} : { plan: reviewed }),
      }),
    );
  });
}

async function readPlanFile(file: string): Promise<Plan> {
  const { readPlan } = await import('../index.ts');
  const text = await fs.readFile(file, 'utf8').catch((cause: unknown) => {
    throw new MigrateError('BAD_PLAN_FILE', `The plan ${file} cannot be read.`, {
      hint: 'Make it with: migrate plan --out plan.json',
      cause,
    });
  });
  return readPlan(text, file);
}
