/** `migrate backfill pause`: stop between two batches, until it is resumed. */
import type { Verb } from '../call.ts';
import { tellWish } from './tell-wish.ts';

export const backfillPause: Verb = {
  name: 'pause',
  arguments: '[migrations...]',
  summary: 'stop between two batches, until it is resumed',
  description:
    'Pause backfills from any terminal: the workers on every machine stop between two batches, within a second, and no ' +
    'transaction stays open. Rows that are filled stay filled.',
  options: [],
  examples: [
    ['migrate backfill pause', 'every backfill that is under way'],
    ['migrate backfill pause 0007_require_phone', 'one migration'],
  ],
  run: async (call) => {
    const { pauseBackfill } = await import('../../index.ts');
    return tellWish(call, 'pause', pauseBackfill);
  },
};
