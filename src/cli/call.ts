/**
 * One call of a verb: what the person asked for, and the ways to answer. Verbs get this and nothing else of the outside.
 *
 * Where text goes: with `--json`, stdout carries one JSON document and everything else goes to stderr; without it, stdout
 * carries the text. `--quiet` leaves out what tells of progress, never a result and never an error.
 */
import { Chalk } from 'chalk';
import type { Config } from '../config.ts';
import { MigrateError, type ExitCode } from '../errors.ts';
import type { Look } from '../report/paint.ts';
import type { SetFlag } from './set-flag.ts';
import type { Stream, Terminal } from './terminal.ts';

export type GlobalFlags = {
  readonly databaseUrl?: string;
  readonly role?: string;
  readonly embedded?: boolean;
  readonly embeddedDir?: string;
  readonly dir?: string;
  readonly config?: string;
  readonly env?: string;
  readonly set?: SetFlag;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly color?: boolean;
  readonly logFormat?: 'text' | 'json';
  readonly notify?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
};

/** The flags of one verb, by the name that commander gives them (`--pg-version` is `pgVersion`). */
export type OwnFlags = Readonly<Record<string, unknown>>;

export type Call = {
  readonly terminal: Terminal;
  readonly args: readonly string[];
  readonly flags: GlobalFlags;
  readonly own: OwnFlags;
  readonly config: Config;
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** How text on the stream of `say` looks. */
  readonly look: Look;
  /** A result for people; not shown with `--json`. Ends with a line feed. */
  readonly print: (text: string) => void;
  /** What is going on; not shown with `--quiet`. */
  readonly say: (text: string) => void;
  /** The stream of `say`. */
  readonly progress: Stream;
  /** The result as data: the one document of `--json`, nothing otherwise. */
  readonly result: (value: unknown) => void;
};

export type Verb = {
  readonly name: string;
  /** `<name>` or `[files...]`, as commander writes arguments. */
  readonly arguments?: string;
  readonly summary: string;
  readonly description: string;
  readonly options: readonly VerbOption[];
  /** Command and what it is good for. */
  readonly examples: readonly (readonly [string, string])[];
  /** Verbs of its own, as in `migrate backfill status`; the first one is meant when none is named. */
  readonly parts?: readonly Verb[];
  /** Looks further than this file only when it is called, so that `--help` loads nothing. */
  readonly run: (call: Call) => Promise<ExitCode>;
};

export type VerbOption = {
  readonly flags: string;
  readonly text: string;
  readonly choices?: readonly string[];
  /** Turns the text into a value or throws BAD_USAGE; `before` is what the same option gave earlier in the command. */
  readonly parse?: (text: string, before: unknown) => unknown;
};

/** A whole number from the command line. */
export function wholeNumber(flag: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new MigrateError('BAD_USAGE', `${flag} takes a whole number, ${least} or more, not "${text}".`, {
      hint: `Write it like this: ${flag} ${Math.max(least, 1)}`,
    });
  };
}

/** A number from the command line that need not be whole. */
export function number(flag: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= least) return value;
    throw new MigrateError('BAD_USAGE', `${flag} takes a number, ${least} or more, not "${text}".`, {
      hint: `Write it like this: ${flag} ${Math.max(least, 1.5)}`,
    });
  };
}

export function textFlag(own: OwnFlags, name: string): string | undefined {
  const value = own[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberFlag(own: OwnFlags, name: string): number | undefined {
  const value = own[name];
  return typeof value === 'number' ? value : undefined;
}

export function hasFlag(own: OwnFlags, name: string): boolean {
  return own[name] === true;
}

const widestText = 100; // longer lines are hard to read, however wide the terminal is
const narrowestText = 60;

/** Colours and width for a stream. A NO_COLOR that is not empty switches colours off (https://no-color.org). */
export function lookOf(stream: Stream, flags: GlobalFlags, env: Terminal['env']): Look {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0';
  const refused = flags.color === false || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const colours = !refused && (stream.isTty || forced);
  return {
    paint: new Chalk({ level: colours ? 1 : 0 }),
    width: Math.max(narrowestText, Math.min(stream.columns, widestText)),
  };
}
