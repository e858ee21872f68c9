/**
 * An error for people: what happened, why (who blocks, what the server said), and what to do now, in that order.
 *
 * An error that is not ours is a fault of ours: it is shown with its stack, so that it can be reported. Passwords are
 * taken out of everything, also of what a driver wrote into its message.
 */
import { MigrateError, redactPasswords } from '../errors.ts';
import type { Look } from './paint.ts';
import { wrap } from './wrap.ts';

export type ErrorTextOptions = Look & {
  /** The chain of causes with their stacks. */
  readonly verbose?: boolean;
};

export function errorText(error: unknown, options: ErrorTextOptions): string {
  const { paint, width, verbose = false } = options;
  const lines: string[] = [];
  if (error instanceof MigrateError) {
    const [first = '', ...rest] = wrap(error.message, width, '  ', 'Error: ');
    lines.push(paint.red.bold('Error:') + first.slice('Error:'.length), ...rest);
    lines.push(...causeLines(error, options));
    if (error.hint !== null) lines.push('', ...wrap(error.hint, width));
    if (verbose) lines.push('', paint.dim(`Code ${error.code}, exit code ${error.exitCode}`), ...stackLines(error));
  } else {
    lines.push(paint.red.bold('This is a fault of onward, not of your migration:'), ...stackLines(error));
    lines.push(
      '',
      ...wrap(
        'Please report it with the lines above. What was recorded before it is safe; run the command again.',
        width,
      ),
    );
  }
  return `${redactPasswords(lines.join('\n'))}\n`;
}

/** What the driver or the server said, where our own message does not say it already. */
function causeLines(error: MigrateError, { width, paint, verbose = false }: ErrorTextOptions): readonly string[] {
  const lines: string[] = [];
  for (let cause = error.cause, depth = 0; cause instanceof Error && depth < 3; cause = cause.cause, depth += 1) {
    // What the system said about a file or a socket is in our own words already.
    if (!verbose && (!isFromServer(cause) || error.code === 'LOCK_NOT_OBTAINED')) continue;
    const said = [cause.message, ...serverFields(cause)].filter((text) => text !== '' && !error.message.includes(text));
    for (const text of said) lines.push(...wrap(text, width, '  ').map((line) => paint.dim(line)));
  }
  return lines;
}

/** An error that Postgres reported has an SQLSTATE. */
function isFromServer(cause: Error): boolean {
  return 'code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code) && 'severity' in cause;
}

/** DETAIL, HINT and WHERE of an error that the server sent. */
function serverFields(cause: Error): readonly string[] {
  return (['detail', 'hint', 'where'] as const).flatMap((field) => {
    const value: unknown = Reflect.get(cause, field);
    return typeof value === 'string' && value !== '' ? [`${field.toUpperCase()}: ${value}`] : [];
  });
}

function stackLines(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = (error.stack ?? `${error.name}: ${error.message}`).split('\n');
  return error.cause === undefined ? own : [...own, 'caused by:', ...stackLines(error.cause)];
}

export type ErrorJson = {
  readonly error: {
    readonly code: string;
    readonly exitCode: number;
    readonly message: string;
    readonly hint: string | null;
    readonly details: unknown;
    readonly cause: string | null;
  };
};

/** The same as data, for `--json`. */
export function errorJson(error: unknown): ErrorJson {
  if (error instanceof MigrateError) {
    return {
      error: {
        code: error.code,
        exitCode: error.exitCode,
        message: redactPasswords(error.message),
        hint: error.hint === null ? null : redactPasswords(error.hint),
        details: redactDeep(error.details),
        cause: error.cause instanceof Error ? redactPasswords(error.cause.message) : null,
      },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    error: { code: 'INTERNAL', exitCode: 1, message: redactPasswords(message), hint: null, details: {}, cause: null },
  };
}

function redactDeep(value: unknown): unknown {
  if (typeof value === 'string') return redactPasswords(value);
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(redactDeep);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactDeep(inner)]));
}
