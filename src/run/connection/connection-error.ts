/**
 * Why a connection could not be made, or was lost, in words that lead to the cause.
 *
 * Only host, port, database and user are ever shown; the URL is not known here, and so neither is the password.
 */
import { MigrateError, type ErrorCode } from '../../errors.ts';
import { sqlstate, sqlstateOf } from '../../postgres/sqlstate.ts';
import { quoteIdentifier } from '../../sql/identifier.ts';

export type Target = {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly encrypted: boolean;
  /** The role to begin as; null: the user itself. */
  readonly role: string | null;
};

export type ConnectionCircumstances = {
  readonly timedOut: boolean;
  /** The server had asked for a password by the time it failed. */
  readonly passwordAskedFor: boolean;
  /** The other end had closed the connection by then, without a word. */
  readonly brokenOff: boolean;
};

/** `db.example.com:5432`; a socket's folder as it is. */
export function placeOf(target: Target): string {
  return target.host.startsWith('/') ? `${target.host} (port ${target.port})` : `${target.host}:${target.port}`;
}

export function connectionError(cause: unknown, target: Target, circumstances: ConnectionCircumstances): MigrateError {
  const [code, message, hint] =
    reportedByServer(cause, target) ??
    reportedBySystem(cause, target) ??
    reportedByDriver(cause, target, circumstances);
  const { passwordAskedFor } = circumstances;
  return new MigrateError(code, message, { hint, details: { ...target, passwordAskedFor }, cause });
}

export function connectionLost(target: Target, cause: unknown): MigrateError {
  const ended =
    sqlstateOf(cause) === sqlstate.adminShutdown
      ? ' (an administrator ended the session, or the server shuts down)'
      : '';
  return new MigrateError('CONNECTION_LOST', `The connection to ${placeOf(target)} was lost${ended}.`, {
    hint: 'Run the same command again: it goes on where the ledger says it stopped.',
    details: { ...target },
    cause,
  });
}

/** `wanted` is a word of target_session_attrs. */
export function notFit(target: Target, wanted: string): MigrateError {
  return new MigrateError('READ_ONLY_SERVER', `The server at ${placeOf(target)} is not ${wanted}.`, {
    hint: 'target_session_attrs in the URL asks for another server: correct it, or the host.',
    details: { ...target },
  });
}

/** Of several hosts none would do. */
export function noHostFits(failures: readonly unknown[]): MigrateError {
  const reasons = failures.map((failure) => `  ${messageOf(failure)}.`);
  const reached = failures.some((failure) => failure instanceof MigrateError && failure.code === 'READ_ONLY_SERVER');
  return new MigrateError(
    reached ? 'READ_ONLY_SERVER' : 'CONNECTION_FAILED',
    ['None of the hosts in the database URL will do:', ...reasons].join('\n'),
    {
      hint: reached
        ? 'Migrations need the server that can be written to (target_session_attrs=read-write): is it among the hosts, and up?'
        : 'Are the servers running, and are hosts and ports right?',
      cause: failures[0],
    },
  );
}

type Explanation = readonly [code: ErrorCode, message: string, hint: string];

