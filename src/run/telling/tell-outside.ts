/** Tells other programs what a verb does while it works: traces and metrics, and webhooks. Neither can fail the work. */
import { currentTime, systemClock } from '../clock.ts';
import type { RunEvent } from '../run-event.ts';
import type { RunOptions } from '../running.ts';
import { makeTelemetry } from './telemetry.ts';
import { startWebhooks } from './webhooks.ts';

export async function tellingOutside<T>(options: RunOptions, work: (options: RunOptions) => Promise<T>): Promise<T> {
  const { notify, onEvent } = options;
  const telemetry = makeTelemetry(currentTime);
  const webhooks =
    notify === undefined
      ? null
      : startWebhooks(notify, {
          clock: systemClock,
          time: currentTime,
          onFailure: (failure) => onEvent?.({ kind: 'notify_failed', ...failure }),
        });
  const tell = (event: RunEvent): void => {
    try {
      telemetry.onEvent(event);
      webhooks?.onEvent(event);
    } catch {
      // An SDK of the user's that throws is no reason to stop a migration.
    }
    onEvent?.(event);
  };
  try {
    return await work({ ...options, onEvent: tell });
  } finally {
    telemetry.end();
    await webhooks?.finish();
  }
}
