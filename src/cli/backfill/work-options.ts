/** The flags of the commands that work on backfills: how many sessions, and what becomes of a row that cannot be changed. */
import type { RunOptions } from '../../index.ts';
import { numberFlag, textFlag, wholeNumber, type Call, type VerbOption } from '../call.ts';

const mostByItself = 8; // beyond it a server is bound by its disk or its log, whatever it is

export const workersOption: VerbOption = {
  flags: '--workers <n>',
  text: `sessions at work at most, or "auto" (${mostByItself}); one more only while that is faster`,
  parse: (text) => (text === 'auto' ? mostByItself : wholeNumber('--workers', 1)(text)),
};

export const onErrorOption: VerbOption = {
  flags: '--on-error <what>',
  text: 'a row that cannot be changed: stop there, or leave it out',
  choices: ['stop', 'quarantine'],
};

/** What was not given stays as the config, or the job, has it. */
export function workOptions(call: Call, options: RunOptions): RunOptions {
  const workers = numberFlag(call.own, 'workers');
  const onError = textFlag(call.own, 'onError');
  return {
    ...options,
    backfills: {
      ...options.backfills,
      ...(workers === undefined ? {} : { workers }),
      ...(onError === 'stop' || onError === 'quarantine' ? { onError } : {}),
    },
  };
}
