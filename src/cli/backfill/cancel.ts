/** `migrate backfill cancel`: end it where it stands. */
import type { Verb } from '../call.ts';
import { tellWish } from './tell-wish.ts';

export const backfillCancel: Verb = {
  name: 'cancel',
  arguments: '[migrations...]',
  summary: 'end it where it stands',
  description:
    'End backfills where they stand. The rows that are filled stay filled, and contract waits until the backfill was ' +
    'resumed and is done, or the migration is rolled back.',
  options: [],
  examples: [
    ['migrate backfill cancel 0007_require_phone', 'one migration'],
    ['migrate backfill cancel', 'every backfill that is under way'],
  ],
  run: async (call) => {
    const { cancelBackfill } = await import('../../index.ts');
    return tellWish(call, 'cancel', cancelBackfill);
  },
};
