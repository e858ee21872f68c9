/**
 * The one error class of the project and its closed table of codes.
 *
 * A message says what happened, a hint says what to do now. The code decides the exit code of the command line, so a
 * caller never has to read a message. `cause` keeps the driver's or the parser's own error. A password must never get
 * into any of these: messages and hints are stripped of them as they are made, and reports once more with all else.
 */

/** Exit codes of the command line: a closed, documented table. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notReady: 3,
  lockNotObtained: 4,
  drift: 5,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Every code with its exit code. A code is never renamed; a new failure gets a new line here. */
export const errorCodes = {
  // usage and configuration
  BAD_USAGE: exitCodes.usage,
  BAD_CONFIG: exitCodes.usage,
  NO_DATABASE_URL: exitCodes.usage,
  BAD_DATABASE_URL: exitCodes.usage,
  CONFIRMATION_REQUIRED: exitCodes.usage,
  // migration files
  NO_MIGRATIONS_FOLDER: exitCodes.usage,
  FILE_UNREADABLE: exitCodes.usage,
  FILE_NOT_UTF8: exitCodes.usage,
  FILE_EMPTY: exitCodes.usage,
  DUPLICATE_NAME: exitCodes.usage,
  SYNTAX_ERROR: exitCodes.usage,
  BAD_DIRECTIVE: exitCodes.usage,
  TEMPLATE_VALUE_MISSING: exitCodes.usage,
  UNSUPPORTED_FILE: exitCodes.usage,
  // planning
  VALUE_REQUIRED: exitCodes.failed,
  CANNOT_PLAN: exitCodes.failed,
  WAITS_FOR_CONTRACT: exitCodes.notReady,
  BAD_PLAN_FILE: exitCodes.usage,
  // the server
  CONNECTION_FAILED: exitCodes.failed,
  AUTHENTICATION_FAILED: exitCodes.failed,
  DATABASE_MISSING: exitCodes.failed,
  PERMISSION_DENIED: exitCodes.failed,
  READ_ONLY_SERVER: exitCodes.failed,
  UNSUPPORTED_SERVER: exitCodes.failed,
  SERVER_START_FAILED: exitCodes.failed,
  CONNECTION_LOST: exitCodes.failed,
  SERVER_ERROR: exitCodes.failed,
  // running
  STEP_FAILED: exitCodes.failed,
  DATA_VIOLATES: exitCodes.failed,
  BACKFILL_FAILED: exitCodes.failed,
  BACKFILL_CANCELLED: exitCodes.failed,
  CANNOT_UNDO: exitCodes.failed,
  ALREADY_CONTRACTED: exitCodes.failed,
  NOTHING_TO_DO: exitCodes.failed,
  NO_HISTORY: exitCodes.failed,
  BACKFILL_INCOMPLETE: exitCodes.notReady,
  NOT_EXPANDED: exitCodes.notReady,
  LEASE_HELD: exitCodes.notReady,
  LEASE_LOST: exitCodes.failed,
  LEDGER_TOO_NEW: exitCodes.failed,
  LOCK_NOT_OBTAINED: exitCodes.lockNotObtained,
  CHECKSUM_CHANGED: exitCodes.drift,
  FILE_OUT_OF_ORDER: exitCodes.drift,
  FILE_MISSING: exitCodes.drift,
  SCHEMA_DRIFT: exitCodes.drift,
  HISTORY_UNFINISHED: exitCodes.drift,
  PLAN_STALE: exitCodes.drift,
  INTERRUPTED: exitCodes.interrupted,
  TERMINATED: exitCodes.terminated,
  INTERNAL: exitCodes.failed,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof errorCodes;

export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The only error that leaves the library.
 *
 * @example
 * ```ts
 * throw new MigrateError('FILE_EMPTY', 'migrations/0007_note.sql is empty.', {
 *   hint: 'Write the SQL into it, or delete the file.',
 * });
 * ```
 */
export class MigrateError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly hint?: string; readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(redactPasswords(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MigrateError';
    this.code = code;
    this.hint = options.hint === undefined ? null : redactPasswords(options.hint);
    this.details = options.details ?? {};
  }

  get exitCode(): ExitCode {
    return errorCodes[this.code];
  }
}

/**
 * A text without the passwords of the URLs and connection strings in it. One that should have been percent-encoded may
 * hold `@`, `/` and `#`, so everything up to the last `@` of the word goes: too much is hidden rather than too little.
 *
 * @example
 * ```ts
 * redactPasswords('postgres://app:secret@db/shop'); // 'postgres://app:***@db/shop'
 * ```
 */
export function redactPasswords(text: string): string {
  return (
    text
      // `<password>` is how our own hints spell it.
      .replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^:@/\s]*):(?!<password>@)\S*@/gi, '$1:***@')
      .replaceAll(/([?&](?:password|sslpassword)=)[^&#\s]*/gi, '$1***')
      .replaceAll(/\b(password\s*=\s*)(?:'[^']*'|[^\s'&]+)/gi, '$1***')
  );
}
