/** `migrate backfill throttle`: slower or faster, while it runs. */
import { MigrateError } from '../../errors.ts';
import { number, numberFlag, wholeNumber, type Call, type Verb } from '../call.ts';
import { tellWish } from './tell-wish.ts';

export const backfillThrottle: Verb = {
  name: 'throttle',
  arguments: '[migrations...]',
  summary: 'slower or faster, while it runs',
  description:
    'Change how hard backfills work, from any terminal and while they run. The workers on every machine follow with ' +
    'their next batch. What is not given stays as it is.',
  options: [
    {
      flags: '--nice <times>',
      text: 'rest this many times as long as each batch took; 0: not at all',
      parse: number('--nice', 0),
    },
    {
      flags: '--target-ms <ms>',
      text: 'how long a batch should take; 0: as the config says',
      parse: wholeNumber('--target-ms', 0),
    },
    {
      flags: '--max-workers <n>',
      text: 'at most so many workers on all machines; 0: all that come',
      parse: wholeNumber('--max-workers', 0),
    },
  ],
  examples: [
    ['migrate backfill throttle --nice 2', 'work a third of the time'],
    ['migrate backfill throttle --max-workers 1 0007_require_phone', 'one worker, whoever comes'],
    ['migrate backfill throttle --nice 0 --max-workers 0', 'as fast as the signals allow'],
  ],
  run: async (call) => {
    const { throttleBackfill } = await import('../../index.ts');
    const wanted = throttleOf(call);
    return tellWish(call, 'throttle', (input) => throttleBackfill({ ...input, ...wanted }));
  },
};

function throttleOf({ own }: Call) {
  const nice = numberFlag(own, 'nice');
  const targetMs = numberFlag(own, 'targetMs');
  const maxWorkers = numberFlag(own, 'maxWorkers');
  if (nice === undefined && targetMs === undefined && maxWorkers === undefined) {
    throw new MigrateError('BAD_USAGE', 'Throttle to what? None of its options was given.', {
      hint: 'For example: migrate backfill throttle --nice 2',
    });
  }
  return {
    ...(nice === undefined ? {} : { nice }),
    ...(targetMs === undefined ? {} : { targetMs: targetMs === 0 ? null : targetMs }),
    ...(maxWorkers === undefined ? {} : { maxWorkers: maxWorkers === 0 ? null : maxWorkers }),
  };
}
