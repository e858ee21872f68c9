/** `migrate backfill resume`: go on with what was paused, held or cancelled. */
import type { Verb } from '../call.ts';
import { tellWish } from './tell-wish.ts';

export const backfillResume: Verb = {
  name: 'resume',
  arguments: '[migrations...]',
  summary: 'go on with what was paused, held or cancelled',
  description:
    'Let backfills go on. Workers that wait for it are at work within a second; when none is left, run: migrate backfill.',
  options: [],
  examples: [
    ['migrate backfill resume', 'every backfill that is not done'],
    ['migrate backfill resume 0007_require_phone', 'one migration'],
  ],
  run: async (call) => {
    const { resumeBackfill } = await import('../../index.ts');
    return tellWish(call, 'resume', resumeBackfill);
  },
};
