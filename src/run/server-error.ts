/**
 * An error of the server at a statement of ours, and not of a step or a batch, which have words of their own: the ledger
 * could not be read or written, the session could not be set up. Everything before it is recorded, so it is always right
 * to run the same command again, once the server does what it is asked.
 */
import { MigrateError } from '../errors.ts';
import { isClass, isRetryable, sqlstate, sqlstateOf } from '../postgres/sqlstate.ts';

/** Other errors as they are. */
export function clearError(error: unknown): unknown {
  const code = sqlstateOf(error);
  if (error instanceof MigrateError || code === null) return error;
  const message = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
  return new MigrateError('SERVER_ERROR', `The server failed: ${message} (SQLSTATE ${code}).`, {
    hint: `${adviceFor(code)} What was finished before is recorded.`,
    details: { sqlstate: code },
    cause: error,
  });
}

function adviceFor(code: string): string {
  if (code === sqlstate.diskFull) return "Make room on the server's disk, then run the same command again.";
  if (code === sqlstate.readOnlyTransaction) {
    return 'It takes no writes: is it a standby by now? Run the same command again on the server that does.';
  }
  if (code === sqlstate.insufficientPrivilege) {
    return 'Give the role that runs migrations the right it lacks (migrate doctor --grants), then run the same command again.';
  }
  if (code === sqlstate.queryCanceled) return 'Somebody cancelled the statement. Run the same command again.';
  if (isRetryable(code) || isClass(code, 'insufficientResources')) {
    return 'Run the same command again when the server is less busy.';
  }
  return "Look at the server's log, then run the same command again.";
}
