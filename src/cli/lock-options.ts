/** The flags that say what to do about sessions that hold a table which a step is to lock. */
import { MigrateError } from '../errors.ts';
import type { RunOptions } from '../index.ts';
import { duration } from '../report/wrap.ts';
import { hasFlag, numberFlag, type Call, type VerbOption } from './call.ts';
import { confirm } from './confirm.ts';

export const lockOptions: readonly VerbOption[] = [
  { flags: '--wait-for-blockers', text: 'wait for long transactions however long they are' },
  {
    flags: '--terminate-blockers-after <time>',
    text: 'end sessions in the way for this long (30s, 5m)',
    parse: durationMs('--terminate-blockers-after'),
  },
];

/** What was not asked for is left out. */
export function lockFlags({ own }: Call): NonNullable<RunOptions['locks']> {
  const terminateBlockersAfterMs = numberFlag(own, 'terminateBlockersAfter');
  return {
    ...(hasFlag(own, 'waitForBlockers') ? { waitForBlockers: true } : {}),
    ...(terminateBlockersAfterMs === undefined ? {} : { terminateBlockersAfterMs }),
  };
}

/** Before anything begins: by the time a session is overdue, nobody may be at the terminal any more. */
export async function mayTerminate(call: Call): Promise<boolean> {
  const afterMs = numberFlag(call.own, 'terminateBlockersAfter');
  if (afterMs === undefined) return true;
  const question = `Sessions that hold up a step for ${duration(afterMs)} are to be ended, and lose their open transaction. Go on?`;
  const after = `--terminate-blockers-after ${duration(afterMs).replaceAll(' ', '')}`;
  return confirm(call, question, `the same command with ${after}`);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

function durationMs(flag: string): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^(\d+)\s*([a-z]+)$/.exec(text.trim()) ?? [];
    const ms = Number(number) * (unitMs[unit ?? ''] ?? NaN);
    if (Number.isSafeInteger(ms) && ms > 0) return ms;
    throw new MigrateError('BAD_USAGE', `${flag} takes a time with its unit, not "${text}".`, {
      hint: `The units are ms, s, m and h. Write it like this: ${flag} 30s`,
    });
  };
}
