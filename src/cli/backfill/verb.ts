/** `migrate backfill` and what there is under it. */
import type { Verb } from '../call.ts';
import { backfillCancel } from './cancel.ts';
import { backfillJoin } from './join.ts';
import { backfillPause } from './pause.ts';
import { backfillResume } from './resume.ts';
import { backfillRetry } from './retry.ts';
import { backfillRun } from './run.ts';
import { backfillStatus } from './status.ts';
import { backfillThrottle } from './throttle.ts';
import { backfillWorkers } from './workers.ts';

export const backfillVerb: Verb = {
  name: 'backfill',
  summary: 'fill existing rows, while both versions run',
  description:
    'Fill the rows that were there before expand, in short batches, and control it from anywhere. It can be stopped and ' +
    'started again at any time. "migrate expand" fills them too, unless it was told --no-backfill.',
  options: [],
  examples: [
    ['migrate backfill', 'everything that is expanded'],
    ['migrate backfill 0007_require_phone', 'one migration'],
    ['migrate backfill status --watch', 'how far it is, from any terminal'],
    ['migrate backfill pause', 'stop between two batches, until: migrate backfill resume'],
  ],
  parts: [
    backfillRun,
    backfillStatus,
    backfillPause,
    backfillResume,
    backfillCancel,
    backfillThrottle,
    backfillRetry,
    backfillJoin,
    backfillWorkers,
  ],
  run: backfillRun.run,
};
