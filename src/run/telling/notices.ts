/** Which of the runner's events people want to be called for, in words that a program can sort by. Pure. */
import type { RunEvent } from '../run-event.ts';

const noticeTypes = [
  'phase_started',
  'phase_done',
  'phase_failed',
  'ready_to_contract',
  'migration_done',
  'migration_rolled_back',
  'backfill_started',
  'backfill_paused',
  'backfill_held',
  'backfill_resumed',
  'backfill_row_left_out',
  'backfill_done',
  'backfill_failed',
] as const;
type NoticeType = (typeof noticeTypes)[number];

export type Notice = {
  readonly type: NoticeType;
  readonly migration: string;
  readonly step?: string;
  readonly phase?: string;
  readonly message?: string;
};

/** Remembers which steps are backfills, and that it has told of a hold. */
export function makeNotices(): (event: RunEvent) => Notice | null {
  const backfills = new Set<string>();
  return (event) => {
    if (!('migration' in event)) return null;
    const { migration } = event;
    const step = 'step' in event ? event.step : undefined;
    const key = JSON.stringify([migration, step]);
    const told = (type: NoticeType, more: Partial<Notice> = {}): Notice => ({
      type,
      migration,
      ...(step === undefined ? {} : { step }),
      ...more,
    });
    switch (event.kind) {
      case 'migration_started':
        return told('phase_started', { phase: event.verb });
      case 'migration_status':
        if (event.status === 'expanded') return told('phase_done', { phase: 'expand' });
        if (event.status === 'backfilled') return told('ready_to_contract');
        if (event.status === 'done') return told('migration_done');
        return event.status === 'rolled_back' ? told('migration_rolled_back') : null;
      case 'step_failed':
        return told(backfills.has(key) ? 'backfill_failed' : 'phase_failed', {
          phase: event.phase,
          message: event.message,
        });
      case 'backfill_batch':
        if (backfills.has(key)) return null;
        backfills.add(key);
        return told('backfill_started', { message: event.title });
      case 'step_finished':
        return backfills.delete(key) ? told('backfill_done') : null;
      case 'backfill_held':
        return told('backfill_held', { message: event.reason });
      case 'backfill_throttled':
        // A pause of seconds is nobody's business.
        return event.rung === 'paused' ? null : told('backfill_held', { message: event.about ?? event.signal });
      case 'backfill_paused':
        return told('backfill_paused');
      case 'backfill_resumed':
        return told('backfill_resumed');
      case 'backfill_quarantined':
        return told('backfill_row_left_out', { message: `${event.table.name} ${event.key}: ${event.message}` });
      default:
        return null;
    }
  };
}
