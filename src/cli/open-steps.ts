/** A dry run of what works from the ledger: the steps that would be run or taken back, without touching anything. */
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Phase, StepReport } from '../index.ts';
import { namesGiven } from './names-given.ts';
import type { Call } from './call.ts';

export async function openSteps(call: Call, databaseUrl: string, wanted: Phase | 'rollback'): Promise<ExitCode> {
  const { status } = await import('../index.ts');
  const { dir, schema, values } = call.config;
  const report = await status({ databaseUrl, dir, schema, values });
  const named = namesGiven(call).names;
  const open = report.migrations
    .filter(({ name, phase }) => phase !== null && (named === undefined || named.includes(name)))
    .map(({ name, status: state, steps }) => ({
      name,
      status: state,
      steps:
        wanted === 'rollback'
          ? steps.filter(isDone).toReversed()
          : steps.filter((s) => s.phase === wanted && !isDone(s)),
    }))
    .filter(({ steps }) => steps.length > 0);
  if (open.length === 0) call.print('There is nothing to do.\n');
  for (const { name, steps } of open) {
    call.print(`${call.look.paint.bold(name)}\n${steps.map(({ id, title }) => `  ${id}  ${title}\n`).join('')}`);
  }
  call.print('\nThis was a dry run: nothing was changed.\n');
  call.result({ open });
  return exitCodes.done;
}

function isDone(step: StepReport): boolean {
  return step.status === 'done' || step.status === 'undoing';
}
