/** The flags of the commands that work on backfills: how many sessions, and what becomes of a row that cannot be changed. */
import type { RunOptions } from '../../index.ts';
import { numberFlag, textFlag, wholeNumber, type Call, type VerbOption } from '../call.ts';

export const workersOption: VerbOption = {
  flags: '--workers <n>',
  text: 'sessions at work at most; one more only while that is faster',
  parse: wholeNumber('--workers', 1),
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
