/**
 * How a verb that changed a database ends: what failed and what was not run, what to do now, and the exit code. The steps
 * themselves were shown while they ran.
 */
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Status, VerbResult } from '../index.ts';
import { errorJson, errorText } from '../report/error-text.ts';
import { nextActions } from '../report/next-action.ts';
import { nextText } from '../report/status-text.ts';
import { wrap } from '../report/wrap.ts';
import { lookOf, type Call } from './call.ts';
import { mayTerminate } from './lock-options.ts';
import { isJsonLog, logError, logEvents } from './json-log.ts';
import { showProgress, type Progress } from './progress.ts';
import { runOptions } from './run-options.ts';
import type { RunOptions } from '../index.ts';

/** Runs a verb of the library with its progress shown, and reports how it ended. */
export async function runVerb(
  call: Call,
  databaseUrl: string,
  work: (options: RunOptions) => Promise<VerbResult>,
): Promise<ExitCode> {
  if (!(await mayTerminate(call))) return exitCodes.failed;
  const progress: Progress = isJsonLog(call.flags) ? logEvents(call) : showProgress(call);
  let result: VerbResult;
  try {
    result = await work(runOptions(call, databaseUrl, progress));
  } finally {
    progress.stop();
  }
  return reportOutcome(call, databaseUrl, result);
}

async function reportOutcome(call: Call, databaseUrl: string, result: VerbResult): Promise<ExitCode> {
  const { error, migrations } = result;
  for (const { name, waitsFor } of migrations.filter(({ outcome }) => outcome === 'waiting')) {
    call.print(`${call.look.paint.yellow('·')} ${name} waits for the contract of ${waitsFor}.\n`);
  }
  // A migration of which no step was shown would otherwise go without a word.
  for (const { name, outcome, steps } of migrations) {
    if (outcome === 'done' && steps.length === 0 && result.verb !== 'up') {
      call.say(`${call.look.paint.green('✓')} ${name} ${withoutSteps[result.verb]}\n`);
    }
  }
  if (error === null) {
    if (migrations.every(({ outcome }) => outcome === 'unchanged'))
      call.print(`Nothing to ${nothingTo[result.verb]}.\n`);
    const status = await statusAfter(call, databaseUrl);
    if (call.flags.json !== true) call.say(`\n${nextText(status, call.look)}`);
    call.result({ ...result, error: null, next: nextActions(status) });
    return exitCodes.done;
  }
  const notRun = migrations.filter(({ outcome }) => outcome === 'not_run').map(({ name }) => name);
  const look = lookOf(call.terminal.err, call.flags, call.terminal.env);
  if (isJsonLog(call.flags)) logError(call.terminal.err, error);
  else call.terminal.err.write(`\n${errorText(error, { ...look, verbose: call.flags.verbose === true })}`);
  if (notRun.length > 0 && !isJsonLog(call.flags))
    call.terminal.err.write(`\n${wrap(notRunText(notRun), look.width).join('\n')}\n`);
  call.result({ ...result, ...errorJson(error) });
  return error.exitCode;
}

const nothingTo: { readonly [V in VerbResult['verb']]: string } = {
  expand: 'expand',
  backfill: 'backfill',
  contract: 'contract',
  rollback: 'roll back',
  up: 'run',
};

const namesShown = 8;

function notRunText(names: readonly string[]): string {
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
  return `Not run because of it: ${names.slice(0, namesShown).join(', ')}${more}.`;
}

const withoutSteps: { readonly [V in Exclude<VerbResult['verb'], 'up'>]: string } = {
  expand: 'has nothing to do before contract',
  backfill: 'has no rows to fill',
  contract: 'has nothing to remove',
  rollback: 'is rolled back; nothing of it was in the database',
};

async function statusAfter(call: Call, databaseUrl: string): Promise<Status> {
  const { status } = await import('../index.ts');
  const { schema, dir, values } = call.config;
  return status({ databaseUrl, schema, dir, values });
}
