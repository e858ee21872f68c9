/**
 * What an AbortSignal means to the runner: SIGINT and SIGTERM, as the command line hands them down in `signal.reason`.
 */
import { MigrateError } from '../errors.ts';

const howToGoOn = 'What was finished is recorded. Run the same command again to go on.';

/** The error for an aborted signal. A reason that is a MigrateError is that error. */
export function interruption(signal: AbortSignal, cause?: unknown): MigrateError {
  const reason: unknown = signal.reason;
  if (reason instanceof MigrateError) return reason;
  const terminated = reason === 'SIGTERM' || (reason instanceof Error && reason.message === 'SIGTERM');
  return new MigrateError(
    terminated ? 'TERMINATED' : 'INTERRUPTED',
    terminated ? 'Terminated by SIGTERM.' : 'Interrupted.',
    { hint: howToGoOn, ...(cause === undefined ? {} : { cause }) },
  );
}

export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interruption(signal);
}

export function isInterruption(error: unknown): boolean {
  return error instanceof MigrateError && (error.code === 'INTERRUPTED' || error.code === 'TERMINATED');
}