function reportedByServer(cause: unknown, target: Target): Explanation | null {
  const place = placeOf(target);
  switch (sqlstateOf(cause)) {
    case sqlstate.invalidPassword:
      return [
        'AUTHENTICATION_FAILED',
        `The server at ${place} refused the password of user "${target.user}".`,
        'Check the password in the database URL. A character of it that means something in a URL is written as %40, %3A, …',
      ];
    case sqlstate.invalidAuthorization:
      return [
        'AUTHENTICATION_FAILED',
        `The server at ${place} does not let user "${target.user}" into database "${target.database}": ${messageOf(cause)}.`,
        target.encrypted
          ? "Check the user's name, and the server's pg_hba.conf."
          : "Check the user's name, and the server's pg_hba.conf. Where the server demands encryption, add ?sslmode=require to the URL.",
      ];
    case sqlstate.databaseDoesNotExist:
      return [
        'DATABASE_MISSING',
        `There is no database "${target.database}" on the server at ${place}.`,
        `Check its name in the URL, or create it: createdb -h ${target.host} -p ${target.port} -U ${shellWord(target.user)} ${shellWord(target.database)}`,
      ];
    case sqlstate.insufficientPrivilege:
      if (target.role !== null && routineOf(cause) !== 'CheckMyDatabase' && routineOf(cause) !== 'InitPostgres') {
        return [
          'PERMISSION_DENIED',
          `User "${target.user}" may not work as role "${target.role}": ${messageOf(cause)}.`,
          `Make it a member: GRANT ${quoteIdentifier(target.role)} TO ${quoteIdentifier(target.user)};`,
        ];
      }
      return [
        'PERMISSION_DENIED',
        `User "${target.user}" may not connect to database "${target.database}" at ${place}.`,
        `As the database's owner, run: GRANT CONNECT ON DATABASE ${quoteIdentifier(target.database)} TO ${quoteIdentifier(target.user)};`,
      ];
    case sqlstate.tooManyConnections:
      return [
        'CONNECTION_FAILED',
        `The server at ${place} takes no more connections.`,
        "Close some sessions, raise max_connections (or the role's or the database's CONNECTION LIMIT), and try again.",
      ];
    case sqlstate.cannotConnectNow:
      return ['CONNECTION_FAILED', `The server at ${place} is starting up or shutting down.`, 'Try again in a moment.'];
    case null:
      return null;
    default:
      return [
        'CONNECTION_FAILED',
        `The server at ${place} refused the connection: ${messageOf(cause)}.`,
        "The server's log says more. Where a pooler stands in between, use the server's direct URL.",
      ];
  }
}

/** Node's codes of sockets, names and certificates. */
function reportedBySystem(cause: unknown, target: Target): Explanation | null {
  const place = placeOf(target);
  const code = nodeCode(cause);
  switch (code) {
    case null:
      return null;
    case 'ECONNREFUSED':
      return [
        'CONNECTION_FAILED',
        `Nothing listens at ${place}: the connection was refused.`,
        'Is the server running, and are host and port right? Without a server, add --embedded.',
      ];
    case 'ENOENT':
      return [
        'CONNECTION_FAILED',
        `There is no server's socket in ${target.host} for port ${target.port}.`,
        'Is the server running, and is this its unix_socket_directories?',
      ];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        'CONNECTION_FAILED',
        `The name "${target.host}" could not be resolved (DNS).`,
        'Check the host in the database URL, and that this machine can resolve names.',
      ];
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [
        'CONNECTION_FAILED',
        `${place} does not answer: ${code === 'ETIMEDOUT' ? 'the connection timed out' : 'there is no route to it'}.`,
        'Check host and port, and that no firewall stands between this machine and the server.',
      ];
    default:
      return [
        'CONNECTION_FAILED',
        `The connection to ${place} failed: ${code}.`,
        code.includes('CERT') || code.includes('TLS') || code.includes('SSL') || code === 'DEPTH_ZERO_SELF_SIGNED_CERT'
          ? "The server's certificate could not be verified: add sslrootcert=<file> to the URL, or use sslmode=require, which encrypts without verifying."
          : 'Check host, port and sslmode in the database URL.',
      ];
  }
}

/** Errors that carry no code at all: told apart by what had happened before, never by their text. */
function reportedByDriver(cause: unknown, target: Target, circumstances: ConnectionCircumstances): Explanation {
  const place = placeOf(target);
  if (circumstances.timedOut) {
    return [
      'CONNECTION_FAILED',
      `${place} does not answer: the connection timed out.`,
      'Check host and port, and that no firewall stands between this machine and the server.',
    ];
  }
  // A server that crashes, or a network that is cut, in the middle of the authentication says nothing about the password.
  if (circumstances.passwordAskedFor && !circumstances.brokenOff) {
    return [
      'AUTHENTICATION_FAILED',
      `The server at ${place} asks for a password, and user "${target.user}" could not be authenticated.`,
      'Put the password into the database URL, into PGPASSWORD, or into ~/.pgpass.',
    ];
  }
  return [
    'CONNECTION_FAILED',
    `The connection to ${place} failed: ${messageOf(cause)}.`,
    target.encrypted
      ? 'Where the server does not offer encryption, use sslmode=disable in the URL.'
      : 'Is it a Postgres server that listens there? Where it demands encryption, add ?sslmode=require to the URL.',
  ];
}

/** The server's function that refused: a setting at the start is told from the database by nothing else. */
function routineOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('routine' in error)) return null;
  return typeof error.routine === 'string' ? error.routine : null;
}

function nodeCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\.$/, '');
}

function shellWord(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
