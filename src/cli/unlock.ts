/** `migrate unlock`: who holds the lease, and frees it when that one is gone or is to be ended. */
import { exitCodes, type ExitCode } from '../errors.ts';
import type { Lease, Unlocked } from '../index.ts';
import { leaseHolderText } from '../report/blocker-text.ts';
import { wrap } from '../report/wrap.ts';
import { hasFlag, type Call, type Verb } from './call.ts';
import { confirm } from './confirm.ts';
import { withDatabase } from './database.ts';

export const unlockVerb: Verb = {
  name: 'unlock',
  summary: 'who holds the right to run, and free it',
  description:
    'Say who holds the lease, the right to run migrations. One whose session is gone is freed; the next run would ' +
    'take it over by itself. One whose session is there is never taken away, because a step of it may still be running: ' +
    'it can be ended, which rolls that step back.',
  options: [{ flags: '--terminate', text: 'end the session that holds it; asks first' }],
  examples: [
    ['migrate unlock', 'who is at work?'],
    ['migrate unlock --terminate', 'a runner hangs on a machine that cannot be reached'],
  ],
  run: runUnlock,
};

async function runUnlock(call: Call): Promise<ExitCode> {
  const { unlock } = await import('../index.ts');
  return withDatabase(call, async (databaseUrl) => {
    const ask = async (lease: Lease): Promise<boolean> =>
      confirm(
        call,
        `${leaseHolderText(lease.holder)} is at work since ${lease.holder.acquiredAt.toISOString()}. Ending its session rolls back what it has not committed. Go on?`,
        'migrate unlock --terminate',
      );
    const terminate = hasFlag(call.own, 'terminate') && call.flags.dryRun !== true;
    const done = await unlock({
      databaseUrl,
      schema: call.config.schema,
      signal: call.signal,
      terminate,
      confirm: ask,
    });
    call.print(`${wrap(sentence(done), call.look.width).join('\n')}\n`);
    call.result(done);
    return done.outcome === 'left' ? exitCodes.failed : exitCodes.done;
  });
}

function sentence({ outcome, lease }: Unlocked): string {
  if (lease === null) return 'Nobody holds the lease: the next run can begin.';
  const who = `${leaseHolderText(lease.holder)}, since ${lease.holder.acquiredAt.toISOString()}`;
  switch (outcome) {
    case 'cleared':
      return `The lease was left by a runner whose session is gone (${who}). It is free now.`;
    case 'ended':
      return `The session of ${who}, was ended. The lease is free now; the next run goes on where it stopped.`;
    case 'left':
    case 'free':
      return 'Nothing was changed.';
    default:
      return outcome satisfies never;
  }
}
