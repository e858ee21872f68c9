/** What a person asked of the backfills, and what follows from it. */
import type { BackfillReport } from '../run/backfill-control/read-backfills.ts';
import type { Wished } from '../run/backfill-control/wishes.ts';
import type { Look } from './paint.ts';
import { duration, wrap } from './wrap.ts';

export type WishVerb = 'pause' | 'resume' | 'cancel' | 'throttle';

export function wishedText(verb: WishVerb, wished: readonly Wished[], after: BackfillReport, look: Look): string {
  const lines = wished.map((one) => {
    const mark = one.changed ? look.paint.green('✓') : look.paint.dim('·');
    return wrap(`${one.migration}: ${sentence(verb, one)}`, look.width, '    ', `  ${mark} `).join('\n');
  });
  return `${[...lines, ...wrap(whatNow(verb, wished, after), look.width)].join('\n')}\n`;
}

function sentence(verb: WishVerb, wished: Wished): string {
  const already = wished.changed ? '' : ' already';
  switch (verb) {
    case 'pause':
      return `paused${already}`;
    case 'resume':
      return wished.changed ? 'goes on' : 'was not paused';
    case 'cancel':
      return `cancelled${already}`;
    case 'throttle': {
      const { nice, targetMs, maxWorkers } = wished;
      const parts = [
        nice === 0 ? 'no rest between batches' : `rests ${nice} times as long as each batch took`,
        ...(targetMs === null ? [] : [`batches of ${duration(targetMs)}`]),
        ...(maxWorkers === null ? [] : [`at most ${maxWorkers} ${maxWorkers === 1 ? 'worker' : 'workers'}`]),
      ];
      return `${parts.join(', ')}${wished.changed ? '' : ' (as before)'}`;
    }
  }
}

function whatNow(verb: WishVerb, wished: readonly Wished[], { workers }: BackfillReport): string {
  const failed = wished.some(({ status }) => status === 'failed');
  const running = wished.some(({ status }) => status === 'running' || status === 'held');
  const nobody = workers.length === 0 && !running;
  switch (verb) {
    case 'pause':
      return 'Workers stop between two batches, within a second. To go on: migrate backfill resume';
    case 'cancel':
      return 'The rows that are filled stay filled. To go on after all: migrate backfill resume';
    case 'resume':
      if (failed) return 'One of them failed: migrate backfill status says why.';
      return nobody ? 'Nobody works on it now. Run: migrate backfill' : 'To see how far it is: migrate backfill status';
    case 'throttle':
      return nobody ? 'It counts from the next run on: migrate backfill' : 'The workers follow with their next batch.';
  }
}
